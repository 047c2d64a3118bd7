# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an item of a list has to become: the declared one over the one that is there, or over the application's own."""

from __future__ import annotations

from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import servarr_profiles
from ansible_collections.homelab.media.plugins.module_utils.servarr_declared import Item
from ansible_collections.homelab.media.plugins.module_utils.servarr_kinds import PATTERNS, SPECIFIED
from ansible_collections.homelab.media.plugins.module_utils.servarr_lists import label
from ansible_collections.homelab.media.plugins.module_utils.servarr_merge import (
    Difference,
    Unfit,
    lay_fields,
    lay_values,
)
from ansible_collections.homelab.media.plugins.module_utils.servarr_values import MASK
from ansible_collections.homelab.media.plugins.module_utils.servarr_work import Plan, Work

#: Keys of a quality profile that are declared by names.
_BY_NAME = ("qualities", "cutoff", "formats", "language")
_RELEASES = {"enabled": True, "required": [], "ignored": [], "indexerId": 0, "tags": []}


def plan(work: Work, resource: str, item: Item, current: dict[str, Any] | None) -> Plan:
    """Return what would be sent for an item. Nothing is asked that is known already."""
    new = current is None
    base = _start(work, resource, item) if current is None else current
    values = dict(item.values)
    differences: list[Difference] = []
    if resource == "qualityprofile":
        base, differences = _quality_profile(work, base, values)
    elif resource == "metadataprofile":
        base, differences = servarr_profiles.metadata_profile(base, values)
        values = {key: value for key, value in values.items() if key not in servarr_profiles.ALLOWED}
    elif resource in SPECIFIED and "specifications" in values:
        base, differences = _specified(work, resource, base, values)
    elif resource == "tag":
        values["label"] = str(values.get("label", "")).lower()
    _same_implementation(values, base)
    body, more = lay_values(base, work.lists.resolved(values), work.lists.show)
    differences.extend(more)
    if item.fields or item.secrets:
        place = f"{resource}/{base.get('id')}"

        def written(name: str, secret: str) -> bool:
            return work.ledger.knows(work.name, f"{place}/{name}", secret)

        body["fields"], more = lay_fields(base.get("fields") or [], item.fields, item.secrets, written)
        differences.extend(more)
    if new and "fields" in body:  # the application's own default, which it shows masked, is its own affair
        body["fields"] = [entry for entry in body["fields"] if entry.get("value") != MASK]
    return Plan(body, differences, new)


def _start(work: Work, resource: str, item: Item) -> dict[str, Any]:
    """Return what a new item is laid over."""
    if item.values.get("implementation"):
        return _provider(work, resource, item)
    if item.fields or item.secrets or resource == "qualitydefinition":
        raise Unfit("is not there, and cannot be made of this", "its implementation as well, or the name of one there")
    if resource in PATTERNS:
        return {key: value for key, value in work.lists.schema(resource).items() if key != "id"}
    if resource == "delayprofile":
        found = next((entry for entry in work.lists.get(resource) if not entry.get("tags")), {})
        return {key: value for key, value in found.items() if key not in ("id", "order", "tags")}
    if resource == "releaseprofile":
        return dict(_RELEASES)
    if resource == "customformat":
        return {"includeCustomFormatWhenRenaming": False, "specifications": []}
    return {}


def _provider(work: Work, resource: str, item: Item) -> dict[str, Any]:
    wanted = str(item.values["implementation"]).lower()
    definition = item.fields.get("definitionFile") or item.values.get("definitionName")
    entries = work.lists.schema(resource)
    for entry in entries:
        if str(entry.get("implementation")).lower() != wanted:
            continue
        if definition and str(entry.get("definitionName")) != str(definition):
            continue
        return {key: value for key, value in entry.items() if key not in ("id", "presets")}
    known = ", ".join(sorted({str(entry.get("implementation")) for entry in entries}))
    what = f"{item.values['implementation']}{f' with the definition {definition}' if definition else ''}"
    raise Unfit(f"is of the implementation {what}, which is not known", f"one of {known}")


def _same_implementation(values: dict[str, Any], base: dict[str, Any]) -> None:
    wanted, found = values.get("implementation"), base.get("implementation")
    if wanted and found:
        if str(wanted).lower() != str(found).lower():
            raise Unfit(
                f"is there as {found}, which cannot become {wanted}", f"another name, or no {label(base)} there"
            )
        values["implementation"] = found


def _quality_profile(
    work: Work, base: dict[str, Any], values: dict[str, Any]
) -> tuple[dict[str, Any], list[Difference]]:
    by_name = {key: values.pop(key) for key in _BY_NAME if key in values}
    language = by_name.get("language")
    if isinstance(language, str):
        number = work.lists.id_of("language", language)
        language = next(
            {"id": number, "name": each["name"]} for each in work.lists.get("language") if each["id"] == number
        )
    if language is not None:
        values["language"] = language
    formats = {}
    if by_name.get("formats"):
        formats = {label(entry): int(entry["id"]) for entry in work.lists.get("customformat")}
    return servarr_profiles.quality_profile(base, by_name, formats)


def _specified(
    work: Work, resource: str, base: dict[str, Any], values: dict[str, Any]
) -> tuple[dict[str, Any], list[Difference]]:
    current = base.get("specifications") or []
    wanted = values.pop("specifications")
    kinds = {(str(entry.get("name")).lower(), str(entry.get("implementation")).lower()) for entry in current}
    asked = {(str(entry.get("name")).lower(), str(entry.get("implementation")).lower()) for entry in wanted}
    schema = [] if asked <= kinds else work.lists.schema(resource)
    entries, differences = servarr_profiles.specifications(current, wanted, schema)
    return {**base, "specifications": entries}, differences
