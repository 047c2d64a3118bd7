# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who a run is: the same in all of its tasks, known by a name, and known to be dead only where that is sure."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.plugin_utils import this_run

PLAY = SimpleNamespace(_uuid="1234-5678")


def token_of(process: int, machine: str = "") -> str:
    return f"{machine or socket.gethostname()}/{process}/1234-5678"


def test_it_is_the_same_in_all_tasks_of_a_play_and_in_no_other() -> None:
    assert this_run.token(PLAY) == this_run.token(PLAY)
    assert this_run.token(PLAY) != this_run.token(SimpleNamespace(_uuid="1234-5679"))


def test_it_is_that_of_the_process_which_has_forked_the_task() -> None:
    assert this_run.token(PLAY) == token_of(os.getppid())
    assert not this_run.is_dead(this_run.token(PLAY))


def test_a_process_that_is_gone_is_dead() -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"]) as ended:
        ended.wait()
    assert this_run.is_dead(token_of(ended.pid))


@pytest.mark.parametrize("other", [token_of(1), token_of(2**22 + 1, "elsewhere"), "", "a", "a/b/c"])
def test_nobody_else_is_known_to_be_dead(other: str) -> None:
    assert not this_run.is_dead(other)


@pytest.mark.parametrize(
    ("variables", "name"),
    [
        ({"awx_job_id": 12, "tower_job_id": 12}, "AWX's job 12"),
        ({"tower_job_id": "7"}, "AWX's job 7"),
        ({"semaphore_vars": {"task_details": {"id": 9}}}, "Semaphore's task 9"),
    ],
)
def test_a_scheduler_is_named(variables: dict[str, Any], name: str) -> None:
    assert this_run.name(variables) == name


@pytest.mark.parametrize("variables", [{}, {"semaphore_vars": "x"}, {"semaphore_vars": {"task_details": {}}}])
def test_anybody_else_is_a_user_of_a_machine(variables: dict[str, Any]) -> None:
    assert socket.gethostname() in this_run.name(variables)
