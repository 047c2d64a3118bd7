# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a runner says has failed, in a few lines: for the end of the run, which is all that some CI shows."""

from __future__ import annotations

import re
from collections.abc import Iterator

#: No more of one stage, or the next one's would be out of sight.
MOST = 40
#: Of what one gate says.
MOST_OF_A_GATE = 15

_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
# "FAILED tests/unit/test_x.py::test_y - AssertionError: ...", also "ERROR tests/...".
_PYTEST = re.compile(r"(?:FAILED|ERROR) \S")
# "ruff           FAILED     0.3 s", and any line that begins like it.
_GATE = re.compile(r"\S+ +(?P<verdict>FAILED|ok) +[\d.]+ s\b")
_END_OF_GATES = re.compile(r"gates: \d+ passed, \d+ failed$")
# "vpn    : actions=11  successful=10  disabled=0  skipped=0  missing=0  failed=1"
_MOLECULE = re.compile(r"\S+\s*: actions=.*failed=[1-9]")
# What Ansible says of the task, below Molecule.
_ANSIBLE = re.compile(r"(?:fatal: |CRITICAL|\[ERROR\]: )")


def told(output: str) -> list[str]:
    """Return the lines of a runner's output that name what has failed."""
    found = list(_lines(_ESCAPES.sub("", output)))
    return found if len(found) <= MOST else [*found[:MOST], f"... and {len(found) - MOST} lines more"]


def _lines(output: str) -> Iterator[str]:
    left = 0
    for line in output.splitlines():
        if gate := _GATE.match(line):
            left = MOST_OF_A_GATE + 1 if gate["verdict"] == "FAILED" else 0
        elif _END_OF_GATES.match(line):
            left = 0
        if left > 0:
            left -= 1
            yield line
        elif any(pattern.match(line) for pattern in (_PYTEST, _MOLECULE, _ANSIBLE)):
            yield line
