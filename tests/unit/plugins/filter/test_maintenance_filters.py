# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters of the maintenance role, each under its name."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError

ROLE = Path(__file__).parents[4] / "roles" / "maintenance"
DEFAULTS = {**yaml.safe_load((ROLE / "defaults" / "main.yml").read_text()), "maintenance_receivers": []}


def call(name: str, *arguments: Any) -> Any:
    module = import_module(f"ansible_collections.homelab.media.plugins.filter.{name}")
    return module.FilterModule().filters()[name](*arguments)


def test_problems_can_be_kept_as_facts() -> None:
    good = {"media_umask": "002", "monitoring_receivers": [], **DEFAULTS}
    assert call("maintenance_problems", good) == []
    problems = call("maintenance_problems", {**good, "maintenance_unpackerr_parallel": 0})
    assert json.loads(json.dumps(problems)) == [
        {"variable": "maintenance_unpackerr_parallel", "reason": "is 0", "expected": "a whole number from 1 to 16"}
    ]


@pytest.mark.parametrize(
    "name",
    [
        *("unpackerr_conf", "recyclarr_instances", "maintenance_problems", "maintenance_addresses"),
        *("maintenance_secrets", "maintenance_todo", "watchtower_service", "watchtower_addresses"),
    ],
)
def test_something_else_than_the_variables_is_refused_by_name(name: str) -> None:
    before = [{}] if name in ("unpackerr_conf", "recyclarr_instances") else []
    with pytest.raises(AnsibleFilterError, match=f"{name} takes the variables of the maintenance role, not a str"):
        call(name, *before, "text")
