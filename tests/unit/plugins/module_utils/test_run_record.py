# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the host remembers of its runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.homelab.media.plugins.module_utils import run_record

from tests.unit.real_host import need_root


def test_a_run_without_an_end_is_told_from_one_that_ended(tmp_path: Path) -> None:
    need_root()
    run_record.begin(str(tmp_path))
    first = run_record.read(str(tmp_path))
    assert first["finished"] is None
    assert set(first) == {"started", "finished", "changed", "changing_runs", "failed"}, "what the collector reads"
    ended = run_record.end(str(tmp_path), 3)
    assert ended["finished"] >= ended["started"]
    assert json.loads((tmp_path / "converge.json").read_text()) == ended
    run_record.begin(str(tmp_path))
    cut = run_record.read(str(tmp_path))
    assert cut["finished"] is None
    assert cut["changed"] == 3, "what the last one did is known until the next one ends"


def test_a_run_that_fails_is_told_until_the_next_one_begins(tmp_path: Path) -> None:
    need_root()
    run_record.begin(str(tmp_path))
    assert run_record.end(str(tmp_path), 1, failed=True)["failed"] is True
    run_record.begin(str(tmp_path))
    assert run_record.read(str(tmp_path))["failed"] is False


def test_runs_that_change_something_are_counted_until_one_does_not(tmp_path: Path) -> None:
    need_root()
    assert [run_record.end(str(tmp_path), changed)["changing_runs"] for changed in (5, 1, 0, 2)] == [1, 2, 0, 1]


@pytest.mark.parametrize("text", ["", "[1]", "{"])
def test_a_record_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "converge.json").write_text(text)
    assert run_record.read(str(tmp_path)) == {}


def test_the_changes_of_a_run_are_those_of_its_tasks() -> None:
    results = {
        "__stack_rendered": {"changed": True, "diff": [{}, {}, {}]},
        "__stack_up": {"changed": True},
        "__arr_wired": {"changed": False, "diff": []},
        "__proxy_wired": {"skipped": True},
        "__proxy_settings": {"proxy_image": "x"},
        "__text": "{{ changed }}",
    }
    assert run_record.changes_of(results) == 4
