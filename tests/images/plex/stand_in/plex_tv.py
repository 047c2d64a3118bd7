# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""plex.tv, as the server asks it: who a token belongs to, and which account a claim code gives the server to."""

from __future__ import annotations

import json
import ssl
import time
import urllib.error
import urllib.request
from xml.etree import ElementTree

#: Seconds that an answer about a token holds.
REMEMBERED = 300


class PlexTvError(Exception):
    """plex.tv cannot be reached, or says no."""


class PlexTv:
    def __init__(self, url: str, identifier: str) -> None:
        self.url = url.rstrip("/")
        self.identifier = identifier
        self._owners: dict[str, tuple[float, str]] = {}
        # The test bed's sites have no certificate from a public authority.
        self._context = ssl._create_unverified_context()

    def owner(self, token: str) -> str:
        """Return the user name that an account token belongs to, nothing for a token that plex.tv does not know."""
        told, name = self._owners.get(token, (0.0, ""))
        if time.monotonic() - told < REMEMBERED and name:
            return name
        try:
            name = str(json.loads(self._ask("GET", "/api/v2/user", {"X-Plex-Token": token})).get("username", ""))
        except PlexTvError:
            return ""
        self._owners[token] = (time.monotonic(), name)
        return name

    def exchange(self, code: str) -> dict[str, str]:
        """Return the account attributes of Preferences.xml that a claim code is worth."""
        answer = ElementTree.fromstring(self._ask("POST", f"/api/claim/exchange?token={code}", {}))
        token = answer.findtext("authentication-token") or ""
        if not token:
            raise PlexTvError("no token in the answer")
        return {
            "PlexOnlineToken": token,
            "PlexOnlineUsername": answer.findtext("username") or "",
            "PlexOnlineMail": answer.findtext("email") or "",
            "PlexOnlineHome": "0",
        }

    def _ask(self, method: str, path: str, headers: dict[str, str]) -> str:
        told = {"X-Plex-Client-Identifier": self.identifier, "Accept": "application/json", **headers}
        if method == "POST":
            told["Accept"] = "application/xml"
        request = urllib.request.Request(f"{self.url}{path}", method=method, headers=told)
        try:
            with urllib.request.urlopen(request, timeout=10, context=self._context) as answer:
                text: str = answer.read().decode()
                return text
        except (OSError, ValueError) as error:
            raise PlexTvError(str(error)) from None
