# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.homelab.media.plugins.filter.media_layout import media_layout
from ansible_collections.homelab.media.plugins.modules.media_tree import main

from tests.unit.real_host import need_root, snapshot, tmpfs
from tests.unit.run_module import run_module


@pytest.fixture
def wanted(tmp_path):
    need_root()
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_mode & 0o001 == 0:
            folder.chmod(folder.stat().st_mode | 0o011)
    data = f"{tmp_path}/data"
    proof = {"downloads": f"{data}/usenet/complete", "library": f"{data}/media", "uid": 61234, "gid": 61235}
    return {"entries": media_layout(data, ["tv"], uid=61234, gid=61235), "link_proof": proof}


def test_made_told_and_then_left_alone(wanted, tmp_path):
    before = snapshot(tmp_path)
    planned = run_module(main, wanted, check=True)
    assert snapshot(tmp_path) == before
    made = run_module(main, wanted)
    assert made["diff"] == planned["diff"]
    assert made["diff"][0]["after"] == "directory, owner 61234, group 61235, mode 2775\n"
    assert (tmp_path / "data/media/tv").stat().st_gid == 61235
    assert not run_module(main, wanted)["changed"]


def test_repair_is_one_counted_change(wanted, tmp_path):
    run_module(main, wanted)
    (tmp_path / "data/media/tv/a.mkv").write_text("a")
    assert not run_module(main, wanted)["changed"]
    (change,) = run_module(main, {**wanted, "repair": True})["diff"]
    assert change["before_header"] == f"{tmp_path}/data/media/tv (contents)"
    assert change["before"].startswith("1 of 1 with another owner, group or mode\n")


def test_a_missing_mount_and_a_second_file_system_fail(wanted, tmp_path):
    answer = run_module(main, {**wanted, "mounts": [f"{tmp_path}/data"]})
    assert answer["failed"]
    assert "is not mounted" in answer["msg"]
    (tmp_path / "data/media").mkdir(parents=True)
    with tmpfs(tmp_path / "data/media"):
        answer = run_module(main, wanted)
    assert answer["failed"]
    assert f"mount {tmp_path}/data/media (media-test, tmpfs" in answer["msg"]


def test_a_mode_without_quotes_is_refused(tmp_path):
    answer = run_module(main, {"entries": [{"path": f"{tmp_path}/a", "mode": 0o755}]})
    assert answer["failed"]
    assert 'mode 493 is not octal text. Expected: a quoted octal mode such as "0755".' in answer["msg"]
