# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a part of the collector has found, and how it says that it cannot."""

from __future__ import annotations

from typing import Any

from .exposition import METRICS, Sample, Value


class Trouble(Exception):
    """Something cannot be told. The text goes to the journal, and never holds a secret."""


class Findings:
    """The samples of one part, and its facts for health.json. What is in it counts, whatever comes after."""

    def __init__(self) -> None:
        self.samples: list[Sample] = []
        self.facts: dict[str, Any] = {}

    def add(self, name: str, value: Value, **labels: str) -> None:
        """Add a sample of one of the known metrics."""
        if name not in METRICS:
            raise KeyError(name)
        self.samples.append(Sample(name, value, tuple(sorted(labels.items()))))

    def tell(self, name: str, fact: Any) -> None:
        """Add a fact. It is not changed any more from here on."""
        self.facts[name] = fact
