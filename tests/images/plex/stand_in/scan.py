# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is in a library's folders: really read from disk, named by the rules that media folders follow."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from typing import Any

_VIDEO = {".mkv", ".mp4", ".avi", ".m4v", ".ts", ".mov", ".webm"}
_AUDIO = {".flac", ".mp3", ".m4a", ".ogg", ".opus"}
_PICTURE = {".jpg", ".jpeg", ".png"}
SUFFIXES = {"movie": _VIDEO, "show": _VIDEO, "artist": _AUDIO, "photo": _PICTURE}
_EPISODE = re.compile(r"s(\d{1,2})e(\d{1,3})", re.IGNORECASE)
_YEAR = re.compile(r"^(?P<title>.+?)\s*\((?P<year>\d{4})\)")


@dataclass
class Item:
    """One file. group: the show or artist that it belongs to. deleted: gone, and still in the trash."""

    key: int
    file: str
    size: int
    title: str
    group: str
    year: int = 0
    season: int = 0
    number: int = 0
    added: int = 0
    deleted: bool = False

    def stored(self) -> dict[str, Any]:
        return asdict(self)


def found(kind: str, locations: Iterable[str], below: str | None) -> dict[str, tuple[str, os.stat_result]]:
    """Return path -> (location, status) of each media file, only below the given folder if there is one."""
    files: dict[str, tuple[str, os.stat_result]] = {}
    for location in locations:
        start = location if below is None else below
        if start != location and not start.startswith(location.rstrip("/") + "/"):
            continue
        for folder, names, entries in os.walk(start):
            names[:] = [name for name in names if not name.startswith(".")]
            for entry in entries:
                path = f"{folder}/{entry}"
                if PurePath(entry).suffix.lower() in SUFFIXES[kind] and os.access(path, os.R_OK):
                    files[path] = (location, Path(path).stat())
    return files


def described(kind: str, key: int, path: str, location: str, status: os.stat_result) -> Item:
    """Return the item that a file is."""
    inside = PurePath(path).relative_to(location)
    folder = inside.parts[0] if len(inside.parts) > 1 else inside.stem
    named = _YEAR.match(folder) or _YEAR.match(inside.stem)
    title, year = (named["title"], int(named["year"])) if named else (folder, 0)
    item = Item(key, path, status.st_size, title, title, year, added=int(time.time()))
    if kind == "show":
        episode = _EPISODE.search(inside.stem)
        item.season, item.number = (int(episode[1]), int(episode[2])) if episode else (0, 0)
        item.title = f"Episode {item.number}"
    elif kind == "artist":
        item.title = inside.stem
    return item
