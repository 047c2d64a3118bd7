# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the download folder into the library: a rename, a hard link or a copy."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import nzbget, plex
from .downloads import GRABS, OVER, Downloads
from .errors import refused
from .media import Media
from .outgoing import Unreachable, ask
from .settings import current

if TYPE_CHECKING:
    from .program import Program


class Importing:
    def __init__(self, program: Program, media: Media, downloads: Downloads) -> None:
        self.program, self.media, self.downloads = program, media, downloads
        # The clock and a command may both see the same download.
        self._lock = threading.RLock()
        downloads.import_download = self.import_download

    def set_up(self) -> None:
        works = self.program.commands.works
        works[self.media.scan_command] = self._scan
        works["ManualImport"] = self._manual
        works[f"Refresh{self.media.parent_kind.capitalize()}"] = lambda body: ""
        works[f"Rescan{self.media.parent_kind.capitalize()}"] = lambda body: ""

    def import_download(self, grab: dict[str, Any], mode: str) -> list[str]:
        """Import a finished download; return what stands in the way."""
        database = self.program.database
        with self._lock:
            fresh = database.find(GRABS, grab["id"])
            if not fresh or fresh["state"] in OVER:
                return []
            problems, done = self._import_folder(Path(grab["path"]), mode, grab["title"], grab)
            if problems or not done:
                told = problems or ["No files found are eligible for import"]
                if told != grab["messages"]:
                    self.program.log.warn("CompletedDownloadService", f"{grab['title']}: {'; '.join(told)}")
                database.put(GRABS, {**grab, "state": "importPending", "messages": told})
                return told
            database.put(GRABS, {**grab, "state": "imported", "messages": []})
            self._remove(grab)
        return []

    def _remove(self, grab: dict[str, Any]) -> None:
        client = self.program.database.find("downloadclient", grab["clientId"])
        if not client or not client["removeCompletedDownloads"]:
            return
        shutil.rmtree(grab["path"], ignore_errors=True)
        try:
            nzbget.Nzbget(client["settings"]).edit("HistoryDelete", grab["nzbId"])
        except nzbget.NzbgetError as error:
            self.program.log.warn("DownloadEventHub", f"Unable to remove {grab['title']}: {error}")

    def _import_folder(self, folder: Path, mode: str, title: str, grab: dict[str, Any] | None) -> tuple[list[str], int]:
        if not folder.exists():
            return [f"No files found are eligible for import in {folder}"], 0
        files = [folder] if folder.is_file() else sorted(path for path in folder.rglob("*") if path.is_file())
        files = [file for file in files if file.suffix.lower() in self.media.extensions]
        problems, done = [], 0
        for file in files:
            names = (file.stem, folder.name, title)
            units, name = next(((units, name) for name in names if (units := self.media.matching(name))), ([], title))
            if not units:
                problems.append(f"Unable to parse file: {file.name}")
                continue
            # The release's title knows the quality better than a file's own name.
            try:
                self._import_file(file, units, title or name, mode, grab)
                done += 1
            except OSError as error:
                problems.append(f"Unable to import {file.name}: {error}")
        return problems, done

    def _import_file(
        self, file: Path, units: list[dict[str, Any]], title: str, mode: str, grab: dict[str, Any] | None
    ) -> None:
        settings = current(self.program, "mediamanagement")
        target = self.media.target(units, file, title)
        root = Path(self.media.root_of(self.media.parent(units[0])["path"]))
        if not root.is_dir():
            raise OSError(f"Root folder '{root}' was not found")
        target.parent.mkdir(parents=True, exist_ok=True)
        # What comes from Usenet needs no seeding, so it is moved; only a copy that was asked for leaves it there.
        how = self._transfer(file, target, mode.lower() == "copy", settings["copyUsingHardlinks"])
        if settings["setPermissionsLinux"]:
            self._permissions(target, root, settings["chmodFolder"])
        self.media.imported(units, target, title)
        self.program.log.info("ImportApprovedEpisodes", f"Imported by {how}: {target}")
        source = grab or {"title": title, "downloadId": ""}
        data = {"droppedPath": str(file), "importedPath": str(target)}
        event = "downloadFolderImported" if self.media.parent_kind in ("series", "movie") else self._event()
        self.downloads.note(event, source, units, data)
        self._notify(units, str(root))

    def _event(self) -> str:
        return "trackFileImported" if self.media.unit_kind == "album" else "bookFileImported"

    def _transfer(self, file: Path, target: Path, copy: bool, hard_links: bool) -> str:
        target.unlink(missing_ok=True)
        if not copy:
            try:
                file.rename(target)
            except OSError:
                # Another mount.
                shutil.copy2(file, target)
                file.unlink()
                return "copy and delete"
            return "rename"
        if hard_links:
            with contextlib.suppress(OSError):
                os.link(file, target)
                return "hard link"
        shutil.copy2(file, target)
        return "copy"

    def _permissions(self, target: Path, root: Path, mode: str) -> None:
        folders = int(mode, 8)
        target.chmod(folders & 0o666)
        for folder in target.parents:
            if folder == root:
                break
            folder.chmod(folders)

    def _notify(self, units: list[dict[str, Any]], root: str) -> None:
        parent = self.media.parent(units[0])
        for connection in self.program.providers["notification"].enabled():
            if not (connection.get("onDownload") or connection.get("onReleaseImport")):
                continue
            settings = connection["settings"]
            try:
                if connection["implementation"] == "PlexServer":
                    if settings["updateLibrary"]:
                        plex.Plex(settings, self.program.app.kind).update(root, parent["path"])
                elif connection["implementation"] == "Webhook":
                    body = {"eventType": "Download", "instanceName": self.program.config.get("InstanceName")}
                    ask(settings["url"], "POST", {**body, self.media.parent_kind: parent})
                self.program.log.info("NotificationService", f"{connection['name']} was told of {parent['path']}")
            except (plex.PlexError, Unreachable) as error:
                self.program.log.warn(
                    "NotificationService", f"Unable to send OnDownload to {connection['name']}: {error}"
                )

    def _scan(self, body: dict[str, Any]) -> str:
        """The command that other programs give: import this folder, moving or copying."""
        path, mode = Path(str(body.get("path") or "")), str(body.get("importMode") or "Auto")
        grab = self.downloads.grab_of(str(body.get("downloadClientId") or "").lower())
        if grab and grab["path"]:
            problems = self.import_download(grab, mode)
        else:
            problems, _ = self._import_folder(path, mode, path.name, None)
        return "; ".join(problems) or "Import done"

    def _manual(self, body: dict[str, Any]) -> str:
        for item in body.get("files") or []:
            numbers = item.get(self.media.unit_numbers) or [item.get(f"{self.media.unit_kind}Id")]
            units = [self.program.database.find(self.media.unit_kind, number) for number in numbers if number]
            file = Path(item["path"])
            if not all(units) or not units or not file.is_file():
                raise refused(400, f"Cannot import {file}")
            grab = self.downloads.grab_of(str(item.get("downloadId") or "").lower())
            mode = str(body.get("importMode") or "Auto")
            self._import_file(file, [unit for unit in units if unit], file.parent.name, mode, grab)
            if grab:
                self.program.database.put(GRABS, {**grab, "state": "imported"})
        return "Manually imported"
