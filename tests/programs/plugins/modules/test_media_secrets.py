# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.homelab.media.plugins.modules.media_secrets import main

from tests.unit.real_host import need_root, snapshot
from tests.unit.run_module import run_module

GIVEN = "quite-unmistakable-4711"
CHECKOUT = Path(__file__).parents[4]


@pytest.fixture
def wanted(tmp_path):
    need_root()
    secrets = [{"name": "key", "kind": "hex"}, {"name": "password", "kind": "alnum", "value": GIVEN}]
    return {"path": f"{tmp_path}/secrets", "secrets": secrets}


def test_made_told_and_then_left_alone(wanted, tmp_path):
    before = snapshot(tmp_path)
    planned = run_module(main, wanted, check=True)
    assert snapshot(tmp_path) == before
    made = run_module(main, wanted)
    assert made["diff"] == planned["diff"]
    assert made["secrets"] == {"key": f"{tmp_path}/secrets/key", "password": f"{tmp_path}/secrets/password"}
    assert (tmp_path / "secrets/password").read_text() == GIVEN
    assert not run_module(main, wanted)["changed"]


def test_a_name_twice_is_refused(wanted):
    answer = run_module(main, {**wanted, "secrets": [*wanted["secrets"], {"name": "key", "kind": "uuid"}]})
    assert answer["failed"]
    assert "'key' is there more than once" in answer["msg"]


def test_no_secret_leaves_the_host_by_way_of_ansible(wanted, tmp_path):
    """The real ansible, as talkative as it gets; the same run without no_log would show the value (see the control)."""
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / "collections"),
        "ANSIBLE_LOCAL_TEMP": str(tmp_path / "tmp"),
        "ANSIBLE_REMOTE_TEMP": str(tmp_path / "tmp"),
        "ANSIBLE_LOG_PATH": str(tmp_path / "log"),
        "ANSIBLE_NOCOLOR": "1",
    }
    ansible = [str(Path(sys.executable).with_name("ansible")), "localhost", "-i", "localhost,", "-c", "local", "-vvvv"]
    # As JSON: a path may have a space in it.
    ansible += ["--diff", "-e", json.dumps({"ansible_python_interpreter": sys.executable})]

    def run(module: str, arguments: dict) -> str:
        command = [*ansible, "-m", module, "-a", json.dumps(arguments)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert "CHANGED" in done.stdout, done.stdout + done.stderr
        return done.stdout + done.stderr + (tmp_path / "log").read_text()

    # The value comes from a file, as from a vault: an argument on the command line would be shown by ansible itself.
    (tmp_path / "given").write_text(GIVEN)
    lookup = "{{ lookup('ansible.builtin.file', '" + str(tmp_path / "given") + "') }}"
    wanted["secrets"][1]["value"] = lookup
    told = run("homelab.media.media_secrets", wanted)
    assert (tmp_path / "secrets/password").read_text() == GIVEN
    assert "secret as given" in told
    assert GIVEN not in told
    assert (tmp_path / "secrets/key").read_text() not in told

    control = run("ansible.builtin.copy", {"content": lookup, "dest": str(tmp_path / "copy")})
    assert GIVEN in control
