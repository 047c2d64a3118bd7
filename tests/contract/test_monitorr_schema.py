# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is rendered for Monitorr, and what its stand-in takes, against upstream's own schemas and defaults."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import monitorr_settings
from jsonschema import Draft3Validator

from tests.images.monitorr.stand_in import schema

CONTRACTS = Path(__file__).resolve().parents[3] / "shared" / "contracts" / "monitorr" / "config"
SETTINGS = {"media_domain": "media.test", "media_timezone": "Europe/Berlin", "portal_monitorr_title": "Our house"}
PLAN: dict[str, Any] = {
    "pages": [{"service": "sonarr", "names": ["sonarr.media.test"], "path": "/", "access": "two_factor"}],
    "portal": {
        "sonarr": {"title": "Sonarr", "section": "Library", "text": ""},
        "unpackerr": {"title": "Unpackerr of a house", "section": "Downloads", "text": ""},
    },
}
#: The stand-in's tables, by upstream's names.
TABLES = {"services": schema.TILE, "site_settings": schema.SITE, "user_preferences": schema.USER}


def upstream(name: str) -> dict[str, Any]:
    """Return a schema of upstream's: of draft 3, but with patterns that are no text."""
    file = CONTRACTS / f"{name}-schema.json"
    if not file.is_file():
        pytest.skip("the contracts beside the project are not here: shared/contracts/monitorr")
    found: dict[str, Any] = _plain(json.loads(file.read_text(encoding="utf-8")))
    return found


def defaults(name: str) -> Any:
    upstream(name)
    file = (
        CONTRACTS / "_installation" / "default" / f"{name}-data_default.json".replace("services", "services_settings")
    )
    return json.loads(file.read_text(encoding="utf-8"))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        left_out = ("dependencies",) if "properties" in value else ()
        return {k: _plain(v) for k, v in value.items() if k not in left_out and not (k == "pattern" and v == {})}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def rendered(name: str) -> Any:
    if name == "services":
        return monitorr_settings.tiles(PLAN)
    return monitorr_settings.plain(SETTINGS)[f"{name}-data.json"]


def entries(name: str) -> dict[str, Any]:
    found = upstream(name)
    properties: dict[str, Any] = (found["items"] if name == "services" else found)["properties"]
    return properties


@pytest.mark.parametrize("name", list(TABLES))
def test_what_is_rendered_is_as_upstream_wants_it(name: str) -> None:
    assert [error.message for error in Draft3Validator(upstream(name)).iter_errors(rendered(name))] == []


@pytest.mark.parametrize(
    ("key", "value"),
    [("type", "Standard"), ("enabled", "yes"), ("ping", "No"), ("link", "Enabled"), ("serviceTitle", "x" * 21)],
)
def test_control_upstream_and_the_stand_in_refuse_the_same(key: str, value: str) -> None:
    tile = {**monitorr_settings.tiles(PLAN)[0], key: value}
    assert list(Draft3Validator(upstream("services")).iter_errors([tile]))
    assert schema.tile_problems(tile)


@pytest.mark.parametrize("name", list(TABLES))
def test_the_stand_in_knows_upstreams_fields_and_choices(name: str) -> None:
    for key, entry in entries(name).items():
        assert key in TABLES[name]
        # The time zones are a matter of the collection's, below.
        if "enum" in entry and key != "timezone":
            assert TABLES[name][key] == tuple(entry["enum"])
        if "maxLength" in entry:
            assert schema.LONGEST[key] == entry["maxLength"]
    assert set(TABLES[name]) == set(entries(name))


@pytest.mark.parametrize("name", list(TABLES))
def test_the_stand_in_takes_upstreams_own_defaults(name: str) -> None:
    found = defaults(name)
    if name == "services":
        assert [schema.tile_problems(tile) for tile in found] == [[]] * len(found)
    else:
        assert schema.entry_problems(found, TABLES[name]) == []


def test_the_time_zones_are_upstreams() -> None:
    known = {f"{region}/{place}" for region, places in monitorr_settings.ZONES.items() for place in places.split()}
    assert known == set(entries("user_preferences")["timezone"]["enum"])


def test_upstreams_limits_are_the_collections() -> None:
    assert entries("services")["serviceTitle"]["maxLength"] == monitorr_settings.LONGEST_TILE
    assert entries("user_preferences")["sitetitle"]["maxLength"] == monitorr_settings.LONGEST_TITLE
    assert monitorr_settings.STANDARD in entries("services")["type"]["enum"]
