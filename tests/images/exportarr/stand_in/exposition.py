# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text that Prometheus reads."""

from __future__ import annotations


class ExpositionError(Exception):
    """Prometheus' own library refuses to tell this."""


class Families:
    """Gauges by their name; every series carries the address of the application."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._families: dict[str, tuple[str, dict[str, float]]] = {}

    def add(self, name: str, about: str, value: float, **labels: str) -> None:
        self.add_bare(name, about, value, url=self.url, **labels)

    def add_bare(self, name: str, about: str, value: float, **labels: str) -> None:
        _about, series = self._families.setdefault(name, (about, {}))
        inner = ",".join(f'{key}="{_escaped(text)}"' for key, text in sorted(labels.items()))
        # As upstream: two folders with one path, or two equal health issues, and nothing at all is told.
        if inner in series:
            raise ExpositionError(
                f"collected metric {name} {{ {inner} }} was collected before with the same name and label values"
            )
        series[inner] = value

    def text(self) -> str:
        lines = []
        for name, (about, series) in sorted(self._families.items()):
            lines += [f"# HELP {name} {about}", f"# TYPE {name} gauge"]
            lines += [f"{name}{{{inner}}} {_number(value)}" for inner, value in sorted(series.items())]
        return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
