# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When two values are the same, and what a declared item makes of the one that is there."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import servarr_merge, servarr_values
from ansible_collections.homelab.media.plugins.module_utils.servarr_merge import Difference, Unfit

FIELDS = [
    {"name": "host", "value": "localhost", "type": "textbox", "privacy": "normal"},
    {"name": "port", "value": 6789, "type": "textbox"},
    {"name": "useSsl", "value": False, "type": "checkbox"},
    {"name": "urlBase", "type": "textbox"},
    {"name": "password", "value": "********", "type": "password", "privacy": "password"},
]


@pytest.mark.parametrize(
    ("name", "current", "wanted", "expected"),
    [
        ("host", "a", "a", True),
        ("host", "a", "A", False),
        ("username", "admin", "Admin", True),
        ("label", "4k", "4K", True),
        ("urlBase", None, "", True),
        ("tags", None, [], True),
        ("tags", [2, 1], [1, 2], True),
        ("tags", [1], [1, 1], False),
        ("path", "/data/media/tv/", "/data/media/tv", True),
        ("urlBase", "/tv/", "/tv", False),
        ("enable", False, 0, False),
        ("enable", False, None, False),
        ("minSize", 1, 1.0, True),
        ("language", {"id": 1, "name": "English"}, {"id": 1}, True),
        ("language", {"id": 1, "name": "English"}, {"id": 2}, False),
        ("categories", [{"a": 1, "b": 2}], [{"b": 2, "a": 1}], True),
    ],
)
def test_same(name: str, current: Any, wanted: Any, expected: bool) -> None:
    assert servarr_values.same(name, current, wanted) is expected


@pytest.mark.parametrize(
    ("wanted", "current", "field_type", "expected"),
    [
        ("6789", 1, "", 6789),
        ("6789", None, "number", 6789),
        ("1.5", 2, "", 1.5),
        ("-100", 0, "", -100),
        ("true", False, "", True),
        ("False", None, "checkbox", False),
        ("true", "x", "", "true"),
        (755, "755", "", "755"),
        (True, "x", "", True),
        ("many", 1, "", "many"),
        ("6789", None, "textbox", "6789"),
    ],
)
def test_cast_takes_the_type_of_what_is_there(wanted: Any, current: Any, field_type: str, expected: Any) -> None:
    found = servarr_values.cast(wanted, current, field_type)
    assert (found, type(found)) == (expected, type(expected))


def test_only_what_differs_is_told_and_the_rest_is_sent_back_as_it_was() -> None:
    current = {"id": 1, "name": "NZBGet", "enable": False, "priority": 1, "deep": {"a": 1, "b": 2}}
    body, found = servarr_merge.lay_values(current, {"enable": True, "priority": "1", "deep": {"b": 3}})
    assert body == {**current, "enable": True, "deep": {"a": 1, "b": 3}}
    assert found == [Difference("enable", "false", "true"), Difference("deep.b", "2", "3")]
    assert current["deep"] == {"a": 1, "b": 2}


def test_fields_are_laid_over_by_name_and_all_of_them_are_kept() -> None:
    body, found = servarr_merge.lay_fields(FIELDS, {"host": "nzbget", "port": "6789"}, {}, lambda *_: True)
    assert [entry.get("value") for entry in body] == ["nzbget", 6789, False, None, "********"]
    assert found == [Difference("host", "localhost", "nzbget")]


def test_a_field_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(Unfit, match="has no field hsot") as caught:
        servarr_merge.lay_fields(FIELDS, {"hsot": "x"}, {}, lambda *_: True)
    assert caught.value.expected == "one of host, password, port, urlBase, useSsl"


def test_a_secret_given_in_the_clear_is_refused_without_showing_it() -> None:
    with pytest.raises(Unfit) as caught:
        servarr_merge.lay_fields(FIELDS, {"password": "hunter2"}, {}, lambda *_: True)
    assert "hunter2" not in caught.value.reason + caught.value.expected


@pytest.mark.parametrize(
    ("before", "written", "after", "told"),
    [
        ("********", True, "********", []),
        ("********", False, "real", [Difference("password", "(secret)", "(secret) differs")]),
        ("real", False, "real", []),
        ("other", True, "real", [Difference("password", "(secret)", "(secret) differs")]),
        (None, True, "real", [Difference("password", "", "(secret)")]),
        ("", True, "real", [Difference("password", "", "(secret)")]),
    ],
)
def test_a_masked_secret_is_judged_by_what_was_written_and_any_other_by_itself(
    before: str | None, written: bool, after: str, told: list[Difference]
) -> None:
    fields = [{"name": "password", "value": before, "privacy": "password"}]
    body, found = servarr_merge.lay_fields(fields, {}, {"password": "real"}, lambda *_: written)
    assert (body[0]["value"], found) == (after, told)


def test_a_new_item_is_told_without_its_secrets() -> None:
    text = servarr_merge.told({"name": "NZBGet", "enable": True}, {"port": 6789}, ["password"])
    assert text == "name: NZBGet\nenable: true\nport: 6789\npassword: (secret)"
