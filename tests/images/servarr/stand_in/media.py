# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the pipeline needs to know about a kind of media, whichever it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import titles
from .errors import Failure, not_found
from .settings import current

if TYPE_CHECKING:
    from .program import Program

VIDEO = (".mkv", ".mp4", ".avi", ".ts", ".m4v")


class Media:
    """Parents (series, films, artists, authors) with units (episodes, the film itself, albums, books)."""

    parent_kind = ""
    unit_kind = ""
    extensions: tuple[str, ...] = VIDEO
    search_command = ""  # of one unit, and the name of its list of numbers
    unit_numbers = ""
    scan_command = ""

    def __init__(self, program: Program) -> None:
        self.program, self.database = program, program.database

    def set_up(self) -> None:
        """Add the routes and commands."""

    def parent(self, unit: dict[str, Any]) -> dict[str, Any]:
        found = self.database.find(self.parent_kind, unit[f"{self.parent_kind}Id"])
        if not found:
            raise not_found()
        return found

    def matching(self, title: str) -> list[dict[str, Any]]:
        """Return the units that a title means."""
        raise NotImplementedError

    def queries(self, unit: dict[str, Any]) -> list[dict[str, Any]]:
        """Return what is asked of an indexer, one after the other until there is an answer."""
        raise NotImplementedError

    def target(self, units: list[dict[str, Any]], file: Path, title: str) -> Path:
        """Return where a file of these units belongs."""
        raise NotImplementedError

    def numbers(self, unit: dict[str, Any]) -> dict[str, int]:
        """Return the ids by which queue and history name a unit."""
        return {f"{self.parent_kind}Id": unit[f"{self.parent_kind}Id"], f"{self.unit_kind}Id": unit["id"]}

    def imported(self, units: list[dict[str, Any]], path: Path, title: str) -> None:
        """Note that a file of these units is there now."""
        raise NotImplementedError

    def naming(self) -> dict[str, Any]:
        return current(self.program, "naming")

    def tokens(self, title: str) -> dict[str, Any]:
        found = titles.quality(self.program.app, title)
        return {
            "Quality Full": found["name"],
            "Quality Title": found["name"],
            "Release Group": titles.group(title),
            "Original Title": title,
            "Original Filename": title,
        }

    def checked_place(self, body: dict[str, Any], folder: str) -> tuple[str, list[Failure]]:
        """Return the folder of a new parent, and what is wrong with the request."""
        failures = []
        root = (body.get("rootFolderPath") or "").rstrip("/")
        path = body.get("path") or (f"{root}/{folder}" if root else "")
        roots = [item["path"] for item in self.database.all("rootfolder")]
        if not path:
            failures.append(Failure("Path", "'Path' must not be empty.", path))
        elif root and root not in roots:
            failures.append(Failure("RootFolderPath", f"Root folder '{root}' does not exist", root))
        elif any(item["path"] == path for item in self.database.all(self.parent_kind)):
            failures.append(Failure("Path", f"Path '{path}' is already configured for an existing entry", path))
        if not self.database.find("qualityprofile", body.get("qualityProfileId") or 0):
            failures.append(Failure("QualityProfileId", "Quality Profile does not exist", body.get("qualityProfileId")))
        return path, failures

    def root_of(self, path: str) -> str:
        """Return the root folder that a path lies in."""
        fitting = [item["path"] for item in self.database.all("rootfolder") if path.startswith(item["path"] + "/")]
        return max(fitting, key=len, default=str(Path(path).parent))

    def replace_file(self, kind: str, number: int, path: Path) -> None:
        """Forget the file that a better one takes the place of, and delete it unless it has the same name."""
        before = self.database.find(kind, number)
        if not before:
            return
        self.database.delete(kind, number)
        if before["path"] != str(path):
            Path(before["path"]).unlink(missing_ok=True)

    def allowed(self, unit: dict[str, Any], quality: dict[str, Any]) -> bool:
        """Whether the parent's quality profile takes it."""
        profile = self.database.find("qualityprofile", self.parent(unit)["qualityProfileId"])
        for entry in profile["items"] if profile else []:
            members = [entry, *entry["items"]]
            if any(part.get("quality") and part["quality"]["id"] == quality["id"] for part in members):
                return bool(entry["allowed"])
        return False
