# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The libraries. Plex asks no question about a second one of the same name, type and folder: it makes it."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from . import scan
from .element import Element

#: type -> agents, scanners. The first of each is what upstream makes today.
KINDS = {
    "movie": (("tv.plex.agents.movie", "com.plexapp.agents.none"), ("Plex Movie", "Plex Video Files Scanner")),
    "show": (("tv.plex.agents.series", "com.plexapp.agents.none"), ("Plex TV Series", "Plex Series Scanner")),
    "artist": (("tv.plex.agents.music", "com.plexapp.agents.none"), ("Plex Music", "Plex Music Scanner")),
    "photo": (("com.plexapp.agents.none",), ("Plex Photo Scanner",)),
}
CHANGEABLE = ("name", "agent", "scanner", "language")


class BadRequestError(ValueError):
    """What is asked for cannot be."""


@dataclass
class Section:
    key: int
    name: str
    type: str
    agent: str
    scanner: str
    language: str
    locations: list[tuple[int, str]]
    uuid: str = field(default_factory=lambda: str(uuid.uuid4()))
    created: int = field(default_factory=lambda: int(time.time()))
    scanned: int = 0
    prefs: dict[str, str] = field(default_factory=dict)
    items: list[scan.Item] = field(default_factory=list)
    refreshing: bool = False

    def element(self) -> Element:
        places = [Element("Location", {"id": number, "path": path}) for number, path in self.locations]
        attributes = {
            **{"allowSync": True, "filters": True, "refreshing": self.refreshing, "key": str(self.key)},
            **{"type": self.type, "title": self.name, "agent": self.agent, "scanner": self.scanner},
            **{"language": self.language, "uuid": self.uuid, "createdAt": self.created, "updatedAt": self.created},
            **{"scannedAt": self.scanned, "content": True, "directory": True, "hidden": 0},
        }
        return Element("Directory", attributes, places)


class Libraries:
    """All libraries, kept in one file beside the server's."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.lock = threading.RLock()
        self.sections: dict[int, Section] = {}
        self._next = 1
        if file.exists():
            stored = json.loads(file.read_text(encoding="utf-8"))
            self._next = stored["next"]
            for entry in stored["sections"]:
                items = [scan.Item(**item) for item in entry.pop("items")]
                places = [(number, path) for number, path in entry.pop("locations")]
                self.sections[entry["key"]] = Section(**entry, locations=places, items=items)

    def create(self, given: dict[str, list[str]]) -> Section:
        needed = {name: (given.get(name) or [""])[0] for name in ("name", "type", "agent", "scanner", "language")}
        missing = [name for name, value in needed.items() if not value]
        if missing:
            raise BadRequestError(f"missing: {', '.join(missing)}")
        with self.lock:
            name, kind, agent, scanner, language = needed.values()
            section = Section(self._number(), name, kind, agent, scanner, language, locations=[])
            self._settle(section, given)
            self.sections[section.key] = section
            self.save()
            return section

    def change(self, section: Section, given: dict[str, list[str]]) -> None:
        """Change what is given; locations as a whole."""
        if "agent" not in given:
            raise BadRequestError("missing: agent")
        with self.lock:
            draft = Section(**{**vars(section), "prefs": dict(section.prefs)})
            for name in CHANGEABLE:
                if given.get(name):
                    setattr(draft, name, given[name][0])
            self._settle(draft, given)
            vars(section).update(vars(draft))
            kept = [path for _number, path in section.locations]
            section.items = [item for item in section.items if item.file.startswith(tuple(f"{path}/" for path in kept))]
            self.save()

    def remove(self, section: Section) -> None:
        with self.lock:
            del self.sections[section.key]
            self.save()

    def refresh(self, section: Section, below: str | None, empty_trash: bool) -> None:
        """Look at the folders and take in what is new; what is gone goes to the trash, or for good."""
        with self.lock:
            section.refreshing = True
        files = scan.found(section.type, [path for _number, path in section.locations], below)
        with self.lock:
            known = {item.file: item for item in section.items}
            looked_at = [
                item for item in section.items if below is None or item.file.startswith(below.rstrip("/") + "/")
            ]
            for item in looked_at:
                item.deleted = item.file not in files
            if empty_trash:
                section.items = [item for item in section.items if not item.deleted]
            for path, (location, status) in sorted(files.items()):
                if path in known:
                    known[path].size = status.st_size
                else:
                    section.items.append(scan.described(section.type, self._number(), path, location, status))
            section.scanned = int(time.time())
            section.refreshing = False
            self.save()

    def save(self) -> None:
        with self.lock:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            stored = [{**asdict(section), "refreshing": False} for section in self.sections.values()]
            beside = self.file.with_suffix(".new")
            beside.write_text(json.dumps({"next": self._next, "sections": stored}), encoding="utf-8")
            beside.rename(self.file)

    def _number(self) -> int:
        self._next += 1
        return self._next - 1

    def _settle(self, section: Section, given: dict[str, list[str]]) -> None:
        """Check what is left to check, and take the locations and the library's own preferences."""
        agents, scanners = KINDS.get(section.type, ((), ()))
        if section.agent not in agents or section.scanner not in scanners:
            raise BadRequestError(f"{section.type}: agent {section.agent} and scanner {section.scanner} do not fit")
        if given.get("location"):
            wanted = _existing(given["location"])
            before = {path: number for number, path in section.locations}
            section.locations = [(before.get(path) or self._number(), path) for path in wanted]
        if not section.locations:
            raise BadRequestError("missing: location")
        for name, values in given.items():
            if name.startswith("prefs["):
                section.prefs[name[6:-1]] = values[0]


def _existing(paths: Iterable[str]) -> list[str]:
    wanted = list(dict.fromkeys(path.rstrip("/") or "/" for path in paths))
    for path in wanted:
        if not Path(path).is_dir():
            raise BadRequestError(f"{path} is no folder")
    return wanted


def listed(section: Section, kind: str | None) -> list[Element]:
    """Return what /all lists: films, shows or artists; with type=4 episodes, with type=10 tracks."""
    leaves = {"show": ("4", "episode"), "artist": ("10", "track")}.get(section.type)
    if leaves is None or kind == leaves[0]:
        return [_leaf(section, item, leaves[1] if leaves else section.type) for item in section.items]
    groups: dict[str, list[scan.Item]] = {}
    for item in section.items:
        groups.setdefault(item.group, []).append(item)
    return [
        Element(
            "Directory",
            {
                **{"ratingKey": f"g{items[0].key}", "key": f"/library/metadata/g{items[0].key}/children"},
                **{"type": section.type, "title": name, "year": items[0].year, "leafCount": len(items)},
                "addedAt": items[0].added,
            },
        )
        for name, items in groups.items()
    ]


def _leaf(section: Section, item: scan.Item, kind: str) -> Element:
    place: dict[str, Any] = {"ratingKey": str(item.key), "key": f"/library/metadata/{item.key}", "type": kind}
    place |= {"title": item.title, "librarySectionID": section.key, "addedAt": item.added}
    if item.year:
        place["year"] = item.year
    if kind in ("episode", "track"):
        place |= {"grandparentTitle": item.group, "parentIndex": item.season, "index": item.number}
    if item.deleted:
        place["deletedAt"] = int(time.time())
    part = Element("Part", {"id": item.key, "file": item.file, "size": item.size})
    return Element("Track" if kind == "track" else "Video", place, [Element("Media", {"id": item.key}, [part])])
