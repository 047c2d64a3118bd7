# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Quality profiles: the guide's and a person's own, in the application's words."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from . import guide
from .config import Instance
from .formats import Scores, excepted
from .problems import SyncError
from .service import Service
from .state import Numbers

ORIGINAL = {"id": -2, "name": "Original"}
#: The first number of a group; below are the application's own qualities.
GROUPS = 1000


def sync(service: Service, instance: Instance, scores: Scores, numbers: Numbers) -> None:
    """Make the profiles so; one of the same name is adopted."""
    declared = instance.wanted.get("quality_profiles") or []
    named = [*declared, *({"name": name} for name in scores if name not in [_name(instance, one) for one in declared])]
    if not named:
        return
    there, schema = service.get("qualityprofile"), service.get("qualityprofile/schema")
    formats = {item["id"]: item["name"] for item in service.get("customformat")}
    for one in named:
        name = _name(instance, one)
        known = numbers["profiles"].get(one.get("trash_id") or name, 0)
        found = next((item for item in there if item["id"] == known), None)
        found = found or next((item for item in there if item["name"].lower() == name.lower()), None)
        if found is None and not (one.get("trash_id") or one.get("qualities")):
            raise SyncError(f"quality profile {name!r} is not there, and no qualities are given to make it of")
        body = _wanted(found or schema, one, instance, schema)
        body["formatItems"] = _format_items(body, one, formats, scores.get(name, {}), numbers)
        if found is None:
            body.pop("id", None)
            made = service.write("POST", "qualityprofile", body, f"quality profile {name}: created")
            found = made or {"id": 0}
        elif _essence(found) != _essence(body):
            service.write("PUT", f"qualityprofile/{found['id']}", body, f"quality profile {name}: updated")
        numbers["profiles"][one.get("trash_id") or name] = found["id"]


def _name(instance: Instance, one: Mapping[str, Any]) -> str:
    if one.get("name"):
        return str(one["name"])
    profile: guide.Profile = guide.look_up(guide.PROFILES[instance.kind], one["trash_id"], "quality profile")
    return profile.name


def _wanted(base: Mapping[str, Any], one: Mapping[str, Any], instance: Instance, schema: Mapping[str, Any]) -> Any:
    body = copy.deepcopy(dict(base))
    body["name"] = _name(instance, one)
    profile = guide.PROFILES[instance.kind].get(one.get("trash_id") or "")
    upgrade = one.get("upgrade") or {}
    qualities = _listed(one) or (profile.qualities if profile else ())
    if profile:
        body.update(upgradeAllowed=True, minFormatScore=0, cutoffFormatScore=profile.cutoff_score)
        body["minUpgradeFormatScore"] = 1
        if "language" in schema:
            body["language"] = ORIGINAL
    if qualities:
        body["items"] = _items(schema, qualities, one.get("quality_sort") or "top")
        body["cutoff"] = _number(body["items"], upgrade.get("until_quality") or qualities[0][0])
    for key, own in (("min_format_score", "minFormatScore"), ("min_upgrade_format_score", "minUpgradeFormatScore")):
        if one.get(key) is not None:
            body[own] = one[key]
    if upgrade:
        body["upgradeAllowed"] = upgrade["allowed"]
        if upgrade.get("until_score") is not None:
            body["cutoffFormatScore"] = upgrade["until_score"]
    return body


def _listed(one: Mapping[str, Any]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(
        (quality["name"], tuple(quality.get("qualities") or ()))
        for quality in one.get("qualities") or []
        if quality.get("enabled", True)
    )


def _items(schema: Mapping[str, Any], qualities: Any, sort: str) -> list[dict[str, Any]]:
    """Return every quality of the application, the worst first; those that are not wanted at the end asked for."""
    known = {item["quality"]["name"]: item["quality"] for item in _flat(schema["items"])}
    taken = [name for title, members in qualities for name in (members or (title,))]
    unknown = [name for name in taken if name not in known]
    if unknown:
        raise SyncError(f"unknown qualities: {', '.join(unknown)}")
    chosen = []
    for place, (title, members) in enumerate(qualities):
        if members:
            inner = [{"quality": known[name], "items": [], "allowed": True} for name in reversed(members)]
            chosen.append({"id": GROUPS + place + 1, "name": title, "items": inner, "allowed": True})
        else:
            chosen.append({"quality": known[title], "items": [], "allowed": True})
    rest = [{"quality": known[name], "items": [], "allowed": False} for name in known if name not in taken]
    chosen.reverse()
    return [*rest, *chosen] if sort == "top" else [*chosen, *rest]


def _flat(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [leaf for item in items for leaf in (_flat(item["items"]) if item.get("items") else [item])]


def _number(items: list[dict[str, Any]], name: str) -> int:
    for item in items:
        if (item.get("name") or (item.get("quality") or {}).get("name")) == name:
            return int(item["id"] if item.get("items") else item["quality"]["id"])
    raise SyncError(f"no quality {name!r} to upgrade until")


def _format_items(
    body: Mapping[str, Any],
    one: Mapping[str, Any],
    formats: Mapping[int, str],
    scores: Mapping[str, int],
    numbers: Numbers,
) -> list[dict[str, Any]]:
    """Return a score for each format that the application has: what is wanted, or what was there."""
    wanted = {numbers["formats"].get(trash_id): score for trash_id, score in scores.items()}
    before = {item["format"]: item["score"] for item in body.get("formatItems") or []}
    reset = one.get("reset_unmatched_scores") or {}
    items = []
    for number, name in formats.items():
        kept = 0 if reset.get("enabled") and not excepted(name, reset) else before.get(number, 0)
        items.append({"format": number, "name": name, "score": wanted.get(number, kept)})
    return items


def _essence(body: Mapping[str, Any]) -> Any:
    """Return what counts of a profile, whatever order the application keeps the rest in."""
    keys = ("name", "upgradeAllowed", "minFormatScore", "cutoffFormatScore", "minUpgradeFormatScore")
    scores = sorted((item["format"], item["score"]) for item in body.get("formatItems") or [])
    language = (body.get("language") or {}).get("id")
    return [body.get(key) for key in keys], _shape(body["items"]), _cutoff(body), scores, language


def _shape(items: list[dict[str, Any]]) -> Any:
    """Return the wanted qualities in their order, and the others in none."""
    wanted, rest = [], set()
    for item in items:
        names = [leaf["quality"]["name"] for leaf in _flat([item])]
        if item.get("allowed"):
            wanted.append((item.get("name") if item.get("items") else None, names))
        else:
            rest.update(names)
    return wanted, sorted(rest)


def _cutoff(body: Mapping[str, Any]) -> Any:
    for item in body["items"]:
        if (item.get("id") if item.get("items") else item["quality"]["id"]) == body.get("cutoff"):
            return item.get("name") or item["quality"]["name"]
    return None
