# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The link to Plex: asked again and again, and with the token that the server has to accept."""

from __future__ import annotations

import json
import ssl
import threading
import urllib.error
import urllib.request
from typing import Any

from .config import Config
from .log import Log

#: Plex's number for the lowest level of a library, by its type: episodes and tracks.
LEAVES = {"show": 4, "artist": 10}


class Link:
    """connected: Plex let us in the last time that it was asked."""

    def __init__(self, config: Config, log: Log, every: float) -> None:
        self.config = config
        self.log = log
        self.every = every
        self.connected = False
        self.libraries: list[dict[str, Any]] = []
        self.server: dict[str, Any] = {}
        self._stop = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True).start()

    def stop(self) -> None:
        self._stop.set()

    def _run(self) -> None:
        while True:
            self._look()
            if self._stop.wait(self.every):
                return

    def _look(self) -> None:
        before = self.connected
        try:
            self.connected = self._connect()
        except (OSError, ValueError) as error:
            self.connected = False
            if before:
                self.log.error(f"Tautulli WebSocket :: Connection lost: {type(error).__name__}.")
        if self.connected and not before:
            self.log.info("Tautulli WebSocket :: Ready")
            self._refresh()

    def _connect(self) -> bool:
        if not self.config["first_run_complete"] or not self.config["pms_token"]:
            return False
        self.server = self._ask("/identity")
        self._ask("/status/sessions")
        return True

    def _refresh(self) -> None:
        if not self.config["pms_identifier"]:
            self.log.error(
                "Tautulli Libraries :: No PMS identifier, cannot refresh libraries. Verify server in settings."
            )
            return
        if self.config["pms_identifier"] != self.server.get("machineIdentifier"):
            self.log.error("Tautulli Libraries :: The server has another identifier than the settings.")
            return
        try:
            found = self._ask("/library/sections").get("Directory") or []
            self.libraries = [{**entry, **self._counts(entry)} for entry in found]
        except (OSError, ValueError):
            self.libraries = []

    def _counts(self, entry: dict[str, Any]) -> dict[str, str]:
        """Return how many items a library has, of each level that its type has."""
        everything = f"/library/sections/{entry['key']}/all"
        counts = {"count": str(self._ask(everything)["size"])}
        if entry["type"] in LEAVES:
            leaves = self._ask(f"{everything}?type={LEAVES[entry['type']]}")
            items = [*leaves.get("Video", ()), *leaves.get("Track", ())]
            parents = {(item["grandparentTitle"], item["parentIndex"]) for item in items}
            counts |= {"parent_count": str(len(parents)), "child_count": str(leaves["size"])}
        return counts

    def _ask(self, path: str) -> dict[str, Any]:
        headers = {"X-Plex-Token": self.config["pms_token"], "Accept": "application/json"}
        request = urllib.request.Request(f"{self.config.pms_url}{path}", headers=headers)
        # Tautulli does not verify a server's certificate unless it is told to.
        context = ssl._create_unverified_context()
        with urllib.request.urlopen(request, timeout=5, context=context) as answer:
            said: dict[str, Any] = json.load(answer)["MediaContainer"]
            return said
