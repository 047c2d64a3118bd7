# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Root folders and remote path mappings."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from .collections import Collection
from .errors import Failure, refused
from .peers import writable

_OPTIONS = "all|future|missing|existing|latest|first|none"
_MUSIC = (
    "name=s defaultMetadataProfileId=i defaultQualityProfileId=i "
    f"defaultMonitorOption={_OPTIONS} defaultNewItemMonitorOption=all|none|new defaultTags=[i] "
)
_CALIBRE = (
    "isCalibreLibrary=b host=s port=i urlBase=s username=s password=s library=s outputFormat=s outputProfile=s useSsl=b"
)
ROOT_FOLDER = {
    "sonarr": "id=i path=s",
    "radarr": "id=i path=s",
    "lidarr": "id=i path=s " + _MUSIC,
    "readarr": "id=i path=s " + _MUSIC + _CALIBRE,
}


def cleaned(path: str) -> str:
    return path.rstrip("/") or "/"


class RootFolders(Collection):
    kind = "rootfolder"

    @property
    def named(self) -> bool:
        return "name" in self.shape

    def set_up(self) -> None:
        self.allows = ("POST", "PUT", "DELETE") if self.named else ("POST", "DELETE")
        super().set_up()

    def prepared(self, body: dict[str, Any]) -> dict[str, Any]:
        before = self.program.database.find(self.kind, body["id"])
        # The path of a root folder stays what it was.
        return {**body, "path": before["path"] if before else cleaned(body["path"])}

    def failures(self, body: dict[str, Any], before: dict[str, Any] | None) -> list[Failure]:
        failures = self._profiles(body) if self.named else []
        path = body["path"] or ""
        if before:
            return failures
        if not path:
            return [*failures, Failure("Path", "'Path' must not be empty.", path)]
        if not path.startswith("/"):
            return [*failures, Failure("Path", f"Invalid Path: '{path}'", path)]
        place = Path(cleaned(path))
        if any(Path(item["path"]) == place for item in self.all()):
            return [*failures, Failure("Path", f"Path '{path}' is already configured as a root folder", path)]
        if not place.is_dir():
            return [*failures, Failure("Path", f"Path '{path}' does not exist", path)]
        if not writable(str(place)):
            return [*failures, Failure("Path", f"Folder '{path}' is not writable by user '{_user()}'", path)]
        if place == self.program.folder or self.program.folder in place.parents:
            return [*failures, Failure("Path", f"Path cannot be an ancestor of the start up folder '{place}'", path)]
        return failures

    def _profiles(self, body: dict[str, Any]) -> list[Failure]:
        failures = [] if body["name"] else [Failure("Name", "'Name' must not be empty.", "")]
        for name, kind, title in (
            ("defaultQualityProfileId", "qualityprofile", "Quality"),
            ("defaultMetadataProfileId", "metadataprofile", "Metadata"),
        ):
            if not self.program.database.find(kind, body[name]):
                failures.append(Failure(name[0].upper() + name[1:], f"{title} profile does not exist", body[name]))
        return failures

    def shown(self, item: dict[str, Any]) -> dict[str, Any]:
        path = Path(item["path"])
        accessible = os.access(path, os.R_OK | os.X_OK) and path.is_dir()
        more: dict[str, Any] = {"accessible": accessible}
        if accessible:
            space = shutil.disk_usage(path)
            more["freeSpace"] = space.free
            if self.named:
                more["totalSpace"] = space.total
        if not self.named:
            more["unmappedFolders"] = self._unmapped(path) if accessible else []
        return {**item, **more}

    def _unmapped(self, path: Path) -> list[dict[str, Any]]:
        taken = {item["path"] for kind in ("series", "movie") for item in self.program.database.all(kind)}
        return [
            {"name": folder.name, "path": str(folder), "relativePath": folder.name}
            for folder in sorted(path.iterdir())
            if folder.is_dir() and not folder.name.startswith(".") and str(folder) not in taken
        ]


def _user() -> str:
    return "abc" if os.getuid() else "root"


class PathMappings(Collection):
    kind = "remotepathmapping"

    def failures(self, body: dict[str, Any], before: dict[str, Any] | None) -> list[Failure]:
        failures = [] if body["host"] else [Failure("Host", "'Host' must not be empty.", "")]
        if not body["remotePath"]:
            failures.append(Failure("RemotePath", "'Remote Path' must not be empty.", ""))
        local = body["localPath"] or ""
        if not local.startswith("/"):
            failures.append(Failure("LocalPath", f"Invalid Path: '{local}'", local))
        elif not Path(local).is_dir():
            failures.append(Failure("LocalPath", f"Path '{local}' does not exist", local))
        return failures

    def prepared(self, body: dict[str, Any]) -> dict[str, Any]:
        body = {**body, **{name: cleaned(body[name]) + "/" for name in ("remotePath", "localPath")}}
        for item in self.all():
            same = (item["host"].lower(), item["remotePath"]) == (body["host"].lower(), body["remotePath"])
            if same and item["id"] != body["id"]:
                raise refused(500, "RemotePath already configured.")
        return body
