# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Custom formats: which are wanted, which score each has in which profile, and how the application gets them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from . import guide
from .config import Instance
from .service import Service
from .state import Numbers

#: Profile name -> format's trash_id -> score.
Scores = dict[str, dict[str, int]]


def wanted(instance: Instance) -> tuple[dict[str, guide.Format], Scores]:
    """Return every format that the instance shall have, and its scores."""
    known, profiles = guide.FORMATS[instance.kind], guide.PROFILES[instance.kind]
    formats: dict[str, guide.Format] = {}
    scores: Scores = {}
    guided = {}
    for declared in instance.wanted.get("quality_profiles") or []:
        if declared.get("trash_id"):
            profile = guide.look_up(profiles, declared["trash_id"], "quality profile")
            name = declared.get("name") or profile.name
            guided[declared["trash_id"]] = name
            scores[name] = {trash_id: known[trash_id].score for trash_id in profile.formats}
            formats.update({trash_id: known[trash_id] for trash_id in profile.formats})
    for entry in [*_listed(instance), *_grouped(instance, list(guided.values()))]:
        for trash_id in entry["trash_ids"] or []:
            formats[trash_id] = guide.look_up(known, trash_id, "custom format")
            for reference in entry.get("assign_scores_to") or []:
                name = reference.get("name") or guide.look_up(guided, reference["trash_id"], "quality profile")
                score = reference.get("score", entry.get("score", formats[trash_id].score))
                scores.setdefault(name, {})[trash_id] = score
    return formats, scores


def _listed(instance: Instance) -> list[Mapping[str, Any]]:
    return instance.wanted.get("custom_formats") or []


def _grouped(instance: Instance, guided: list[str]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for group in (instance.wanted.get("custom_format_groups") or {}).get("add") or []:
        _name, members = guide.look_up(guide.GROUPS[instance.kind], group["trash_id"], "custom format group")
        chosen = members if group.get("select_all") else tuple(group.get("select") or ())
        for trash_id in chosen:
            guide.look_up(dict.fromkeys(members), trash_id, "custom format of the group")
        kept = [trash_id for trash_id in chosen if trash_id not in (group.get("exclude") or ())]
        assigned = group.get("assign_scores_to") or [{"name": name} for name in guided]
        found.append({"trash_ids": kept, "assign_scores_to": assigned})
    return found


def sync(service: Service, formats: Mapping[str, guide.Format], numbers: Numbers, delete_old: bool) -> None:
    """Make the formats so; one of the same name is adopted."""
    there = service.get("customformat")
    by_number = {item["id"]: item for item in there}
    by_name = {item["name"].lower(): item for item in there}
    for trash_id, declared in formats.items():
        found = by_number.get(numbers["formats"].get(trash_id, 0)) or by_name.get(declared.name.lower())
        body = _body(declared)
        if found is None:
            made = service.write("POST", "customformat", body, f"custom format {declared.name}: created")
            found = made or {"id": 0}
        elif _essence(found) != _essence(body):
            path, what = f"customformat/{found['id']}", f"custom format {declared.name}: updated"
            service.write("PUT", path, {**found, **body, "id": found["id"]}, what)
        numbers["formats"][trash_id] = found["id"]
    for trash_id in [trash_id for trash_id in numbers["formats"] if trash_id not in formats and delete_old]:
        number = numbers["formats"].pop(trash_id)
        if number in by_number:
            what = f"custom format {by_number[number]['name']}: deleted"
            service.write("DELETE", f"customformat/{number}", None, what)


def _body(declared: guide.Format) -> dict[str, Any]:
    specification = {
        "name": declared.name,
        "implementation": "ReleaseTitleSpecification",
        "negate": False,
        "required": True,
        "fields": [{"name": "value", "value": declared.pattern}],
    }
    return {
        "name": declared.name,
        "includeCustomFormatWhenRenaming": False,
        "specifications": [specification],
    }


def _essence(body: Mapping[str, Any]) -> Any:
    """Return what counts of a format, without what the application adds to it."""
    return body["name"], [
        (
            item["name"],
            item["implementation"],
            bool(item.get("negate")),
            bool(item.get("required")),
            sorted((field["name"], str(field.get("value"))) for field in item["fields"] if field["name"] == "value"),
        )
        for item in body.get("specifications") or []
    ]


def excepted(name: str, reset: Mapping[str, Any]) -> bool:
    """Tell whether a format keeps its score although nothing names it."""
    if name.lower() in [text.lower() for text in reset.get("except") or ()]:
        return True
    return any(re.search(pattern, name, re.IGNORECASE) for pattern in reset.get("except_patterns") or ())
