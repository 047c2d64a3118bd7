# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The trials share one demo host, made anew as `make demo` makes it. What they measure is told at the end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.bed import addresses as at
from tests.bed import host as bed_host
from tests.bed.shell import ROOT
from tests.trials.demo import Demo
from tests.trials.play import play

FIGURES: list[str] = []


@pytest.fixture(scope="session")
def figures() -> list[str]:
    """What a trial appends here is told at the end of the run."""
    return FIGURES


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if FIGURES:
        terminalreporter.section("figures")
        for line in FIGURES:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def demo(figures: list[str]) -> Iterator[Demo]:
    """A demo host, fresh unless MEDIA_TRIALS_KEEP says to use the one that runs, and to leave it."""
    keep = "MEDIA_TRIALS_KEEP" in os.environ
    if not keep:
        bed_host.remove(at.DEMO_NAME)
        begun = time.monotonic()
        command = ["make", "demo"]
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        figures.append(f"make demo: exit {done.returncode} after {time.monotonic() - begun:.0f} s")
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
        figures.extend(line for line in done.stdout.splitlines() if " healthy " in line)
    else:
        assert play("site.yml").code == 0
    found = bed_host.find(at.DEMO_NAME)
    assert found is not None
    yield Demo(found)
    if not keep:
        subprocess.run(["make", "demo-down"], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=True)
