# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError
from ansible_collections.homelab.media.plugins.module_utils.plex_preferences import Change, differences, written

SETTINGS: list[dict[str, Any]] = [
    {"id": "FriendlyName", "type": "text", "value": ""},
    {"id": "autoEmptyTrash", "type": "bool", "value": True},
    {"id": "OnDeckWindow", "type": "int", "value": 16},
    {"id": "Pause", "type": "double", "value": 0},
    {"id": "secureConnections", "type": "int", "value": 1, "enumValues": "0:Required|1:Preferred|2:Disabled"},
    {"id": "GenerateBIFBehavior", "type": "text", "value": "never", "enumValues": "never:never|asap:at once: all"},
]


def changed(wanted: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(change.name, change.before, change.value) for change in differences(SETTINGS, wanted)]


@pytest.mark.parametrize("same", [True, "true", "yes", "1", 1, "On"])
def test_booleans_are_compared_as_what_they_are(same: object) -> None:
    assert changed({"autoEmptyTrash": same}) == []
    for value in ("true", "1", 1, True):
        assert differences([{"id": "x", "type": "bool", "value": value}], {"x": same}) == []
    assert differences([{"id": "x", "type": "bool", "value": "0"}], {"x": same}) == [Change("x", "0", "1")]


def test_numbers_and_text() -> None:
    assert changed({"OnDeckWindow": "16", "Pause": "0.0", "FriendlyName": None}) == []
    assert changed({"OnDeckWindow": 20, "Pause": 1.5, "FriendlyName": "cellar"}) == [
        ("OnDeckWindow", "16", "20"),
        ("Pause", "0.0", "1.5"),
        ("FriendlyName", "", "cellar"),
    ]


def test_the_case_of_a_name_does_not_matter_and_the_servers_is_used() -> None:
    assert changed({"friendlyname": "cellar"}) == [("FriendlyName", "", "cellar")]


def test_all_that_cannot_be_is_told_at_once() -> None:
    wanted = {"NoSuch": 1, "autoEmptyTrash": "perhaps", "OnDeckWindow": "many", "secureConnections": 3, "Pause": True}
    with pytest.raises(MediaError) as caught:
        differences(SETTINGS, wanted)
    told = str(caught.value)
    assert "5 problems" in told
    assert "preferences.NoSuch: is no preference of this Plex" in told
    assert "preferences.secureConnections: is 3. Expected: one of 0 (Required), 1 (Preferred), 2 (Disabled)" in told


def test_a_choice_may_be_a_word() -> None:
    assert changed({"GenerateBIFBehavior": "asap"}) == [("GenerateBIFBehavior", "never", "asap")]
    with pytest.raises(MediaError):
        changed({"GenerateBIFBehavior": "always"})


def test_true_is_no_number() -> None:
    assert (written("int", True), written("text", True), written("bool", "x")) == (None, "1", None)
