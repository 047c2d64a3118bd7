# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run at a time, also where many begin at the same moment, and a dead one does not hold the host for ever."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ansible_collections.homelab.media.plugins.module_utils import run_lock
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(tmp_path / "lock")


def test_the_second_is_told_who_is_first(file: str) -> None:
    assert run_lock.take(file, "a", "laptop") == ""
    with pytest.raises(MediaError, match="converged by laptop"):
        run_lock.take(file, "b", "awx")
    found = run_lock.holder(file)
    assert found is not None
    assert found.name == "laptop"


def test_it_is_free_when_it_was_given_back(file: str) -> None:
    run_lock.take(file, "a", "laptop")
    assert not run_lock.give_back(file, "b"), "nobody gives back what another has"
    assert run_lock.give_back(file, "a")
    assert run_lock.holder(file) is None
    assert run_lock.take(file, "b", "awx") == ""


def test_who_has_it_keeps_it_and_is_heard_of(file: str) -> None:
    run_lock.take(file, "a", "laptop")
    first = run_lock.holder(file)
    time.sleep(0.01)
    assert run_lock.take(file, "a", "laptop") == ""
    second = run_lock.holder(file)
    assert first and second
    assert second.since == first.since
    assert second.heard > first.heard


def test_a_lock_of_which_nothing_is_heard_is_stale_and_that_is_said(file: str) -> None:
    run_lock.take(file, "a", "laptop")
    old = {**json.loads(Path(file).read_text()), "heard": time.time() - 3600}
    Path(file).write_text(json.dumps(old))
    assert "laptop was stale: nothing was heard of it for 60 min" in run_lock.take(file, "b", "awx")
    with pytest.raises(MediaError, match="awx"):
        run_lock.take(file, "a", "laptop")


def test_a_run_that_is_known_to_have_ended_holds_nobody_up(file: str) -> None:
    run_lock.take(file, "a", "laptop")
    with pytest.raises(run_lock.Busy) as refused:
        run_lock.take(file, "b", "awx", dead="c")
    assert refused.value.token == "a"
    assert "laptop was stale" in run_lock.take(file, "b", "awx", dead="a")


def test_a_step_that_takes_long_is_heard_of(file: str) -> None:
    lock = {"file": file, "token": "a", "name": "laptop"}
    with run_lock.kept(lock, beat=0.01):
        first = run_lock.holder(file)
        end = time.monotonic() + 10
        while run_lock.holder(file) == first and time.monotonic() < end:
            time.sleep(0.01)
        assert run_lock.holder(file) != first
    last = run_lock.holder(file)
    time.sleep(0.05)
    assert run_lock.holder(file) == last, "nothing is heard of a step that is over"


def test_a_step_of_a_run_that_has_lost_the_host_does_not_begin(file: str) -> None:
    run_lock.take(file, "b", "awx")
    with pytest.raises(MediaError, match="awx"), run_lock.kept({"file": file, "token": "a", "name": "laptop"}):
        pytest.fail("it began")


def test_what_is_done_in_one_step_lets_go_also_when_it_fails(file: str) -> None:
    with pytest.raises(ZeroDivisionError), run_lock.held("removal", file):
        with pytest.raises(MediaError, match="removal"):
            run_lock.take(file, "b", "awx")
        raise ZeroDivisionError
    assert run_lock.holder(file) is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"token": "a"}'])
def test_a_file_that_says_nothing_is_no_lock(file: str, content: str) -> None:
    Path(file).write_text(content)
    assert run_lock.take(file, "b", "awx") == ""


def test_of_many_that_begin_at_once_one_begins(file: str) -> None:
    def begin(number: int) -> bool:
        try:
            run_lock.take(file, str(number), f"run {number}")
        except MediaError:
            return False
        return True

    for _round in range(20):
        with ThreadPoolExecutor(16) as pool:
            begun = list(pool.map(begin, range(16)))
        assert begun.count(True) == 1
        assert run_lock.give_back(file, str(begun.index(True)))


def test_the_lock_is_for_root_alone(file: str) -> None:
    run_lock.take(file, "a", "laptop")
    assert Path(file).stat().st_mode & 0o777 == 0o600
