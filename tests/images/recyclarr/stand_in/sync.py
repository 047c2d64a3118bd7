# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bring one application to what its instance says, each kind of thing in upstream's order."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import formats, guide, profiles, state
from .config import Instance
from .service import Service

PROPERS = {
    "prefer_and_upgrade": "preferAndUpgrade",
    "do_not_upgrade": "doNotUpgrade",
    "do_not_prefer": "doNotPrefer",
}
#: By the place in the configuration: which table of the guide, and the application's own name.
_NAMES = {
    "sonarr": {
        ("series",): ("series", "seriesFolderFormat"),
        ("season",): ("season", "seasonFolderFormat"),
        ("episodes", "standard"): ("standard", "standardEpisodeFormat"),
        ("episodes", "daily"): ("daily", "dailyEpisodeFormat"),
        ("episodes", "anime"): ("anime", "animeEpisodeFormat"),
    },
    "radarr": {
        ("folder",): ("folder", "movieFolderFormat"),
        ("movie", "standard"): ("standard", "standardMovieFormat"),
    },
}
_RENAME = {"sonarr": ("episodes", "renameEpisodes"), "radarr": ("movie", "renameMovies")}


def sync(instance: Instance, folder: Path, preview: bool) -> list[str]:
    """Do it, and return what was changed."""
    service = Service(instance, preview)
    service.check()
    path = state.path_of(folder, instance)
    numbers = state.load(path)
    wanted, scores = formats.wanted(instance)
    formats.sync(service, wanted, numbers, bool(instance.wanted.get("delete_old_custom_formats")))
    profiles.sync(service, instance, scores, numbers)
    _sizes(service, instance)
    _naming(service, instance)
    _management(service, instance)
    if not preview:
        state.save(path, numbers)
    return service.changes


def _sizes(service: Service, instance: Instance) -> None:
    declared = instance.wanted.get("quality_definition")
    if not declared:
        return
    sizes = guide.look_up(guide.SIZES[instance.kind], declared["type"], "quality definition")
    wanted = {name: dict(zip(("min", "preferred", "max"), size, strict=True)) for name, size in sizes.items()}
    ratio = declared.get("preferred_ratio")
    for size in wanted.values() if ratio is not None else ():
        size["preferred"] = size["min"] + (size["max"] - size["min"]) * ratio
    for own in declared.get("qualities") or []:
        guide.look_up(wanted, own["name"], "quality").update(
            {key: own[key] for key in ("min", "preferred", "max") if own.get(key) is not None}
        )
    changed = []
    for item in service.get("qualitydefinition"):
        size = wanted.get(item["quality"]["name"])
        if size:
            values = {f"{key}Size": None if value == "unlimited" else value for key, value in size.items()}
            if any(item.get(key) != value for key, value in values.items()):
                changed.append({**item, **values})
    if changed:
        service.write("PUT", "qualitydefinition/update", changed, f"quality sizes: {len(changed)} updated")


def _naming(service: Service, instance: Instance) -> None:
    declared = instance.wanted.get("media_naming") or {}
    wanted: dict[str, Any] = {}
    for place, (table, own) in _NAMES[instance.kind].items():
        key = _at(declared, place)
        if key is not None:
            wanted[own] = guide.look_up(guide.NAMING[instance.kind][table], key, "naming format")
    part, own = _RENAME[instance.kind]
    if (declared.get(part) or {}).get("rename") is not None:
        wanted[own] = declared[part]["rename"]
    _singleton(service, "config/naming", wanted)


def _management(service: Service, instance: Instance) -> None:
    asked = (instance.wanted.get("media_management") or {}).get("propers_and_repacks")
    _singleton(service, "config/mediamanagement", {"downloadPropersAndRepacks": PROPERS[asked]} if asked else {})


def _at(declared: Mapping[str, Any], place: tuple[str, ...]) -> Any:
    value: Any = declared
    for key in place:
        value = (value or {}).get(key)
    return value


def _singleton(service: Service, path: str, wanted: Mapping[str, Any]) -> None:
    if not wanted:
        return
    found = service.get(path)
    differing = [key for key, value in wanted.items() if found.get(key) != value]
    if differing:
        service.write("PUT", f"{path}/{found['id']}", {**found, **wanted}, f"{path}: {', '.join(differing)}")
