# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Conditions of custom formats."""

from __future__ import annotations

from typing import Any

from .apps import App
from .errors import Failure, refused
from .fields import Field, Implementation

_TEXT = (Field("value", "Regular Expression"),)
_NUMBER = (Field("value", "Value", "select", 0),)
_LANGUAGE = (Field("value", "Language", "select", 0), Field("exceptLanguage", "Except Language", "checkbox", False))
_SIZE = (Field("min", "Minimum Size", "number", 0), Field("max", "Maximum Size", "number", 0))
_CONDITIONS = {
    "ReleaseTitleSpecification": ("Release Title", _TEXT, ("sonarr", "radarr", "lidarr", "readarr")),
    "ReleaseGroupSpecification": ("Release Group", _TEXT, ("sonarr", "radarr", "lidarr", "readarr")),
    "SizeSpecification": ("Size", _SIZE, ("sonarr", "radarr", "lidarr", "readarr")),
    "IndexerFlagSpecification": ("Indexer Flag", _NUMBER, ("sonarr", "radarr", "lidarr")),
    "LanguageSpecification": ("Language", _LANGUAGE, ("sonarr", "radarr")),
    "SourceSpecification": ("Source", _NUMBER, ("sonarr", "radarr")),
    "ResolutionSpecification": ("Resolution", _NUMBER, ("sonarr", "radarr")),
    "ReleaseTypeSpecification": ("Release Type", _NUMBER, ("sonarr",)),
    "QualityModifierSpecification": ("Quality Modifier", _NUMBER, ("radarr",)),
    "EditionSpecification": ("Edition", _TEXT, ("radarr",)),
    "YearSpecification": ("Year", _SIZE, ("radarr",)),
}


def _offered(app: App) -> dict[str, Implementation]:
    return {
        name: Implementation(name, title, fields)
        for name, (title, fields, kinds) in _CONDITIONS.items()
        if app.kind in kinds
    }


def schema(app: App) -> list[dict[str, Any]]:
    return [
        {**_shown(app, offer, {"name": "", "negate": False, "required": False}, offer.defaults()), "presets": []}
        for offer in _offered(app).values()
    ]


def failures(app: App, conditions: list[Any]) -> list[Failure]:
    found = []
    for condition in conditions:
        if not isinstance(condition, dict) or not condition.get("name"):
            found.append(Failure("Specifications", "Condition name(s) cannot be empty or consist of only spaces"))
            continue
        offer = _offered(app).get(condition.get("implementation") or "")
        if not offer:
            raise refused(500, f"There is no condition {condition.get('implementation')}")
        if any(field.name == "value" and field.type == "textbox" for field in offer.fields):
            settings = offer.settings(condition.get("fields") or [], None)
            if not settings["value"]:
                found.append(Failure("Value", "Regex Pattern must not be empty"))
    return found


def stored(app: App, conditions: list[Any]) -> list[dict[str, Any]]:
    offers = _offered(app)
    return [
        {
            "name": condition["name"],
            "implementation": condition["implementation"],
            "negate": bool(condition.get("negate", False)),
            "required": bool(condition.get("required", False)),
            "settings": offers[condition["implementation"]].settings(condition.get("fields") or [], None),
        }
        for condition in conditions
    ]


def shown(app: App, conditions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    offers = _offered(app)
    return [
        _shown(app, offers[condition["implementation"]], condition, condition["settings"]) for condition in conditions
    ]


def _shown(app: App, offer: Implementation, condition: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": condition["name"],
        "implementation": offer.name,
        "implementationName": offer.title,
        "infoLink": offer.link,
        "negate": condition["negate"],
        "required": condition["required"],
        "fields": offer.json_fields(settings, app),
    }
