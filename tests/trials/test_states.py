# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan to trust: from whatever state a host is in, a run does what check mode has announced, and nothing else."""

from __future__ import annotations

import pytest

from tests.trials.demo import Demo
from tests.trials.play import changes, report
from tests.trials.states import STATES, State

pytestmark = pytest.mark.long


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_what_is_announced_is_what_is_done(demo: Demo, state: State, figures: list[str]) -> None:
    state.disturb(demo)
    announced = changes(report("site.yml", "--check", "--diff", variables=state.variables))
    done = changes(report("site.yml", variables=state.variables))
    assert done == announced
    assert any(state.names in line for line in announced), announced
    figures.append(f"{state.name}: {len(announced)} announced, the same made")
