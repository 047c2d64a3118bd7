# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pwd

from ansible_collections.homelab.media.plugins.modules.media_identity import main

from tests.unit.real_host import with_own_etc
from tests.unit.run_module import run_module

WANTED = {"user": "mediatest", "group": "mediatest", "uid": 61234, "gid": 61235}


def test_made_told_and_then_left_alone(tmp_path):
    def work():
        planned = run_module(main, WANTED, check=True)
        assert planned["changed"]
        assert not [entry for entry in pwd.getpwall() if entry.pw_name == "mediatest"]
        made = run_module(main, WANTED)
        assert made["diff"] == planned["diff"]
        assert made["diff"][1]["after"] == "uid 61234, group 61235, no login, no home\n"
        assert made["identity"] == WANTED
        assert pwd.getpwnam("mediatest").pw_uid == 61234
        again = run_module(main, WANTED)
        assert (again["changed"], again["diff"]) == (False, [])

    with_own_etc(work, tmp_path / "etc")


def test_root_is_refused():
    answer = run_module(main, {**WANTED, "uid": 0})
    assert answer["failed"]
    assert "uid: is 0, which is root" in answer["msg"]
