# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Counters and their page."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler

_HELP = {
    "authelia_request": "The number of HTTP requests processed.",
    "authelia_authz": "The number of authz requests processed.",
    "authelia_authn": "The number of 1FA authentications processed.",
    "authelia_authn_second_factor": "The number of 2FA authentications processed.",
    "authelia_authn_passkey": "The number of Passkey authentications processed.",
}
_TIMED = ("authelia_request_duration", "authelia_authn_duration")
_BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 10, 30, 60, float("inf"))

_Labels = tuple[tuple[str, str], ...]


class Metrics:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, _Labels]] = Counter()
        self._below: dict[tuple[str, _Labels], list[int]] = {}
        self._sums: dict[tuple[str, _Labels], float] = {}

    def count(self, name: str, **labels: object) -> None:
        with self._lock:
            self._counts[name, _labels(labels)] += 1

    def took(self, name: str, seconds: float, **labels: object) -> None:
        with self._lock:
            key = name, _labels(labels)
            below = self._below.setdefault(key, [0] * len(_BOUNDS))
            for at, bound in enumerate(_BOUNDS):
                below[at] += seconds <= bound
            self._sums[key] = self._sums.get(key, 0.0) + seconds

    def page(self) -> str:
        with self._lock:
            lines: list[str] = []
            for name, about in _HELP.items():
                found = {labels: number for (called, labels), number in self._counts.items() if called == name}
                if found:
                    lines += [f"# HELP {name} {about}", f"# TYPE {name} counter"]
                    lines += [f"{name}{_written(labels)} {number}" for labels, number in sorted(found.items())]
            for name in _TIMED:
                found_times = {labels: below for (called, labels), below in self._below.items() if called == name}
                if found_times:
                    lines += [f"# HELP {name} The time in seconds.", f"# TYPE {name} histogram"]
                for labels, below in sorted(found_times.items()):
                    for bound, number in zip(_BOUNDS, below):
                        le = "+Inf" if bound == float("inf") else f"{bound:g}"
                        lines.append(f"{name}_bucket{_written((*labels, ('le', le)))} {number}")
                    lines.append(f"{name}_sum{_written(labels)} {self._sums[name, labels]:g}")
                    lines.append(f"{name}_count{_written(labels)} {below[-1]}")
        return "\n".join(lines) + "\n"


def _labels(labels: Mapping[str, object]) -> _Labels:
    return tuple(
        sorted((name, str(value).lower() if isinstance(value, bool) else str(value)) for name, value in labels.items())
    )


def _written(labels: _Labels) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels) + "}" if labels else ""


class Handler(BaseHTTPRequestHandler):
    """Serves the page under the configured path and nothing else."""

    metrics: Metrics
    path_served = "/metrics"
    timeout = 60

    def do_GET(self) -> None:
        known = self.path.partition("?")[0] == self.path_served
        body = self.metrics.page().encode() if known else b"404 Not Found"
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return
