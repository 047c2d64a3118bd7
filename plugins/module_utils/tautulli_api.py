# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asking Tautulli how it is, and whether Plex talks to it."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.outcome import OneProblem

#: Seconds between two questions while Tautulli starts, or looks for Plex.
PAUSE = 0.5


class TautulliError(OneProblem):
    """Tautulli does not do what it is asked."""

    def __init__(self, where: str, reason: str, expected: str) -> None:
        super().__init__(f"Tautulli at {where}", reason, expected)


class NotReady(TautulliError):
    """Nothing answers yet."""


class Client:
    """One Tautulli. Its key has to be in the query, so that no address is ever told."""

    def __init__(self, url: str, key: str, timeout: float = 10) -> None:
        self.url = url.rstrip("/")
        self._key = key
        self.timeout = timeout
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def command(self, name: str) -> Any:
        """Return the data of one command. Errors come with HTTP 400, the wrong key among them."""
        query = urllib.parse.urlencode({"apikey": self._key, "cmd": name})
        try:
            with self._opener.open(f"{self.url}/api/v2?{query}", timeout=self.timeout) as answer:
                text = answer.read(1024 * 1024)
        except urllib.error.HTTPError as error:
            with error:
                text = error.read(65536)
                if error.code >= 500:
                    raise NotReady(self.url, f"answered HTTP {error.code}", "an answer in earnest") from None
        except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
            cause = getattr(error, "reason", None) or error
            raise NotReady(self.url, f"does not answer ({cause})", "a running Tautulli on that port") from None
        try:
            response = json.loads(text)["response"]
            result, message = response["result"], response.get("message")
        except (ValueError, KeyError, TypeError, AttributeError):
            raise TautulliError(self.url, f"answered {name} with no JSON of its own", "Tautulli on that port") from None
        if result != "success":
            raise TautulliError(self.url, f"refused {name} ({message})", "tautulli_api_key as Tautulli has it")
        return response.get("data")


def look(client: Client, *, connected: bool, seconds: float) -> dict[str, Any]:
    """Return how Tautulli is. connected: wait until Plex talks to it, which it tries twice a minute."""
    end = time.monotonic() + seconds
    while True:
        try:
            found = _look(client)
        except NotReady:
            found = {"reachable": False, "connected": False, "version": ""}
        if (found["reachable"] and (found["connected"] or not connected)) or time.monotonic() > end:
            return found
        time.sleep(PAUSE)


def _look(client: Client) -> dict[str, Any]:
    status = client.command("server_status") or {}
    facts = client.command("get_tautulli_info") or {}
    return {
        "reachable": True,
        "connected": bool(status.get("connected")),
        "version": str(facts.get("tautulli_version", "")),
    }
