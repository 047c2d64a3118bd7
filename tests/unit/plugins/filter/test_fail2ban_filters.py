# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters of the fail2ban role, each under its name, and what its template makes of them."""

from __future__ import annotations

import configparser
import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

ROLE = Path(__file__).parents[4] / "roles" / "fail2ban"
SETTINGS: dict[str, Any] = {
    **yaml.safe_load((ROLE / "defaults" / "main.yml").read_text()),
    "media_root": "/opt/media",
    "media_timezone": "Etc/UTC",
    "media_lan_subnets": [],
    "media_ipv4_prefix": "10.213.0.0/16",
    "media_ipv6": False,
    "media_ipv6_prefix": "fd6d:6564:6961::/48",
}
LOGS = {"sonarr": {"path": "state/sonarr/logs/sonarr.txt", "filter": "servarr"}}


def call(name: str, *arguments: Any) -> Any:
    module = import_module(f"ansible_collections.homelab.media.plugins.filter.{name}")
    return module.FilterModule().filters()[name](*arguments)


def test_the_role_hands_over_all_that_the_filters_ask_for() -> None:
    handed = yaml.safe_load((ROLE / "vars" / "main.yml").read_text())["__fail2ban_settings"]
    assert set(handed) == set(SETTINGS)


def test_the_file_is_what_fail2ban_reads() -> None:
    jails = call("fail2ban_jails", LOGS, SETTINGS, {})
    text = trust_as_template((ROLE / "templates" / "jails.conf.j2").read_text())
    templar = Templar(DataLoader(), variables={"__fail2ban_jails": jails})
    rendered = templar.copy_with_new_env().template(text, overrides={"trim_blocks": True})
    parser = configparser.RawConfigParser()
    parser.read_string(rendered)
    assert parser.sections() == ["sshd", "sonarr", "recidive"]
    assert parser["sonarr"]["logpath"] == "/opt/media/state/sonarr/logs/sonarr.txt"
    assert dict(parser.defaults()) == jails["DEFAULT"]


def test_declarations_can_be_kept_as_facts() -> None:
    for name in ("fail2ban_problems", "fail2ban_services", "fail2ban_files"):
        found = call(name, SETTINGS)
        assert json.loads(json.dumps(found)) == found


def test_problems_are_told() -> None:
    assert call("fail2ban_problems", SETTINGS) == []
    assert call("fail2ban_problems", {**SETTINGS, "fail2ban_maxretry": 0}) == [
        {"variable": "fail2ban_maxretry", "reason": "is 0", "expected": "a whole number from 1 to 1000"}
    ]


@pytest.mark.parametrize("name", ["fail2ban_problems", "fail2ban_services", "fail2ban_files", "fail2ban_jails"])
def test_something_else_than_the_variables_is_refused_by_name(name: str) -> None:
    arguments = [{}, "text", {}] if name == "fail2ban_jails" else ["text"]
    with pytest.raises(AnsibleFilterError, match=f"{name} takes the variables of the fail2ban role, not a str"):
        call(name, *arguments)
