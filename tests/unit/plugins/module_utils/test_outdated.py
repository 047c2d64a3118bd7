# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that nobody reads are refused with the name that is meant; a person's own names are not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.homelab.media.plugins.module_utils import outdated
from ansible_collections.homelab.media.plugins.module_utils.declaration import MEDIA_KEYS
from ansible_collections.homelab.media.plugins.module_utils.outdated import OUTDATED, Outdated

ROOT = Path(__file__).resolve().parents[4]
KNOWN = {
    name
    for file in (ROOT / "roles").glob("*/defaults/main.yml")
    for name in yaml.safe_load(file.read_text(encoding="utf-8")) or {}
}


def told(**variables: Any) -> dict[str, str]:
    """Return what is said of the variables: by name, the reason and what is expected."""
    found = outdated.problems(variables, variables, KNOWN)
    return {problem.variable: f"{problem.reason}. {problem.expected}" for problem in found}


def test_a_variable_that_has_another_name_now_is_told_with_it() -> None:
    assert told(media_uid=1000) == {"media_uid": "is called media_puid. media_puid instead"}


def test_one_that_is_gone_is_told_with_what_serves_its_purpose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OUTDATED, "vpn_pod", Outdated(instead="nothing: there always is one"))
    assert told(vpn_pod=True) == {"vpn_pod": "is no more. nothing: there always is one"}


def test_a_key_is_told_wherever_it_is() -> None:
    services = {"mine": {"image": "x:1", "x-media": {"network": "vpn"}}, "other": {"x-media": {"egress": "vpn"}}}
    instances = [{"name": "sonarr"}, {"name": "films", "type": "radarr"}]
    assert told(media_extra_services=services, arr_instances=instances) == {
        "mine.x-media.network": "is called egress. egress instead",
        "arr_instances[1].type": "is called kind. kind instead",
    }


@pytest.mark.parametrize("value", [None, "text", 5, [], {}, [None], {"mine": None}, {"mine": {"x-media": []}}])
def test_a_value_of_another_form_is_not_looked_into(value: Any) -> None:
    assert told(media_extra_services=value, arr_instances=value) == {}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("nzbget_prot", "nzbget_port"),
        ("media_time_zone", "media_timezone"),
        ("media_extra_service", "media_extra_services"),
        ("vpn_providers", "vpn_provider"),
        ("authelia_user", "authelia_users"),
        ("nzbget_news_server", "nzbget_news_servers"),
        ("arr_instance", "arr_instances"),
        ("monitoring_reciever", "monitoring_receivers"),
    ],
)
def test_a_misspelt_variable_is_told_with_the_one_that_is_meant(name: str, meant: str) -> None:
    assert f"did you mean {meant}?" in told(**{name: 1})[name]


def test_every_variable_that_there_is_may_be_set() -> None:
    assert len(KNOWN) > 300
    assert told(**dict.fromkeys(KNOWN, 1)) == {}


@pytest.mark.parametrize(
    "name",
    [
        *("ansible_host", "inventory_hostname", "group_names", "hostvars", "omit", "role_path", "playbook_dir"),
        *("molecule_bantime", "demo_customer", "vault_news_password", "answer_file", "__nzbget_prot", "_nzbget_port"),
        *("nzbget", "nzbget_", "nzbgetport", "plex_server_in_the_cellar", "host_of_mine", "media_shelf", "item"),
        *("media_remove", "media_purge", "media_unban", "media_unban_jail"),
    ],
)
def test_other_names_are_a_persons_own(name: str) -> None:
    assert told(**{name: 1}) == {}


def test_what_another_variable_is_made_of_is_a_persons_own() -> None:
    servers = [{"host": "{{ nzbget_news_server }}"}]
    assert told(nzbget_news_server="news.example.org", nzbget_news_servers=servers) == {}
    assert "nzbget_news_server" in told(nzbget_news_server="news.example.org", nzbget_news_servers=[{"host": "x"}])
    # One that begins alike is another one, and what Ansible gathers speaks for nobody.
    assert "nzbget_news_server" in told(nzbget_news_server="x", mine="{{ nzbget_news_server_of_mine }}")
    assert "nzbget_news_server" in told(nzbget_news_server="x", hostvars={"a": {"nzbget_news_server": "x"}})


def test_facts_are_nobodys_mistake() -> None:
    assert told(ansible_facts={"nzbget_prot": 1}, nzbget_prot=1) == {}
    assert "nzbget_prot" in told(ansible_facts={"other": 1}, nzbget_prot=1)


def test_of_roles_that_do_not_speak_nothing_is_said() -> None:
    assert outdated.problems({"awx_organisation": 1}, {}, {"media_root", "nzbget_port"}) == []


def test_the_table_leads_to_names_that_there_are() -> None:
    """A name that is in the table cannot be one that is read, and what it leads to has to be."""
    for path, entry in OUTDATED.items():
        variable, *keys = path.split(".")
        assert bool(entry.now) != bool(entry.instead), path
        if not keys:
            assert variable not in KNOWN, path
            assert not entry.now or entry.now in KNOWN, path
        else:
            assert variable in KNOWN, path
        if "x-media" in keys:
            assert keys[-1] not in MEDIA_KEYS, path
            assert not entry.now or entry.now in MEDIA_KEYS, path
