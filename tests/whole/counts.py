# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many tests a runner says have passed and failed."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
_GATES = re.compile(r"^gates: (\d+) passed, (\d+) failed$", re.MULTILINE)
# "=== 1 failed, 12 passed in 3.45s ===", or the same with less around it.
_PYTEST = re.compile(r"^[= ]*((?:\d+ [a-z]+, )*\d+ [a-z]+) in [\d.]+s\b.*$", re.MULTILINE)
# "vpn    : actions=11  successful=10  disabled=0  skipped=0  missing=0  failed=1"
_MOLECULE = re.compile(r"^\S+\s*: actions=\d+ .*$", re.MULTILINE)


@dataclass(frozen=True)
class Counts:
    """What passed and what did not."""

    passed: int = 0
    failed: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.passed + other.passed, self.failed + other.failed)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed"


def of_gates(output: str) -> Counts:
    """Read the closing line of tests.gates."""
    found = _GATES.findall(output)
    return Counts(*map(int, found[-1])) if found else Counts()


def of_pytest(output: str) -> Counts:
    """Read pytest's closing line. What was skipped has not passed."""
    closing = "".join(_PYTEST.findall(_ESCAPES.sub("", output))[-1:])
    words = {kind.rstrip("s"): int(number) for number, kind in re.findall(r"(\d+) ([a-z]+)", closing)}
    return Counts(words.get("passed", 0), words.get("failed", 0) + words.get("error", 0))


def of_molecule(output: str) -> Counts:
    """Add up the steps of all scenarios in Molecule's recap."""
    total = Counts()
    for line in _MOLECULE.findall(_ESCAPES.sub("", output)):
        states = {state: int(number) for state, number in re.findall(r"(\w+)=(\d+)", line)}
        total += Counts(states.get("successful", 0), states.get("failed", 0))
    return total


def judged(counts: Counts, code: int) -> Counts:
    """Return the counts with a failure in them if the runner ended badly, or ran nothing at all."""
    well = code == 0 and counts.passed > 0
    return counts if well else Counts(counts.passed, max(counts.failed, 1))
