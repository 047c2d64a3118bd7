# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets and networks of a person's own: their form, and that they are nobody else's."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.filter.stack_problems import stack_problems
from ansible_collections.homelab.media.plugins.module_utils import own_services
from ansible_collections.homelab.media.plugins.module_utils.front_door import Rules

from tests.unit import sample_house

RIGHT: dict[str, Any] = {
    "media_extra_secrets": {
        "made": {"kind": "alnum"},
        "long": {"kind": "hex", "length": 64},
        "mine": {"kind": "given", "variable": "vault_mine"},
    },
    "media_extra_networks": ["photos"],
}


def test_what_is_right_is_no_problem() -> None:
    assert stack_problems(RIGHT) == []


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("media_extra_secrets", ["made"], "media_extra_secrets"),
        ("media_extra_secrets", {"made": "hunter2hunter2"}, "media_extra_secrets.made"),
        ("media_extra_secrets", {"../made": {"kind": "alnum"}}, "media_extra_secrets.../made"),
        ("media_extra_secrets", {"made": {}}, "media_extra_secrets.made.kind"),
        ("media_extra_secrets", {"made": {"kind": "hunter2hunter2"}}, "media_extra_secrets.made.kind"),
        ("media_extra_secrets", {"made": {"kind": "alnum", "length": 8}}, "media_extra_secrets.made.length"),
        ("media_extra_secrets", {"made": {"kind": "alnum", "length": "long"}}, "media_extra_secrets.made.length"),
        ("media_extra_secrets", {"made": {"kind": "given"}}, "media_extra_secrets.made.variable"),
        ("media_extra_secrets", {"made": {"kind": "hex", "variable": "x"}}, "media_extra_secrets.made.variable"),
        (
            "media_extra_secrets",
            {"made": {"kind": "alnum", "value": "hunter2hunter2"}},
            "media_extra_secrets.made.value",
        ),
        ("media_extra_networks", "photos", "media_extra_networks"),
        ("media_extra_networks", ["Photos"], "media_extra_networks"),
        ("media_extra_networks", [5], "media_extra_networks"),
        ("media_extra_networks", ["auth"], "media_extra_networks"),
        ("media_extra_networks", ["proxy-sonarr"], "media_extra_networks"),
        ("media_extra_networks", ["uplink-mine"], "media_extra_networks"),
    ],
)
def test_what_is_wrong_is_told_by_name_and_no_secret_with_it(variable: str, value: Any, told: str) -> None:
    (problem,) = stack_problems({**RIGHT, variable: value})
    assert problem["variable"] == told
    assert "hunter2" not in str(problem)


def test_it_takes_a_dictionary() -> None:
    with pytest.raises(AnsibleFilterError, match="stack_problems"):
        stack_problems([])  # type: ignore[arg-type]


def problems(**own: Any) -> list[str]:
    more = {"stack": {"services": {}, "networks": {"media": {"internal": True}}, **own}}
    return [problem.variable for problem in sample_house.build(Rules(sample_house.DOMAIN), more=more).problems]


def test_a_name_of_another_role_is_refused() -> None:
    """A network of the same name would be closed with it, or opened; a secret would be made otherwise."""
    assert problems() == []
    assert problems(networks={"media": {"internal": True}, "vpn": {"internal": True}}) == ["media_extra_networks.vpn"]
    declared: dict[str, Any] = {"stack": {"secrets": {"key": {}}}, "arr": {"secrets": {"key": {}, "other": {}}}}
    assert [problem.variable for problem in own_services.clashes(declared)] == ["media_extra_secrets.key"]
    assert own_services.clashes({"arr": declared["arr"]}) == []


def test_a_secret_that_nobody_declares_is_told_before_the_host_is_touched() -> None:
    file = {"path": "config/mine/password", "content": "@@secret:mine@@"}
    assert problems(files=[file]) == ["media_extra_files: config/mine/password"]
    assert problems(files=[file], secrets={"mine": {"kind": "alnum"}}) == []
