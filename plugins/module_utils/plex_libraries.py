# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plex's libraries: what has to be made, changed or removed. No network, no files.

Creation is not idempotent upstream: the same request again makes a second library. So a wanted library is looked for
among those that are there, by type and folders first and by type and name after that, and only then made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: type -> agent and scanner of a new library.
KINDS = {
    "movie": ("tv.plex.agents.movie", "Plex Movie"),
    "show": ("tv.plex.agents.series", "Plex TV Series"),
    "artist": ("tv.plex.agents.music", "Plex Music"),
    "photo": ("com.plexapp.agents.none", "Plex Photo Scanner"),
}
LANGUAGE = "en-US"


@dataclass(frozen=True)
class Library:
    """A library as it is wanted. agent, scanner, language: of a new one Plex's usual, else kept, when not said."""

    name: str
    type: str
    locations: tuple[str, ...] = ()
    agent: str = ""
    scanner: str = ""
    language: str = ""
    absent: bool = False


@dataclass(frozen=True)
class Section:
    """A library as it is."""

    key: str
    name: str
    type: str
    locations: tuple[str, ...]
    agent: str
    scanner: str
    language: str

    @property
    def text(self) -> str:
        return ", ".join([self.type, *self.locations])


@dataclass(frozen=True)
class Step:
    """One request, and what it changes: (field, before, after)."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    name: str
    changes: tuple[tuple[str, str, str], ...]


def sections(directories: Iterable[Mapping[str, Any]]) -> list[Section]:
    """Return the libraries in the server's answer."""
    return [
        Section(
            key=str(entry.get("key", "")),
            name=str(entry.get("title", "")),
            type=str(entry.get("type", "")),
            locations=tuple(_folder(str(place.get("path", ""))) for place in entry.get("Location") or ()),
            agent=str(entry.get("agent", "")),
            scanner=str(entry.get("scanner", "")),
            language=str(entry.get("language", "")),
        )
        for entry in directories
    ]


def plan(present: Sequence[Section], wanted: Sequence[Library]) -> list[Step]:
    """Return the requests that make it so; first what goes, so that no folder is in two libraries at once."""
    found = match(present, wanted)
    steps = []
    for library, section in zip(wanted, found):
        if library.absent and section:
            steps.append(Step("DELETE", _path(section), (), section.name, (("", section.text, ""),)))
    for library, section in zip(wanted, found):
        if not library.absent and section:
            steps.extend(_change(library, section))
    return steps + [_create(library) for library, section in zip(wanted, found) if not library.absent and not section]


def match(present: Sequence[Section], wanted: Sequence[Library]) -> list[Section | None]:
    """Return for each wanted library the one that is it, each at most once; the surest are taken first."""
    found: list[Section | None] = [None] * len(wanted)
    free = list(present)
    for same in (_same_folders, _same_name, _more_folders):
        for index, library in enumerate(wanted):
            if found[index] is None:
                section = next((each for each in free if each.type == library.type and same(library, each)), None)
                if section:
                    found[index] = section
                    free.remove(section)
    return found


def doubles(present: Sequence[Section]) -> list[str]:
    """Return the names of libraries that have type and folders of an earlier one: somebody's creation ran twice."""
    return [
        section.name
        for index, section in enumerate(present)
        if any(
            section.type == other.type and set(section.locations) == set(other.locations) for other in present[:index]
        )
    ]


def _same_folders(library: Library, section: Section) -> bool:
    # What has to go is named; its folders may be another library's by now.
    return not library.absent and set(map(_folder, library.locations)) == set(section.locations)


def _same_name(library: Library, section: Section) -> bool:
    return library.name.strip().lower() == section.name.strip().lower()


def _more_folders(library: Library, section: Section) -> bool:
    """Tell whether the library is one of a person's own that has the wanted folders among others."""
    return not library.absent and set(map(_folder, library.locations)) < set(section.locations)


def _change(library: Library, section: Section) -> list[Step]:
    # A folder that a person added stays: without it, what Plex knows of the files in there would be gone.
    locations = tuple(dict.fromkeys([*section.locations, *map(_folder, library.locations)]))
    agent, scanner = library.agent or section.agent, library.scanner or section.scanner
    language = library.language or section.language
    name = section.name if _more_folders(library, section) else library.name
    changes = [
        (what, before, after)
        for what, before, after in (
            ("name", section.name, name),
            ("agent", section.agent, agent),
            ("scanner", section.scanner, scanner),
            ("language", section.language, language),
        )
        if before != after
    ]
    if set(locations) != set(section.locations):
        changes.append(("locations", ", ".join(section.locations), ", ".join(locations)))
    if not changes:
        return []
    # All of it each time: what is left out of locations would be gone.
    query = _query(name, agent, scanner, language, locations)
    return [Step("PUT", _path(section), query, library.name, tuple(changes))]


def _create(library: Library) -> Step:
    usual = KINDS[library.type]
    locations = tuple(map(_folder, library.locations))
    query = _query(
        library.name, library.agent or usual[0], library.scanner or usual[1], library.language or LANGUAGE, locations
    )
    after = ", ".join([library.type, *locations])
    return Step("POST", "/library/sections", (("type", library.type), *query), library.name, (("", "", after),))


def _query(name: str, agent: str, scanner: str, language: str, locations: Iterable[str]) -> tuple[tuple[str, str], ...]:
    fixed = (("name", name), ("agent", agent), ("scanner", scanner), ("language", language))
    return (*fixed, *(("location", path) for path in locations))


def _path(section: Section) -> str:
    return f"/library/sections/{section.key}"


def _folder(path: str) -> str:
    return path.rstrip("/") or "/"
