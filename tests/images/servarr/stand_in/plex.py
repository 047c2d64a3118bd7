# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plex, as the applications talk to it."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from .errors import Failure
from .outgoing import Answer, Unreachable, ask

TYPES = {"sonarr": "show", "radarr": "movie", "lidarr": "artist", "readarr": "artist"}


class PlexError(Exception):
    """It did not answer as it should."""


class PlexRefused(PlexError):
    """It does not take the token."""


class Plex:
    def __init__(self, settings: dict[str, Any], kind: str) -> None:
        scheme = "https" if settings["useSsl"] else "http"
        base = (settings.get("urlBase") or "").rstrip("/")
        self.settings, self.type = settings, TYPES[kind]
        self.url = f"{scheme}://{settings['host']}:{settings['port']}{base}"

    def _ask(self, path: str) -> Answer:
        headers = {
            "Accept": "application/json",
            "X-Plex-Token": self.settings.get("authToken") or "",
            "X-Plex-Client-Identifier": "stand-in",
        }
        try:
            answer = ask(self.url + path, headers=headers)
        except Unreachable as error:
            raise PlexError(f"Unable to connect to Plex server: {error}") from error
        if answer.status == 401:
            raise PlexRefused("Unauthorized - AuthToken is invalid")
        if answer.status != 200:
            raise PlexError(f"Plex server answered HTTP {answer.status}")
        return answer

    def sections(self) -> list[dict[str, Any]]:
        """Return the libraries of the fitting type."""
        try:
            found = self._ask("/library/sections").json()["MediaContainer"].get("Directory", [])
        except (ValueError, KeyError) as error:
            raise PlexError(f"Plex server's answer cannot be read: {error}") from error
        return [section for section in found if section["type"] == self.type]

    def update(self, root: str, path: str) -> None:
        """Have the folder scanned; where no library has the root folder, each of the type as a whole."""
        sections = self.sections()
        fitting = [
            section["key"]
            for section in sections
            for location in section.get("Location", [])
            if location["path"].rstrip("/") == self._mapped(root)
        ]
        for key in fitting:
            self._ask(f"/library/sections/{key}/refresh?path={quote(self._mapped(path), safe='')}")
        if not fitting:
            for section in sections:
                self._ask(f"/library/sections/{section['key']}/refresh")

    def _mapped(self, path: str) -> str:
        begin, end = (self.settings.get("mapFrom") or "").rstrip("/"), (self.settings.get("mapTo") or "").rstrip("/")
        path = path.rstrip("/")
        if begin and end and (path == begin or PurePosixPath(begin) in PurePosixPath(path).parents):
            return end + path[len(begin) :]
        return path


def test(settings: dict[str, Any], kind: str) -> list[Failure]:
    try:
        if not Plex(settings, kind).sections():
            return [Failure("Host", f"At least one {TYPES[kind]} library is required")]
    except PlexRefused:
        return [Failure("AuthToken", "Invalid Auth Token")]
    except PlexError as error:
        return [Failure("Host", "Unable to connect to Plex Media Server", detail=str(error))]
    return []
