# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of the collector, each with its time. They run side by side, and one that hangs is left behind."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .exposition import Sample
from .findings import Findings, Trouble


@dataclass(frozen=True)
class Part:
    """seconds: after these it is left behind, with what it has found by then."""

    name: str
    collect: Callable[[Findings], None]
    seconds: float


@dataclass(frozen=True)
class Result:
    """What came of a part. error: empty if all is told."""

    name: str
    error: str
    samples: list[Sample] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)


class _Running:
    def __init__(self, part: Part) -> None:
        self.part = part
        self.findings = Findings()
        self.error = ""
        # A daemon: the end of the program does not wait for it.
        self.thread = threading.Thread(target=self._collect, name=part.name, daemon=True)
        self.thread.start()

    def _collect(self) -> None:
        try:
            self.part.collect(self.findings)
        except Trouble as trouble:
            self.error = str(trouble)
        except Exception as error:  # whatever is wrong with one part, the others go on
            # Not its text, which may hold anything that the part was working with.
            place = traceback.extract_tb(error.__traceback__)[-1]
            self.error = f"{type(error).__name__} at {place.filename}:{place.lineno}"

    def result(self, end: float) -> Result:
        self.thread.join(max(0.0, end - time.monotonic()))
        error = f"no answer within {self.part.seconds:g} s" if self.thread.is_alive() else self.error
        # Copies: a part that is left behind may still find something.
        return Result(self.part.name, error, list(self.findings.samples), dict(self.findings.facts))


def run(parts: Sequence[Part]) -> list[Result]:
    """Run all parts at the same time and return what came of each."""
    begun = time.monotonic()
    running = [_Running(part) for part in parts]
    return [one.result(begun + one.part.seconds) for one in sorted(running, key=lambda one: one.part.seconds)]
