# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan to trust: from whatever state a host is in, a run does what check mode has announced, and nothing else."""

from __future__ import annotations

import pytest

from tests.trials.demo import Demo
from tests.trials.play import changes, report
from tests.trials.states import STATES, State


def test_from_a_fresh_host(demo: Demo, figures: list[str]) -> None:
    if demo.announced is None:
        pytest.skip("MEDIA_TRIALS_KEEP: this host is not fresh")
    announced, done = changes(demo.announced), changes(demo.done)
    assert done == announced
    assert len(announced) > 200
    figures.append(f"a fresh host: {len(announced)} changes announced, the same made")


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_what_is_announced_is_what_is_done(demo: Demo, state: State, figures: list[str]) -> None:
    state.disturb(demo)
    announced = changes(report("site.yml", "--check", "--diff", variables=state.variables))
    done = changes(report("site.yml", variables=state.variables))
    assert done == announced
    assert any(state.names in line for line in announced), announced
    figures.append(f"{state.name}: {len(announced)} announced, the same made")
