# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the roles need in a phase: worked out when the plan is known, and judged when it is done."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible_collections.homelab.media.plugins.action.media_phase import ActionModule

PLEX = {
    "name": "Keep Plex",
    "module": "plex_server",
    "when": trust_as_template("'plex' in scope"),
    "arguments": {"url": trust_as_template("{{ address }}"), "token": trust_as_template("{{ token | default(omit) }}")},
    "well": [trust_as_template("found.reachable"), trust_as_template("found.diff == []")],
    "unwell": trust_as_template("Plex answers: {{ found.reachable }}."),
}
OFF = {"name": "Off", "module": "organizr", "when": False, "arguments": {"url": trust_as_template("{{ unknown }}")}}
LOOK = {"name": "Look", "module": "vpn_check", "arguments": {}}
WELL = {"module": "plex_server", "role": "plex", "name": "Keep Plex", "changed": False, "reachable": True, "diff": []}
WELL_PROVEN = {"changed": False, "warnings": []}
SEEN = {"module": "vpn_check", "role": "vpn", "name": "Look", "changed": False}


class Action(ActionModule):
    """The action, with a host that answers as it is told."""

    def __init__(self, *results: dict[str, Any], **variables: Any) -> None:
        self.variables = {
            "scope": ["plex"],
            "address": "http://plex",
            "__plex_wire": [PLEX],
            "__portal_wire": [OFF],
            **variables,
        }
        self._templar = Templar(loader=DataLoader(), variables=self.variables)
        self.results = list(results)
        self.asked: list[dict[str, Any]] = []

    def _execute_module(self, *_names: Any, module_args: Any = None, **_more: Any) -> dict[str, Any]:
        self.asked = module_args["parts"]
        return {"changed": False, "diff": [], "results": self.results}

    def verify(self, **wired: dict[str, Any]) -> dict[str, Any]:
        return self._verify(["plex", "portal", "vpn"], wired, self.variables)


def test_only_what_is_needed_is_worked_out() -> None:
    action = Action(WELL)
    answer = action._wire(["portal", "plex"], action.variables)
    expected = {"name": "Keep Plex", "module": "plex_server", "role": "plex", "arguments": {"url": "http://plex"}}
    assert action.asked == [expected]
    assert answer["parts"] == {"plex_server": WELL}


def test_the_order_is_the_one_of_the_roles() -> None:
    action = Action(__vpn_wire=[LOOK])
    action._wire(["vpn", "plex"], action.variables)
    assert [each["role"] for each in action.asked] == ["vpn", "plex"]


def test_what_had_nothing_to_write_is_not_asked_again() -> None:
    action = Action(SEEN, __vpn_verify=[LOOK])
    assert action.verify(plex_server=WELL) == WELL_PROVEN
    assert [each["module"] for each in action.asked] == ["vpn_check"]


@pytest.mark.parametrize("wired", [{}, {"plex_server": {**WELL, "changed": True}}])
def test_what_was_written_or_never_asked_is_asked_without_writing(wired: dict[str, Any]) -> None:
    action = Action(WELL)
    assert action.verify(**wired) == WELL_PROVEN
    assert [(each["module"], each["check"]) for each in action.asked] == [("plex_server", True)]


def test_all_that_is_not_well_is_told_at_once_with_its_role() -> None:
    leaks = {**SEEN, "failed": True, "msg": "The VPN has 1 problem"}
    action = Action({**WELL, "reachable": False}, leaks, __vpn_verify=[LOOK])
    answer = action.verify()
    assert answer["failed"]
    assert answer["msg"] == "Plex answers: False.\nThe VPN has 1 problem"
    assert [(each["role"], each["failed"]) for each in answer["results"]] == [("plex", True), ("vpn", True)]


def test_a_host_that_cannot_be_asked_is_told_as_ansible_does() -> None:
    action = Action()
    action._execute = lambda _parts, _variables: {"unreachable": True, "msg": "no route"}  # type: ignore[method-assign]
    assert action.verify() == {"unreachable": True, "msg": "no route"}


def test_what_cannot_be_worked_out_keeps_no_other_back() -> None:
    broken = {"name": "Broken", "module": "servarr", "arguments": {"url": trust_as_template("{{ unknown }}")}}
    action = Action(SEEN, __vpn_verify=[LOOK, broken])
    answer = action.verify(plex_server=WELL)
    assert [each["module"] for each in action.asked] == ["vpn_check"]
    assert [(each["name"], each["role"]) for each in answer["results"]] == [("Broken", "vpn")]
    assert "Broken: cannot be worked out" in answer["msg"]


def test_a_question_that_fails_has_changed_nothing() -> None:
    """It would have: it was asked in check mode."""
    action = Action({**WELL, "changed": True, "failed": True, "msg": "Plex: refuses"})
    assert [each["changed"] for each in action.verify()["results"]] == [False]
