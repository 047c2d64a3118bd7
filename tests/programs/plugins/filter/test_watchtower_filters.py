# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The declaration of the maintenance role as Ansible works it out, with nobody to tell and with somebody."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import declaration, watchtower

ROLE = Path(__file__).parents[4] / "roles" / "maintenance"
PLAY = """
- hosts: localhost
  gather_facts: false
  vars_files: [{role}/defaults/main.yml, {role}/vars/main.yml]
  tasks:
    - ansible.builtin.debug:
        msg:
          declaration: "{{{{ __maintenance_declaration }}}}"
          addresses: "{{{{ __maintenance_addresses }}}}"
          lines: "{{{{ lookup('template', '{role}/templates/watchtower-addresses.j2') }}}}"
"""
SHARED = {
    "media_umask": "002", "media_root": "/opt/media", "media_data": "/data", "media_timezone": "Europe/Berlin",
    "media_domain": "media.test", "media_project": "media",
}  # fmt: skip
HOOK = {"name": "hook", "type": "webhook", "url": "https://hooks.media.test/x?a=1"}
PHONE = {"name": "my-phone", "type": "ntfy", "topic": "secret-topic", "token": "tk_{{7*7}}%x"}


def worked_out(tmp_path: Path, **told: Any) -> dict[str, Any]:
    play = tmp_path / "play.yml"
    play.write_text(PLAY.format(role=ROLE))
    variables = tmp_path / "variables.yml"
    # A secret with braces in it, as a vault may hold one: Ansible's own mark says that it is no template.
    variables.write_text(json.dumps({**SHARED, **told}).replace('"tk_', '!unsafe "tk_'))
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "localhost,", "-c", "local", str(play)]
    root = ROLE.parents[1]
    environment = {"ANSIBLE_CONFIG": str(root / "ansible.cfg"), "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"}
    done = subprocess.run(
        [*command, "--extra-vars", f"@{variables}"],
        env={**os.environ, **environment}, cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["plays"][0]["tasks"][0]["hosts"]["localhost"]["msg"]
    return found


def test_with_nobody_to_tell(tmp_path: Path) -> None:
    found = worked_out(tmp_path)
    told = found["declaration"]
    assert told["problems"] == []
    assert declaration.declaration_problems("maintenance", told) == []
    assert set(told["secrets"]) == {"maintenance_watchtower_token"}
    assert found["lines"].strip() == ""
    assert told["services"]["unpackerr"]["x-media"]["egress"] == "none"
    service = told["services"]["watchtower"]
    assert service["volumes"] == ["/var/run/docker.sock:/var/run/docker.sock"]
    assert not [name for name in service["environment"] if "NOTIFICATION" in name]
    assert told["todo"][0]["service"] == "watchtower"


@pytest.mark.parametrize("variable", ["monitoring_receivers", "maintenance_receivers"])
def test_those_who_are_told_of_alerts_are_told_here_too(tmp_path: Path, variable: str) -> None:
    found = worked_out(tmp_path, **{variable: [HOOK, PHONE]})
    told = found["declaration"]
    assert told["problems"] == []
    names = {f"maintenance_{program}_{who}" for program in ("watchtower", "unpackerr") for who in ("hook", "my_phone")}
    assert set(found["addresses"]) == names
    assert set(told["secrets"]) == {"maintenance_watchtower_token", *names}
    assert found["lines"].split() == [
        "@@secret:maintenance_watchtower_hook@@", "@@secret:maintenance_watchtower_my_phone@@",
    ]  # fmt: skip
    assert told["services"]["unpackerr"]["x-media"]["egress"] == "direct"
    environment = told["services"]["watchtower"]["environment"]
    assert environment["WATCHTOWER_NOTIFICATION_URL"] == "/etc/watchtower/addresses"
    # Go's braces have come through Ansible's as they are.
    assert environment["WATCHTOWER_NOTIFICATION_TEMPLATE"] == watchtower.TEMPLATE
    assert "/opt/media/config/watchtower:/etc/watchtower:ro" in told["services"]["watchtower"]["volumes"]
    assert told["todo"] == []
    # Every secret can be looked up under the variable that it names, and no secret is anywhere else.
    assert found["addresses"]["maintenance_watchtower_my_phone"].startswith("ntfy://:tk_%7B%7B7%2A7%7D%7D%25x@ntfy.sh/")
    assert "secret-topic" not in json.dumps(told)
    assert "tk_" not in json.dumps(told)


def test_mistakes_are_told_under_the_variable_that_has_them(tmp_path: Path) -> None:
    wrong = [{**HOOK, "url": "nowhere"}]
    first = worked_out(tmp_path, maintenance_receivers=wrong)["declaration"]["problems"]
    assert [problem["variable"] for problem in first] == ["maintenance_receivers[0].url"]
    second = worked_out(tmp_path, monitoring_receivers=wrong)["declaration"]["problems"]
    assert [problem["variable"] for problem in second] == ["monitoring_receivers[0].url"]
