# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters about Grafana, each under its name, and what they declare together."""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import front_door, grafana_dashboards
from ansible_collections.homelab.media.plugins.module_utils.declaration import declaration_problems, is_published
from ansible_collections.homelab.media.plugins.module_utils.fail2ban import FILTERS

from tests.unit import sample_house
from tests.unit.dashboard_plan import SETTINGS, plan

TEMPLATES = Path(__file__).parents[4] / "roles" / "monitoring" / "templates"


def call(name: str, value: Any, *more: Any) -> Any:
    module = import_module(f"ansible_collections.homelab.media.plugins.filter.{name}")
    return module.FilterModule().filters()[name](value, *more)


def declaration(**more: Any) -> dict[str, Any]:
    settings = {**SETTINGS, **more}
    return {part: call(f"grafana_{part}", settings) for part in ("problems", "secrets", "services", "files")}


def service(**more: Any) -> dict[str, Any]:
    found: dict[str, Any] = declaration(**more)["services"]["grafana"]
    return found


def problems(**more: Any) -> list[str]:
    return [f"{entry['variable']}: {entry['reason']}" for entry in declaration(**more)["problems"]]


@pytest.mark.parametrize("name", ["problems", "secrets", "services", "files"])
def test_something_else_than_the_variables_is_refused_by_name(name: str) -> None:
    with pytest.raises(AnsibleFilterError, match=f"grafana_{name} takes the variables of the monitoring role"):
        call(f"grafana_{name}", [])


def test_a_dashboard_is_asked_for_by_its_name() -> None:
    assert json.loads(call("grafana_dashboard", plan(), SETTINGS, "host"))["title"] == "Host"
    with pytest.raises(AnsibleFilterError, match="knows no dashboard 'hosts', only overview, host"):
        call("grafana_dashboard", plan(), SETTINGS, "hosts")
    with pytest.raises(AnsibleFilterError, match="grafana_dashboard takes the variables"):
        call("grafana_dashboard", plan(), [], "host")


def test_it_is_a_whole_declaration_without_a_problem() -> None:
    assert declaration_problems("monitoring", declaration()) == []
    assert problems() == []


def test_each_dashboard_has_a_template_that_names_it() -> None:
    templates = [item["template"] for item in declaration()["files"] if "template" in item]
    assert [Path(name).name for name in templates] == [f"{name}.json.j2" for name in grafana_dashboards.NAMES]
    for name in templates:
        asked = Path(name).name.removesuffix(".json.j2")
        text = (TEMPLATES / name).read_text(encoding="utf-8")
        assert f"media_plan | homelab.media.grafana_dashboard(__monitoring_settings, '{asked}') | trim" in text


def test_dashboards_are_read_while_it_runs_and_the_rest_at_its_start() -> None:
    for item in declaration()["files"]:
        assert ("service" in item) == ("template" not in item), item["path"]


def test_secrets_are_in_files_of_their_own_and_nowhere_else() -> None:
    found = declaration(monitoring_grafana_admin_password="correct-horse-battery")
    assert found["secrets"]["grafana_admin_password"]["value"] == "correct-horse-battery"
    assert "value" not in declaration()["secrets"]["grafana_admin_password"]
    assert "correct-horse" not in json.dumps([found["services"], found["files"]])
    held = [item for item in found["files"] if "@@secret" in item.get("content", "")]
    assert {(item["mode"], item["owner"], item["secret"]) for item in held} == {("0600", "media", True)}
    environment = service()["environment"]
    assert {name for name in environment if name.endswith("__FILE")} == {
        "GF_SECURITY_ADMIN_PASSWORD__FILE",
        "GF_SECURITY_SECRET_KEY__FILE",
    }


def test_the_page_is_on_the_loopback_and_has_a_log_that_fail2ban_reads() -> None:
    extension = service()["x-media"]
    assert is_published(service()) and extension["web"]["loopback"] == 3000
    assert extension["auth_log"]["filter"] in FILTERS
    logs = service()["environment"]["GF_PATHS_LOGS"].replace("/var/lib/grafana", "state/grafana")
    assert extension["auth_log"]["path"] == f"{logs}/grafana.log"
    assert "file" in service()["environment"]["GF_LOG_MODE"].split()
    assert service(monitoring_grafana_port=3001)["x-media"]["web"]["loopback"] == 3001


