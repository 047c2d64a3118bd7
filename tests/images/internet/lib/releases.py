# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an indexer knows of a posted release: the NZB itself, and the notes that were taken when it was posted."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

_NZB = {"n": "http://www.newzbin.com/DTD/2003/nzb"}
_EPISODE = re.compile(r"\bS(?P<season>\d{1,2})(?:E(?P<episode>\d{1,3}))?\b", re.IGNORECASE)

#: Where a release is that nobody gave a category: Other > Misc.
UNSORTED = 8010


@dataclass(frozen=True)
class Release:
    """One release. attributes: what the indexer found out of it, such as tvdbid, season, imdbid."""

    title: str
    nzb: Path
    category: int
    size: int
    files: int
    posted: int
    group: str
    poster: str
    attributes: dict[str, str] = field(default_factory=dict)

    @property
    def guid(self) -> str:
        return hashlib.sha256(self.title.encode()).hexdigest()[:32]


def parse(title: str, text: bytes, notes: dict[str, Any], nzb: Path) -> Release:
    """Return the release of an NZB. notes: category and attributes as post-release wrote them down."""
    files = ElementTree.fromstring(text).findall("n:file", _NZB)
    segments = [segment for file in files for segment in file.findall("n:segments/n:segment", _NZB)]
    return Release(
        title=title,
        nzb=nzb,
        category=int(notes.get("category") or UNSORTED),
        size=sum(int(segment.get("bytes") or 0) for segment in segments),
        files=len(files),
        posted=max((int(file.get("date") or 0) for file in files), default=0),
        group=next((group.text or "" for file in files for group in file.findall("n:groups/n:group", _NZB)), ""),
        poster=next((file.get("poster") or "" for file in files), ""),
        attributes={**numbered(title), **{name: str(value) for name, value in notes.get("attributes", {}).items()}},
    )


def numbered(title: str) -> dict[str, str]:
    """Return season and episode as a title has them: S01E02, or S01 for a whole season."""
    found = _EPISODE.search(re.sub(r"[._]", " ", title))
    return {name: str(int(value)) for name, value in found.groupdict().items() if value} if found else {}


def load(folder: Path) -> list[Release]:
    """Return the releases of a folder, the latest first. Not one whose NZB is only half written yet."""
    found = []
    for nzb in folder.glob("*.nzb"):
        notes = nzb.with_suffix(".json")
        try:
            told = json.loads(notes.read_text(encoding="utf-8")) if notes.exists() else {}
            found.append(parse(nzb.stem, nzb.read_bytes(), told, nzb))
        except (ElementTree.ParseError, ValueError, FileNotFoundError):
            continue
    return sorted(found, key=lambda release: (-release.posted, release.title))
