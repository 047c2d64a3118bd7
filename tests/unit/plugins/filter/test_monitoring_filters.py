# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters of the monitoring role, each under its name, and the text that they make."""

from __future__ import annotations

import json

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import secret_tokens
from ansible_collections.homelab.media.plugins.plugin_utils import yaml_text

from tests.contract.monitoring_house import SETTINGS, call, plan

ALONE = ("monitoring_problems", "monitoring_services", "monitoring_exporters", "monitoring_files")
OF_A_PLAN = ("prometheus_config", "blackbox_config", "monitoring_expected")


@pytest.mark.parametrize("name", ALONE)
def test_something_else_than_the_variables_is_refused_by_name(name: str) -> None:
    with pytest.raises(AnsibleFilterError, match=f"{name} takes the variables of the monitoring role"):
        call(name, [])


@pytest.mark.parametrize("name", OF_A_PLAN)
def test_so_it_is_beside_a_plan(name: str) -> None:
    with pytest.raises(AnsibleFilterError, match=f"{name} takes the variables of the monitoring role"):
        call(name, plan(), [])


def test_the_others_refuse_what_they_cannot_take_too() -> None:
    with pytest.raises(AnsibleFilterError, match="monitoring_redis_passwords takes services"):
        call("monitoring_redis_passwords", [])
    job = {"job_name": "pages", "static_configs": []}
    with pytest.raises(AnsibleFilterError, match="is a job of the collection's own"):
        call("prometheus_config", plan(), {**SETTINGS, "monitoring_extra_scrape_configs": [job]})


def test_problems_are_plain_data() -> None:
    (problem,) = call("monitoring_problems", {**SETTINGS, "monitoring_retention_size": ""})
    assert json.loads(json.dumps(problem))["variable"] == "monitoring_retention_size"
    assert call("monitoring_problems", SETTINGS) == []


@pytest.mark.parametrize(
    "secret", ["plain", 'with "quotes"', "with 'those'", "a: b # c", "\\ and \t", "yes", "0777", "é"]
)
def test_a_secret_that_is_put_into_the_text_is_read_as_it_is(secret: str) -> None:
    text = yaml_text.text({"a": {"token": "@@secret:x:json@@", "other": "yes", "list": ["1", 1, None, True]}})
    read = yaml.safe_load(secret_tokens.replace(text, lambda _name: secret))
    assert read == {"a": {"token": secret, "other": "yes", "list": ["1", 1, None, True]}}


def test_what_is_there_twice_is_written_twice() -> None:
    twice = ["a"]
    assert "&" not in yaml_text.text([twice, twice])
