# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters of Monitorr: what is declared, what is refused, and which tiles follow from the services."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import monitorr
from ansible_collections.homelab.media.plugins.module_utils.declaration import declaration_problems, is_published

from tests.images.monitorr.stand_in import schema

SETTINGS: dict[str, Any] = {
    "media_root": "/opt/media",
    "media_domain": "media.test",
    "media_timezone": "Europe/Berlin",
    "portal_monitorr": True,
    "portal_monitorr_image": "docker.io/monitorr/monitorr:latest",
    "portal_monitorr_web_root": "/config/www/monitorr",
    "portal_monitorr_title": "Our house",
    "portal_monitorr_memory": "256m",
    "portal_monitorr_cpus": 0.5,
}
PLAN: dict[str, Any] = {
    "pages": [
        {"service": "sonarr", "names": ["sonarr.media.test"], "path": "/", "access": "two_factor"},
        {"service": "secret", "names": ["secret.media.test"], "path": "/", "access": "deny"},
        {"service": "monitorr", "names": ["monitorr.media.test"], "path": "/", "access": "two_factor"},
        {"service": "portal", "names": ["home.media.test"], "static": {}, "access": "two_factor"},
    ],
    "portal": {
        "sonarr": {"title": "Sonarr", "section": "Library", "text": ""},
        "unpackerr": {"title": "Unpackerr", "section": "Downloads", "text": ""},
        "secret": {"title": "Secret", "section": "Other", "text": ""},
        "monitorr": {"title": "Monitorr", "section": "Portal", "text": ""},
    },
}


def call(name: str, value: Any) -> Any:
    found = import_module(f"ansible_collections.homelab.media.plugins.filter.monitorr_{name}")
    return found.FilterModule().filters()[f"monitorr_{name}"](value)


def tiles(portal: dict[str, Any] | None = None) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(call("checks", {**PLAN, "portal": portal or PLAN["portal"]}))
    return found


def contents(**settings: Any) -> dict[str, Any]:
    """Return what is rendered from variables alone, by the names of the files."""
    found = call("files", {**SETTINGS, **settings})
    return {item["path"]: json.loads(item["content"]) for item in found if "content" in item}


@pytest.mark.parametrize("name", ["problems", "services", "files"])
def test_something_else_than_the_variables_is_refused_by_name(name: str) -> None:
    with pytest.raises(AnsibleFilterError, match=f"monitorr_{name} takes the variables of the portal role"):
        call(name, [])


def test_checks_takes_the_plan() -> None:
    with pytest.raises(AnsibleFilterError, match="monitorr_checks takes the fact media_plan"):
        call("checks", [])


# --- the declaration -----------------------------------------------------------------------------------------------


def test_what_is_declared_is_well_formed() -> None:
    built = {name: call(name, SETTINGS) for name in ("problems", "services", "files")}
    assert built["problems"] == []
    assert declaration_problems("portal", built) == []
    assert not is_published(built["services"]["monitorr"])


def test_off_it_declares_nothing() -> None:
    off = {**SETTINGS, "portal_monitorr": False, "portal_monitorr_web_root": "nonsense"}
    assert [call(name, off) for name in ("problems", "services", "files")] == [[], {}, []]


def test_it_reaches_nobody_and_cannot_write_its_settings() -> None:
    service = call("services", SETTINGS)["monitorr"]
    assert service["x-media"]["egress"] == "none"
    assert not {"talks_to", "uses", "visits_pages"} & set(service["x-media"])
    writable = [volume for volume in service["volumes"] if not volume.endswith(":ro")]
    assert writable == ["/opt/media/state/monitorr:/config/www/monitorr/assets/data"]


def test_the_holes_are_shut() -> None:
    volumes = call("services", {**SETTINGS, "portal_monitorr_web_root": "/app/"})["monitorr"]["volumes"]
    shut = [volume.split(":")[1] for volume in volumes if "/closed" in volume]
    assert shut == [f"/app/{place}" for place in (monitorr.INSTALLER, *monitorr.HOLES)]


@pytest.mark.parametrize(
    ("settings", "variable"),
    [
        ({"portal_monitorr_title": "A title that is too long"}, "portal_monitorr_title"),
        ({"portal_monitorr_title": " "}, "portal_monitorr_title"),
        ({"portal_monitorr_web_root": "www"}, "portal_monitorr_web_root"),
        ({"portal_monitorr_web_root": "/config/../etc"}, "portal_monitorr_web_root"),
        ({"portal_monitorr_web_root": "/a:b"}, "portal_monitorr_web_root"),
    ],
)
def test_what_cannot_work_is_told(settings: dict[str, Any], variable: str) -> None:
    assert [problem["variable"] for problem in call("problems", {**SETTINGS, **settings})] == [variable]


# --- the files -----------------------------------------------------------------------------------------------------


def test_the_files_are_as_the_schemas_want_them() -> None:
    found = contents()
    assert schema.entry_problems(found["config/monitorr/data/site_settings-data.json"], schema.SITE) == []
    assert schema.entry_problems(found["config/monitorr/data/user_preferences-data.json"], schema.USER) == []
    assert found["state/monitorr/datadir.json"] == {"datadir": "/rendered/data/"}


def test_nobody_registers() -> None:
    assert contents()["config/monitorr/data/user_preferences-data.json"]["registration"] == "Disable"


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("US/East-Indiana", "US/East-Indiana"),
        ("Europe/Zurich", "Europe/London"),
        ("Etc/UTC", "Europe/London"),
        ("UTC", "Europe/London"),
    ],
)
def test_a_time_zone_is_one_that_it_knows(zone: str, shown: str) -> None:
    found = contents(media_timezone=zone)["config/monitorr/data/user_preferences-data.json"]
    assert found["timezone"] == shown


# --- the tiles -----------------------------------------------------------------------------------------------------


def test_there_is_a_tile_for_each_service_with_a_link_to_its_page() -> None:
    found = tiles()
    assert [(tile["serviceTitle"], tile["link"], tile["linkurl"]) for tile in found] == [
        ("Unpackerr", "No", "http://localhost:80/live/up.php?service=unpackerr"),
        ("Sonarr", "Yes", "https://sonarr.media.test/"),
        ("Secret", "No", "http://localhost:80/live/up.php?service=secret"),
    ]
    assert [problem for tile in found for problem in schema.tile_problems(tile)] == []
    assert {tile["type"] for tile in found} == {" Standard"}


def test_a_service_that_is_off_has_no_tile() -> None:
    less = {name: words for name, words in PLAN["portal"].items() if name != "sonarr"}
    assert "Sonarr" not in [tile["serviceTitle"] for tile in tiles(less)]


def test_titles_are_short_enough_no_path_and_each_is_there_once() -> None:
    words = {"title": "Series / a very long name", "section": "Library", "text": ""}
    found = tiles({"sonarr": words, "sonarr-4k": words, "sonarr-8k": {**words, "title": "Short"}})
    assert [tile["serviceTitle"] for tile in found] == ["Series - a very long", "Series - a very lo 2", "Short"]
    assert [problem for tile in found for problem in schema.tile_problems(tile)] == []
