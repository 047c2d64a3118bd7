# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan to trust: from whatever state a host is in, a run does what check mode has announced, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.bed import addresses as at
from tests.bed import host as bed_host
from tests.bed.shell import ROOT
from tests.trials.demo import Demo
from tests.trials.play import changes, report
from tests.trials.states import STATES, State

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def first() -> Iterator[tuple[list[str], list[str]]]:
    """What was announced, and what was done, on a host that nobody had converged before."""

    def bed(what: str) -> None:
        command = [sys.executable, "-m", "tests.bed", what, at.DEMO_NAME]
        subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=True)

    bed_host.remove(at.DEMO_NAME)
    bed("up")
    announced = changes(report("site.yml", "--check", "--diff"))
    yield announced, changes(report("site.yml"))
    bed("down")


@pytest.fixture(scope="module")
def demo(request: pytest.FixtureRequest) -> Demo:
    """The host of the first run, or with MEDIA_TRIALS_KEEP the one that is there."""
    if "MEDIA_TRIALS_KEEP" not in os.environ:
        request.getfixturevalue("first")
    found = bed_host.find(at.DEMO_NAME)
    assert found is not None
    return Demo(found)


def test_what_is_announced_of_a_fresh_host_is_what_is_done(
    first: tuple[list[str], list[str]], figures: list[str]
) -> None:
    announced, done = first
    assert done == announced
    # Every service has its container to begin with.
    assert len([line for line in announced if line.endswith(": container made")]) >= 25
    figures.append(f"a fresh host: {len(announced)} announced, the same made")


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_what_is_announced_is_what_is_done(demo: Demo, state: State, figures: list[str]) -> None:
    state.disturb(demo)
    announced = changes(report("site.yml", "--check", "--diff", variables=state.variables))
    done = changes(report("site.yml", variables=state.variables))
    assert done == announced
    assert any(state.names in line for line in announced), announced
    figures.append(f"{state.name}: {len(announced)} announced, the same made")
