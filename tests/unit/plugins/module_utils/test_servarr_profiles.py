# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Profiles and formats by names."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import servarr_profiles
from ansible_collections.homelab.media.plugins.module_utils.servarr_merge import Difference, Unfit


def quality(number: int, name: str, allowed: bool = False) -> dict[str, Any]:
    return {"quality": {"id": number, "name": name}, "items": [], "allowed": allowed}


SCHEMA: dict[str, Any] = {
    "name": "",
    "upgradeAllowed": False,
    "cutoff": 1,
    "items": [
        quality(1, "SDTV"),
        quality(4, "HDTV-720p"),
        {
            "id": 1002,
            "name": "WEB 1080p",
            "items": [quality(3, "WEBDL-1080p", True), quality(15, "WEBRip-1080p", True)],
            "allowed": False,
        },
        quality(7, "Bluray-1080p"),
    ],
    "formatItems": [{"format": 5, "name": "x265", "score": 0}],
}
WEB = {"name": "WEB 1080p", "qualities": ["WEBRip-1080p", "webdl-1080p"]}


def test_the_best_quality_comes_first_for_people_and_last_for_the_application() -> None:
    wanted = {"qualities": ["Bluray-1080p", WEB], "cutoff": "web 1080p"}
    body, found = servarr_profiles.quality_profile(SCHEMA, wanted, {})
    assert servarr_profiles.choices(body["items"]) == [
        ("Bluray-1080p", ()),
        ("WEB 1080p", ("WEBDL-1080p", "WEBRip-1080p")),
    ]
    assert [item["allowed"] for item in body["items"]] == [False, False, True, True]
    assert body["cutoff"] == body["items"][2]["id"] == 1002
    assert found == [
        Difference("qualities", "", "Bluray-1080p, WEB 1080p (WEBDL-1080p + WEBRip-1080p)"),
        Difference("cutoff", "SDTV", "web 1080p"),
    ]
    assert servarr_profiles.quality_profile(body, wanted, {}) == (body, [])


def test_no_quality_is_lost_and_a_new_group_gets_a_number_of_its_own() -> None:
    group = {"name": "Good enough", "qualities": ["HDTV-720p", "WEBDL-1080p"]}
    body, _found = servarr_profiles.quality_profile(SCHEMA, {"qualities": [group]}, {})
    names = sorted(
        single["quality"]["name"]
        for item in body["items"]
        for single in (item["items"] or [item])
        if "quality" in single
    )
    assert names == ["Bluray-1080p", "HDTV-720p", "SDTV", "WEBDL-1080p", "WEBRip-1080p"]
    assert body["items"][-1]["id"] == 1003


def test_scores_are_kept_by_name_and_every_format_is_in_the_profile() -> None:
    formats = {"x265": 5, "Remaster": 6}
    body, found = servarr_profiles.quality_profile(SCHEMA, {"formats": {"remaster": 25}}, formats)
    assert body["formatItems"] == [
        {"format": 5, "name": "x265", "score": 0},
        {"format": 6, "name": "Remaster", "score": 25},
    ]
    assert found == [Difference("formats.Remaster", "0", "25")]
    assert servarr_profiles.quality_profile(body, {"formats": {"Remaster": 25}}, formats)[1] == []


@pytest.mark.parametrize(
    ("wanted", "reason", "expected"),
    [
        ({"qualities": ["8K"]}, "names 8K in qualities", "one of SDTV, HDTV-720p"),
        ({"qualities": ["SDTV"], "cutoff": "HDTV-720p"}, "has the cutoff HDTV-720p", "one of its qualities: SDTV"),
        ({"formats": {"DV": 1}}, "names DV in formats", "one of x265"),
    ],
)
def test_a_name_that_is_not_there_is_told_with_those_that_are(
    wanted: dict[str, Any], reason: str, expected: str
) -> None:
    with pytest.raises(Unfit) as caught:
        servarr_profiles.quality_profile(SCHEMA, wanted, {"x265": 5})
    assert caught.value.reason == reason
    assert caught.value.expected.startswith(expected)


def test_metadata_types_are_allowed_by_name() -> None:
    base = {
        "primaryAlbumTypes": [
            {"albumType": {"id": 0, "name": "Album"}, "allowed": True},
            {"albumType": {"id": 1, "name": "EP"}, "allowed": False},
            {"albumType": {"id": 2, "name": "Single"}, "allowed": True},
        ],
        "releaseStatuses": [{"releaseStatus": {"id": 0, "name": "Official"}, "allowed": True}],
    }
    wanted = {"primaryAlbumTypes": ["album", "EP"], "releaseStatuses": ["Official"]}
    body, found = servarr_profiles.metadata_profile(base, wanted)
    assert [entry["allowed"] for entry in body["primaryAlbumTypes"]] == [True, True, False]
    assert found == [Difference("primaryAlbumTypes", "Album, Single", "Album, EP")]
    assert servarr_profiles.metadata_profile(body, wanted)[1] == []
    with pytest.raises(Unfit, match="names Broadcast in primaryAlbumTypes"):
        servarr_profiles.metadata_profile(base, {"primaryAlbumTypes": ["Broadcast"]})


TITLE = {
    "implementation": "ReleaseTitleSpecification",
    "implementationName": "Release Title",
    "negate": False,
    "required": False,
    "fields": [{"name": "value", "type": "textbox"}],
    "presets": [],
}


def test_specifications_are_made_of_the_schema_changed_and_taken_away() -> None:
    wanted = [{"name": "Remaster", "implementation": "ReleaseTitleSpecification", "fields": {"value": "Remaster"}}]
    made, found = servarr_profiles.specifications([], wanted, [TITLE])
    assert made[0]["fields"][0]["value"] == "Remaster"
    assert "presets" not in made[0]
    assert found == [Difference("specifications.Remaster", "", "ReleaseTitleSpecification")]
    assert servarr_profiles.specifications(made, wanted, []) == (made, [])
    other = {**made[0], "name": "Other"}
    drifted = [{**made[0], "negate": True, "fields": [{"name": "value", "value": "x"}]}, other]
    body, found = servarr_profiles.specifications(drifted, [{**wanted[0], "negate": False}], [])
    assert [entry["name"] for entry in body] == ["Remaster"]
    assert found == [
        Difference("specifications.Remaster.negate", "true", "false"),
        Difference("specifications.Remaster.value", "x", "Remaster"),
        Difference("specifications.Other", "there", ""),
    ]


def test_a_specification_of_a_kind_that_is_not_there_is_told() -> None:
    with pytest.raises(Unfit, match="has a specification A of the kind Nope"):
        servarr_profiles.specifications([], [{"name": "A", "implementation": "Nope"}], [TITLE])
