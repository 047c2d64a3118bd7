# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.bed import lock
from tests.bed.shell import ROOT

SECOND = """
import pathlib, sys
from tests.bed import lock
with lock.held(pathlib.Path(sys.argv[1])):
    print("mine", flush=True)
"""


def test_a_second_command_waits_for_the_first(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    command = [sys.executable, "-c", SECOND, str(file)]
    with lock.held(file):
        second = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert second.stdout is not None
        assert "waiting" in second.stdout.readline()
        assert second.poll() is None
    said, _errors = second.communicate(timeout=10)
    assert (said, second.returncode) == ("mine\n", 0)


def test_nobody_waits_for_one_that_has_ended(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SECOND, str(tmp_path / "lock")]
    for _again in range(2):
        assert subprocess.check_output(command, cwd=ROOT, text=True, timeout=10) == "mine\n"
