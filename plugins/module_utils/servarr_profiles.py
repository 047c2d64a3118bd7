# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Profiles and formats, declared by names, in the form that the applications have them in."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.servarr_merge import Difference, Unfit, lay_fields
from ansible_collections.homelab.media.plugins.module_utils.servarr_merge import lay_values as lay
from ansible_collections.homelab.media.plugins.module_utils.servarr_values import shown

#: The applications number groups of qualities from here on, apart from the qualities.
FIRST_GROUP = 1001
#: Keys of Lidarr's metadata profiles whose entries are allowed or not, and the key of each entry's name.
ALLOWED = {"primaryAlbumTypes": "albumType", "secondaryAlbumTypes": "albumType", "releaseStatuses": "releaseStatus"}
Choice = tuple[str, tuple[str, ...]]


def quality_profile(
    base: Mapping[str, Any], wanted: Mapping[str, Any], formats: Mapping[str, int]
) -> tuple[dict[str, Any], list[Difference]]:
    """Return the profile with the wanted qualities (best first), cutoff and scores in it, and what differs.

    formats: the application's custom formats, each with its id. Each of them has to be in a profile.
    """
    body = copy.deepcopy(dict(base))
    found = []
    if wanted.get("qualities") is not None:
        before = choices(body.get("items") or [])
        after = _canonical(body.get("items") or [], wanted["qualities"])
        if before != after:
            body["items"] = _arranged(body.get("items") or [], after)
            found.append(Difference("qualities", _listed(before), _listed(after)))
    if wanted.get("cutoff") is not None:
        cutoff = wanted["cutoff"]
        number = cutoff if isinstance(cutoff, int) else _number_of(body.get("items") or [], str(cutoff))
        if number != body.get("cutoff"):
            found.append(Difference("cutoff", _name_of(base.get("items") or [], body.get("cutoff")), shown(cutoff)))
            body["cutoff"] = number
    scores, differences = _scored(body.get("formatItems") or [], wanted.get("formats") or {}, formats)
    if differences or len(scores) != len(body.get("formatItems") or []):
        body["formatItems"] = scores
    return body, found + differences


def choices(items: Iterable[Mapping[str, Any]]) -> list[Choice]:
    """Return the allowed qualities and groups of a profile, best first, in which order it does not have them."""
    found: list[Choice] = []
    for item in items:
        if item.get("allowed"):
            members = tuple(sorted(str(member["quality"]["name"]) for member in item.get("items") or []))
            found.append((_label(item), members))
    return found[::-1]


def metadata_profile(base: Mapping[str, Any], wanted: Mapping[str, Any]) -> tuple[dict[str, Any], list[Difference]]:
    """Return the profile with the named types allowed and all others not, and what differs."""
    body = copy.deepcopy(dict(base))
    found = []
    for key, inner in ALLOWED.items():
        if key not in wanted:
            continue
        entries = body.get(key) or []
        names = {str(entry[inner]["name"]).lower(): str(entry[inner]["name"]) for entry in entries}
        chosen = {_known(names, name, key) for name in wanted[key]}
        before = sorted(str(entry[inner]["name"]) for entry in entries if entry.get("allowed"))
        for entry in entries:
            entry["allowed"] = entry[inner]["name"] in chosen
        if before != sorted(chosen):
            found.append(Difference(key, ", ".join(before), ", ".join(sorted(chosen))))
    return body, found


def specifications(
    current: Iterable[Mapping[str, Any]], wanted: Iterable[Mapping[str, Any]], schema: Iterable[Mapping[str, Any]]
) -> tuple[list[dict[str, Any]], list[Difference]]:
    """Return the wanted specifications, each over the one of that name or its entry of the schema, and what differs."""
    found = []
    body = []
    existing = {str(entry.get("name")).lower(): entry for entry in current}
    patterns = {str(entry.get("implementation")).lower(): entry for entry in schema}
    for item in wanted:
        name, implementation = str(item.get("name")), str(item.get("implementation"))
        base = existing.pop(name.lower(), None)
        if base is None or str(base.get("implementation")).lower() != implementation.lower():
            if implementation.lower() not in patterns:
                known = ", ".join(sorted(str(entry.get("implementation")) for entry in schema))
                raise Unfit(f"has a specification {name} of the kind {implementation}", f"one of {known}")
            base = {key: value for key, value in patterns[implementation.lower()].items() if key != "presets"}
            found.append(Difference(f"specifications.{name}", "", implementation))
            differs = False
        else:
            differs = True
        plain = {key: value for key, value in item.items() if key not in ("fields", "implementation")}
        entry, differences = lay(base, plain)
        entry["fields"], deeper = lay_fields(
            base.get("fields") or [], item.get("fields") or {}, {}, lambda *_args: True
        )
        if differs:
            found.extend(
                Difference(f"specifications.{name}.{each.name}", each.before, each.after)
                for each in [*differences, *deeper]
            )
        body.append(entry)
    found.extend(Difference(f"specifications.{entry.get('name')}", "there", "") for entry in existing.values())
    return body, found


