# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters about alerts, each under its name, and what they say together."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import alert_config, alert_rules, alerting
from ansible_collections.homelab.media.plugins.module_utils.declaration import declaration_problems, is_published

from tests.unit.alert_house import PLAN, RECEIVERS, settings

PARTS = ("problems", "secrets", "services", "files", "todo")


def call(name: str, value: Any, *more: Any) -> Any:
    module = import_module(f"ansible_collections.homelab.media.plugins.filter.{name}")
    return module.FilterModule().filters()[name](value, *more)


def declaration(**more: Any) -> dict[str, Any]:
    return {part: call(f"alerting_{part}", settings(**more)) for part in PARTS}


@pytest.mark.parametrize("name", PARTS)
def test_something_else_than_the_variables_is_refused_by_name(name: str) -> None:
    with pytest.raises(AnsibleFilterError, match=f"alerting_{name} takes the variables of the monitoring role"):
        call(f"alerting_{name}", [])


@pytest.mark.parametrize("name", ["alertmanager_config", "alert_rules"])
def test_the_files_texts_refuse_it_too(name: str) -> None:
    with pytest.raises(AnsibleFilterError, match=f"{name} takes the variables of the monitoring role"):
        call(name, PLAN, [])


def test_the_texts_are_those_of_the_functions() -> None:
    assert call("alertmanager_config", PLAN, settings()) == alert_config.text(PLAN, settings())
    assert call("alert_rules", PLAN, settings()) == alert_rules.text(PLAN, settings())


@pytest.mark.parametrize("receivers", [[], RECEIVERS])
def test_what_is_declared_is_well_formed(receivers: list[dict[str, Any]]) -> None:
    built = declaration(monitoring_receivers=receivers)
    assert built["problems"] == []
    assert declaration_problems("monitoring", built) == []


def test_a_problem_is_told_with_its_variable() -> None:
    (problem,) = call("alerting_problems", settings(monitoring_receivers=[{"name": "x", "type": "y"}]))
    assert problem["variable"] == "monitoring_receivers[0].type"


def test_alertmanager_is_shut_in_with_the_others_and_on_loopback() -> None:
    service = declaration()["services"]["alertmanager"]
    assert is_published(service)
    assert service["x-media"]["limits"] == {"memory": "128m", "cpus": 0.25}
    assert service["x-media"]["groups"] == ["admins"]
    assert service["read_only"] is True


@pytest.mark.parametrize(
    ("said", "url"),
    [
        ({}, "https://alertmanager.media.test/"),
        ({"media_names": {"alertmanager": ["alerts", "am"]}}, "https://alerts.media.test/"),
        ({"media_names": {"alertmanager": "alerts.other.test"}}, "https://alerts.other.test/"),
        ({"media_domain": ""}, ""),
    ],
)
def test_messages_name_the_page_by_its_name(said: dict[str, Any], url: str) -> None:
    command = declaration(**said)["services"]["alertmanager"]["command"]
    options = dict(word.lstrip("-").split("=", 1) for word in command)
    assert options.get("web.external-url", "") == url
    # Without this it looks for others, and ends where it finds no address of its own.
    assert options["cluster.listen-address"] == ""


def test_the_file_with_secrets_is_for_the_media_user_alone() -> None:
    config, *others = alerting.files(settings())
    assert (config["secret"], config["owner"], config["mode"]) == (True, "media", "0600")
    assert not any(item.get("secret") for item in others)


def test_somebody_who_is_told_of_nothing_hears_of_it() -> None:
    (todo,) = declaration(monitoring_receivers=[])["todo"]
    assert todo["service"] == "alertmanager"
    assert declaration()["todo"] == []
    (beat,) = [one for one in RECEIVERS if one.get("watchdog")]
    assert len(declaration(monitoring_receivers=[beat])["todo"]) == 1
