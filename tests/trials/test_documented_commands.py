# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands of README and handbook that nothing else runs, typed on the demo as a person types them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.handbook import commands
from tests.handbook.commands import ROOT, Known
from tests.trials.demo import Demo

pytestmark = pytest.mark.long

TOOLS = Path(sys.executable).parent
SETTINGS = {
    **os.environ,
    "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
    "ANSIBLE_NOCOLOR": "1",
    "PATH": f"{TOOLS}:{os.environ['PATH']}",
}


Typing = Callable[[Demo, str], subprocess.CompletedProcess[str]]


def on_the_controller(_demo: Demo, command: str) -> subprocess.CompletedProcess[str]:
    return _run(["sh", "-c", command])


def on_the_host(demo: Demo, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command as root in the folder of the Compose project."""
    return _run(["docker", "exec", "--workdir", "/opt/media", demo.host.name, "sh", "-c", command])


@pytest.fixture(scope="module")
def well(demo: Demo) -> Iterator[Demo]:
    """The demo, which is as it was when the commands are through."""
    yield demo
    demo.wait_until_well()


@pytest.mark.parametrize("known", commands.run_at("controller"), ids=lambda known: known.text)
def test_a_command_on_a_persons_own_machine(well: Demo, known: Known) -> None:
    typed(well, known, on_the_controller)


@pytest.mark.parametrize("known", commands.run_at("host"), ids=lambda known: known.text)
def test_a_command_on_the_host(well: Demo, known: Known) -> None:
    typed(well, known, on_the_host)


def typed(demo: Demo, known: Known, run: Typing) -> None:
    """Type a command, look at what it says, and put back what it did."""
    try:
        done = run(demo, commands.demonstrated(known))
        told = done.stdout + done.stderr
        assert done.returncode in known.code, told
        assert re.search(known.says, told, re.MULTILINE), told
    finally:
        if known.undo:
            undone = run(demo, known.undo)
            assert undone.returncode == 0, undone.stderr


def _run(words: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words,
        cwd=ROOT,
        env=SETTINGS,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