def _known(names: Mapping[str, str], name: Any, what: str) -> str:
    found = names.get(str(name).lower())
    if found is None:
        raise Unfit(f"names {name} in {what}", f"one of {', '.join(names.values())}")
    return found


def _label(item: Mapping[str, Any]) -> str:
    return str(item["quality"]["name"]) if item.get("quality") else str(item.get("name"))


def _qualities(items: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return all qualities of a profile by their names, in its order, out of their groups."""
    found: dict[str, dict[str, Any]] = {}
    for item in items:
        for single in [item] if item.get("quality") else item.get("items") or []:
            found[str(single["quality"]["name"])] = dict(single)
    return found


def _canonical(items: Iterable[Mapping[str, Any]], wanted: Iterable[Any]) -> list[Choice]:
    names = {name.lower(): name for name in _qualities(items)}
    found: list[Choice] = []
    for choice in wanted:
        if isinstance(choice, Mapping):
            members = tuple(sorted(_known(names, name, "qualities") for name in choice.get("qualities") or []))
            found.append((str(choice.get("name")), members))
        else:
            found.append((_known(names, choice, "qualities"), ()))
    return found


def _arranged(items: list[Mapping[str, Any]], wanted: list[Choice]) -> list[dict[str, Any]]:
    qualities = _qualities(items)
    groups = {str(item.get("name")).lower(): int(item["id"]) for item in items if item.get("items") and item.get("id")}
    following = max([FIRST_GROUP - 1, *groups.values()]) + 1
    chosen: list[dict[str, Any]] = []
    for name, members in wanted[::-1]:
        if not members:
            chosen.append({**qualities.pop(name), "items": [], "allowed": True})
            continue
        # Inside a group the order of the qualities is the application's own.
        inside = [member for member in qualities if member in members]
        if name.lower() not in groups:
            groups[name.lower()] = following
            following += 1
        number = groups[name.lower()]
        entries = [{**qualities.pop(member), "items": [], "allowed": True} for member in inside]
        chosen.append({"id": number, "name": name, "items": entries, "allowed": True})
    return [*({**single, "items": [], "allowed": False} for single in qualities.values()), *chosen]


def _number(item: Mapping[str, Any]) -> Any:
    return item["quality"]["id"] if item.get("quality") else item.get("id")


def _number_of(items: list[Mapping[str, Any]], name: str) -> Any:
    allowed = {_label(item).lower(): item for item in items if item.get("allowed")}
    if name.lower() not in allowed:
        raise Unfit(f"has the cutoff {name}", f"one of its qualities: {', '.join(map(_label, allowed.values()))}")
    return _number(allowed[name.lower()])


def _name_of(items: list[Mapping[str, Any]], number: Any) -> str:
    return next((_label(item) for item in items if _number(item) == number), shown(number))


def _scored(
    current: list[dict[str, Any]], wanted: Mapping[str, Any], formats: Mapping[str, int]
) -> tuple[list[dict[str, Any]], list[Difference]]:
    names = {name.lower(): name for name in formats}
    scores = {_known(names, name, "formats"): int(score) for name, score in wanted.items()}
    existing = {entry.get("format"): entry for entry in current}
    body, found = [], []
    for name, number in formats.items():
        entry = dict(existing.get(number) or {"format": number, "name": name, "score": 0})
        score = scores.get(name, entry.get("score"))
        if score != entry.get("score"):
            found.append(Difference(f"formats.{name}", shown(entry.get("score")), shown(score)))
            entry["score"] = score
        body.append(entry)
    return (body if formats else current), found


def _listed(found: list[Choice]) -> str:
    return ", ".join(f"{name} ({' + '.join(members)})" if members else name for name, members in found)
