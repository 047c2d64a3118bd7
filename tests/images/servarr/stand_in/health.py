# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""/health: what is wrong with the wiring, found anew after each change and by command."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import nzbget
from .implementations import category_field

if TYPE_CHECKING:
    from .program import Program

#: Seconds until it looks after a change, and until it asks those again that did not answer, as upstream's first
#: back-off is.
SOON, AGAIN = 0.3, 60.0


class Health:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.issues: list[dict[str, Any]] = []
        self.failing_applications: list[str] = []  # as the last sync found them
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    def refresh_soon(self) -> None:
        """Look in a moment; several changes in a row make one look."""
        with self._lock:
            if self._timer:
                self._timer.cancel()
            self._look_in(SOON)

    def _again(self) -> None:
        """Look later, unless a change has come in between, which is looked at anyway."""
        with self._lock:
            timer = self._timer
            if timer is None or timer is threading.current_thread() or not timer.is_alive():
                self._look_in(AGAIN)

    def _look_in(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self.refresh)
        self._timer.daemon = True
        self._timer.start()

    def refresh(self) -> None:
        found: list[tuple[str, str, str]] = []
        if len(self.program.auth.key) < 20:
            found.append(
                ("ApiKeyValidationCheck", "warning", "Please update your API key to be at least 20 characters")
            )
        found += self._prowlarr() if self.program.app.is_prowlarr else self._arr()
        self.issues = [
            {"source": source, "type": kind, "message": text, "wikiUrl": "https://wiki.servarr.com/"}
            for source, kind, text in found
        ]
        if found:
            self._again()

    def _failing(self, kind: str) -> list[str]:
        """Return the names of enabled definitions whose test fails. No test that writes to somebody is made."""
        if kind == "applications":
            return self.failing_applications
        providers = self.program.providers[kind]
        return [
            item["name"]
            for item in providers.enabled()
            if item["implementation"] != "Webhook" and any(not failure.warning for failure in providers.failures(item))
        ]

    def _status(self, kind: str, source: str, text: str) -> list[tuple[str, str, str]]:
        failing = self._failing(kind)
        everything = len(failing) == len(self.program.providers[kind].enabled())
        if not failing:
            return []
        return [(source, "error" if everything else "warning", f"{text} due to failures: {', '.join(failing)}")]

    def _prowlarr(self) -> list[tuple[str, str, str]]:
        found = []
        if not self.program.providers["indexer"].enabled():
            found.append(("IndexerCheck", "error", "No indexers enabled, Prowlarr will not return search results"))
        found += self._status("indexer", "IndexerStatusCheck", "Indexers unavailable")
        found += self._status("applications", "ApplicationStatusCheck", "Applications unavailable")
        return found

    def _arr(self) -> list[tuple[str, str, str]]:
        found = []
        if not self.program.providers["indexer"].enabled():
            text = f"No indexers available with RSS sync enabled, {self.program.app.name} will not grab new releases"
            found.append(("IndexerRssCheck", "error", text))
        found += self._status("indexer", "IndexerStatusCheck", "Indexers unavailable")
        found += self._status("notification", "NotificationStatusCheck", "Notifications unavailable")
        found += self._download_clients()
        for root in self.program.database.all("rootfolder"):
            if not Path(root["path"]).is_dir():
                found.append(("RootFolderCheck", "error", f"Missing root folder: {root['path']}"))
        return found

    def _download_clients(self) -> list[tuple[str, str, str]]:
        clients = self.program.providers["downloadclient"].enabled()
        if not clients:
            return [("DownloadClientCheck", "warning", "No download client is available")]
        found = []
        for client in clients:
            if client["implementation"] != "Nzbget":
                continue
            try:
                config = nzbget.Nzbget(client["settings"]).config()
            except nzbget.NzbgetError as error:
                text = f"Unable to communicate with {client['name']}. {error}"
                found.append(("DownloadClientCheck", "error", text))
                continue
            found += self._folders(client, config)
        return found

    def _folders(self, client: dict[str, Any], config: dict[str, str]) -> list[tuple[str, str, str]]:
        folder = nzbget.folder_of(config, client["settings"].get(category_field(self.program.app)) or "")
        if not folder:
            return []
        for root in self.program.database.all("rootfolder"):
            if Path(root["path"]) == Path(folder) or Path(root["path"]) in Path(folder).parents:
                text = f"Download client {client['name']} places downloads in the root folder {root['path']}."
                return [("DownloadClientRootFolderCheck", "warning", text)]
        if not Path(folder).is_dir() and not Path(folder).parent.exists():
            text = f"Download client {client['name']} places downloads in {folder}, which the container does not have."
            return [("RemotePathMappingCheck", "error", text)]
        return []