def test_nothing_is_asked_of_the_network() -> None:
    environment = service()["environment"]
    for name, value in {
        "ANALYTICS_REPORTING_ENABLED": "false",
        "ANALYTICS_CHECK_FOR_UPDATES": "false",
        "ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
        "PLUGINS_PREINSTALL_DISABLED": "true",
        "SECURITY_DISABLE_GRAVATAR": "true",
        "USERS_ALLOW_SIGN_UP": "false",
    }.items():
        assert environment[f"GF_{name}"] == value


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({}, "https://grafana.media.test/"),
        ({"media_names": {"grafana": "numbers"}}, "https://numbers.media.test/"),
        ({"media_names": {"grafana": ["a", "b"]}}, "https://a.media.test/"),
        ({"media_names": {"grafana": "numbers.example.org"}}, "https://numbers.example.org/"),
        ({"media_domain": ""}, None),
    ],
)
def test_it_knows_its_address(settings: dict[str, Any], address: str | None) -> None:
    assert service(**settings)["environment"].get("GF_SERVER_ROOT_URL") == address


@pytest.mark.parametrize(("ipv6", "whitelist"), [(False, r"[\d.]+/32"), (True, r"[\d.]+/32,[0-9a-f:]+/128")])
def test_behind_the_sign_on_the_front_door_alone_names_people(ipv6: bool, whitelist: str) -> None:
    found = compiled(ipv6)
    environment = found.services["grafana"]["environment"]
    assert environment["GF_AUTH_PROXY_ENABLED"] == "true"
    assert environment["GF_AUTH_DISABLE_LOGIN_FORM"] == "true"
    assert re.fullmatch(whitelist, environment["GF_AUTH_PROXY_WHITELIST"])
    door = found.services["proxy"]["networks"]["proxy-grafana"]
    addresses = [value for key, value in sorted(door.items()) if key.endswith("_address")]
    assert [entry.partition("/")[0] for entry in environment["GF_AUTH_PROXY_WHITELIST"].split(",")] == addresses


def test_without_a_sign_on_it_asks_for_its_own_password() -> None:
    rules = front_door.Rules(sample_house.DOMAIN, access={"grafana": "bypass"})
    environment = compiled(False, rules).services["grafana"]["environment"]
    assert not [name for name in environment if name.startswith("GF_AUTH_")]


def compiled(ipv6: bool, rules: front_door.Rules | None = None) -> Any:
    """Compile the sample house with Grafana as it is declared."""
    roles = sample_house.roles()
    roles["monitoring"]["services"].update(call("grafana_services", SETTINGS))
    roles["monitoring"]["secrets"] = call("grafana_secrets", SETTINGS)
    declarations = {name: {**role, "path": f"/roles/{name}"} for name, role in roles.items()}
    rules = rules or front_door.Rules(sample_house.DOMAIN)
    settings = sample_house.Settings(
        root="/opt/media", services="all", disabled=[], ipv4_prefix="10.213.0.0/16", ipv6=ipv6,
        ipv6_prefix="fd12:3456:789a::/48", policy=sample_house.POLICY, rules=rules,
    )  # fmt: skip
    found = sample_house.catalogue.build(declarations, settings)
    assert found.problems == [], "\n".join(map(str, found.problems))
    return found


def test_the_data_source_and_the_provider_are_what_files_say() -> None:
    texts = {item["path"]: item["content"] for item in declaration()["files"] if "content" in item}
    source = yaml.safe_load(texts["config/grafana/provisioning/datasources/media.yml"])
    assert source["prune"] is True
    assert (source["datasources"][0]["uid"], source["datasources"][0]["jsonData"]["timeInterval"]) == (
        "prometheus",
        "30s",
    )
    provider = yaml.safe_load(texts["config/grafana/provisioning/dashboards/media.yml"])["providers"][0]
    # With true, the dashboard of what is off would stay.
    assert (provider["folder"], provider["disableDeletion"], provider["allowUiUpdates"]) == ("Media", False, False)


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("admin", "", "is ''"),
        ("admin", "Anna", "is 'Anna'"),
        ("admin", ["a"], "is ['a']"),
        ("admin_password", "5h0rt", "is shorter than 8 characters"),
        ("admin_password", " with-a-space", "is shorter than 8 characters, or begins"),
        ("admin_password", "two\nlines-of-it", "is shorter than 8 characters, or begins"),
        ("admin_password", "changeme", "still holds a placeholder"),
        ("admin_password", "with-${HOME}-in-it", "holds ${"),
        ("admin_password", "with-%(name)s-in-it", "holds ${"),
        ("theme", "blue", "is 'blue'"),
        ("port", 0, "is 0"),
        ("port", "http", "is 'http'"),
    ],
)
def test_what_cannot_work_is_told(variable: str, value: Any, reason: str) -> None:
    name = f"monitoring_grafana_{variable}"
    [told] = problems(**{name: value})
    assert told.startswith(f"{name}: {reason}")
    if variable == "admin_password":
        assert value not in told
