# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters of the nzbget role, each under its name."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError

DEFAULTS = yaml.safe_load((Path(__file__).parents[4] / "roles" / "nzbget" / "defaults" / "main.yml").read_text())
SETTINGS = {
    **DEFAULTS,
    "media_umask": "002",
    "media_categories": ["tv"],
    "nzbget_news_servers": [{"host": "news.provider.net", "username": "someone", "password": "s3cr3t-value"}],
}
NAMES = ("nzbget_problems", "nzbget_options", "nzbget_secret_options", "nzbget_secrets", "nzbget_conf")


def call(name: str, *arguments: Any) -> Any:
    module = import_module(f"ansible_collections.homelab.media.plugins.filter.{name}")
    return module.FilterModule().filters()[name](*arguments)


def test_problems_can_be_kept_as_facts() -> None:
    assert call("nzbget_problems", SETTINGS) == []
    problems = call("nzbget_problems", {**SETTINGS, "nzbget_port": 0})
    assert json.loads(json.dumps(problems)) == [
        {"variable": "nzbget_port", "reason": "is 0", "expected": "a whole number from 1 to 65535"}
    ]


def test_every_option_is_either_plain_or_a_secret() -> None:
    plain = call("nzbget_options", SETTINGS)
    secret = call("nzbget_secret_options", SETTINGS, "/s")
    assert secret["Server1.Password"] == "/s/nzbget_news_news_provider_net_password"
    assert not set(plain) & set(secret)
    written = {line.partition("=")[0] for line in call("nzbget_conf", SETTINGS).splitlines() if "=" in line}
    assert {name for name, value in plain.items() if value is not None} | set(secret) <= written


def test_every_secret_that_an_option_is_read_from_is_declared() -> None:
    files = call("nzbget_secret_options", SETTINGS, "/s").values()
    assert {Path(file).name for file in files} == set(call("nzbget_secrets", SETTINGS))


@pytest.mark.parametrize("name", NAMES)
def test_something_else_than_the_variables_is_refused_by_name(name: str) -> None:
    folder = ["/s"] if name == "nzbget_secret_options" else []
    with pytest.raises(AnsibleFilterError, match=f"{name} takes the variables of the nzbget role, not a str"):
        call(name, "text", *folder)
