# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Monitorr's files, in the form of upstream's schemas. Upstream reads almost anything; this refuses it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

YES_NO, ON_OFF, ENABLE = ("Yes", "No"), ("Enabled", "Disabled"), ("Enable", "Disable")
#: The leading blank is upstream's.
TYPES = (" Standard", " Ping Only")
TILE: dict[str, tuple[str, ...] | None] = {
    "serviceTitle": None,
    "enabled": YES_NO,
    "image": None,
    "type": TYPES,
    "ping": ON_OFF,
    "link": YES_NO,
    "checkurl": None,
    "linkurl": None,
}
SITE: dict[str, tuple[str, ...] | None] = {
    **dict.fromkeys(("rfsysinfo", "rftime", "pinghost", "pingport", "disk1", "disk2", "disk3")),
    **dict.fromkeys(("disk1enable", "disk2enable", "disk3enable"), ENABLE),
    **dict.fromkeys(("cpuok", "cpuwarn", "ramok", "ramwarn", "pingok", "pingwarn", "hdok", "hdwarn")),
}
USER: dict[str, tuple[str, ...] | None] = {
    **dict.fromkeys(("sitetitle", "siteurl", "timezone", "language")),
    "updateBranch": ("master", "develop"),
    "registration": ENABLE,
    "timestandard": ("True", "False"),
}
#: More than the least, less than the most, as numbers in text.
NUMBERS = {
    **dict.fromkeys(("rfsysinfo", "rftime"), (1000, float("inf"))),
    **dict.fromkeys(("cpuok", "cpuwarn", "ramok", "ramwarn", "hdok", "hdwarn"), (1, 100)),
    "pingok": (1, 2000),
    "pingwarn": (2, 2000),
    "pingport": (0, 65536),
}
#: What upstream's own defaults leave out.
ABSENT = ("disk2", "disk3", "disk3enable")
LONGEST = {"serviceTitle": 20, "sitetitle": 15}
FILES = {
    "services_settings-data.json": list,
    "site_settings-data.json": dict,
    "user_preferences-data.json": dict,
}


class Wrong(Exception):
    """What is wrong with Monitorr's files, each thing in one line."""


def data_folder(root: Path) -> Path:
    """Return the folder that assets/data/datadir.json of the application points to; it ends in a slash."""
    pointer = root / "assets" / "data" / "datadir.json"
    try:
        folder = json.loads(pointer.read_text(encoding="utf-8"))["datadir"]
    except (OSError, ValueError, KeyError, TypeError):
        raise Wrong(f"{pointer}: no pointer to a data directory") from None
    if not isinstance(folder, str) or not folder.endswith("/"):
        raise Wrong(f"{pointer}: {folder!r} does not end in a slash, and names are put right behind it")
    return Path(folder)


def read(folder: Path) -> dict[str, Any]:
    """Return what is in the files, by their names without what they end in; Wrong with everything that is wrong."""
    found: dict[str, Any] = {}
    problems = []
    for name, kind in FILES.items():
        try:
            found[name] = json.loads((folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            problems.append(f"{name}: {error}")
            continue
        if not isinstance(found[name], kind):
            problems.append(f"{name}: is no {kind.__name__}")
    if not problems:
        tiles, site, user = (found[name] for name in FILES)
        for index, tile in enumerate(tiles):
            problems += [f"tile {index}: {text}" for text in tile_problems(tile)]
        titles = [str(tile.get("serviceTitle")).lower() for tile in tiles]
        problems += [f"tile {title!r} is there twice" for title in sorted({t for t in titles if titles.count(t) > 1})]
        problems += [f"site: {text}" for text in entry_problems(site, SITE)]
        problems += [f"user: {text}" for text in entry_problems(user, USER)]
    if problems:
        raise Wrong("\n".join(problems))
    return {"tiles": found["services_settings-data.json"], "site": site, "user": user}


def tile_problems(tile: Any) -> list[str]:
    found = entry_problems(tile, TILE)
    if not found:
        for key in ("checkurl", "linkurl"):
            parts = urlsplit(tile[key])
            if parts.scheme not in ("http", "https") or not parts.hostname:
                found.append(f"{key} is no address: {tile[key]!r}")
        if urlsplit(tile["checkurl"]).port is None:
            found.append(f"checkurl has no port: {tile['checkurl']!r}")
        if "/" in tile["serviceTitle"]:
            found.append("serviceTitle has a slash, and names a file")
    return found


def entry_problems(entry: Any, known: dict[str, tuple[str, ...] | None]) -> list[str]:
    """Return what is wrong with one object, all of whose values are text."""
    if not isinstance(entry, dict):
        return [f"is a {type(entry).__name__}"]
    found = [f"{key} is not known" for key in entry if key not in known]
    for key, choices in known.items():
        if key not in entry and key in ABSENT:
            continue
        value = entry.get(key)
        if not isinstance(value, str) or (not value and not key.startswith("disk")):
            found.append(f"{key} is {value!r}, and not text")
        elif choices and value not in choices:
            found.append(f"{key} is {value!r}, not one of {', '.join(map(repr, choices))}")
        elif key in NUMBERS and not _within(value, *NUMBERS[key]):
            found.append(f"{key} is {value!r}, not a number between {NUMBERS[key][0]} and {NUMBERS[key][1]}")
        elif len(value) > LONGEST.get(key, 1 << 16):
            found.append(f"{key} is longer than {LONGEST[key]}")
    return found


def _within(value: str, least: float, most: float) -> bool:
    return value.isdigit() and least < int(value) < most
