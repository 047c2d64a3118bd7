# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Talking to Plex: its HTTP API, and every way in which that goes wrong."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable
from typing import Any, Callable, TypeVar

from ansible_collections.homelab.media.plugins.module_utils.outcome import OneProblem

Result = TypeVar("Result")
Query = Iterable["tuple[str, str]"]

#: More than any answer that is read here: all preferences are some 100 kB.
LARGEST = 16 * 1024 * 1024
#: Seconds between two questions to a server that is not ready.
PAUSE = 0.2
#: What a server says that does not take libraries yet, with HTTP 400.
STARTING = "starting up"
#: How this collection calls itself to Plex and to plex.tv.
PRODUCT = "homelab.media"


class PlexError(OneProblem):
    """Plex, or plex.tv, does not do what it is asked. One problem, told in one line."""


class NotReady(PlexError):
    """Nothing answers yet, or not yet in earnest: worth another try."""


class Refused(PlexError):
    """The token is not one of the owner's."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Plex's API never redirects; whoever does would be given the token."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


def until(deadline: float | None, ask: Callable[[], Result]) -> Result:
    """Ask until there is an answer in earnest, or the deadline is over. Without one: once."""
    while True:
        try:
            return ask()
        except NotReady:
            if deadline is None or time.monotonic() > deadline:
                raise
            time.sleep(PAUSE)


class Client:
    """One Plex. Asked directly: a proxy from the environment is for the internet, not for this."""

    def __init__(self, url: str, token: str = "", timeout: float = 10) -> None:
        self.url = url.rstrip("/")
        self.where = f"Plex at {self.url}"
        self.token = token
        self.timeout = timeout
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)

    def identity(self) -> dict[str, Any]:
        """Return the server's id, version and whether it is claimed; needs no token."""
        answer = self.container("/identity")
        if not answer.get("machineIdentifier"):
            raise PlexError(self.where, "answered /identity without an id", "Plex, if the port is Plex's")
        return answer

    def container(self, path: str) -> dict[str, Any]:
        """Return what a GET answers."""
        text = self.send("GET", path)
        try:
            found = json.loads(text)["MediaContainer"]
        except (ValueError, KeyError, TypeError):
            found = None
        if not isinstance(found, dict):
            start = text[:60].split("\n")[0].strip()
            raise PlexError(self.where, f"answered {path} with {start!r}", "Plex's JSON, if the port is Plex's")
        return found

    def items(self, path: str, name: str) -> list[dict[str, Any]]:
        """Return a list of things that a GET answers."""
        found = self.container(path).get(name) or []
        if not isinstance(found, list) or any(not isinstance(item, dict) for item in found):
            raise PlexError(self.where, f"answered {path} with something else than a list of {name}", "such a list")
        return found

    def send(self, method: str, path: str, query: Query = ()) -> str:
        """Make a request and return the text of its answer. Neither query nor token is ever told."""
        encoded = urllib.parse.urlencode(list(query), quote_via=urllib.parse.quote)
        headers = {"Accept": "application/json", "X-Plex-Product": PRODUCT, "X-Plex-Client-Identifier": PRODUCT}
        if self.token:
            headers["X-Plex-Token"] = self.token
        address = f"{self.url}{path}" + (f"?{encoded}" if encoded else "")
        request = urllib.request.Request(address, method=method, headers=headers)
        try:
            with self._opener.open(request, timeout=self.timeout) as response:
                text: str = response.read(LARGEST).decode("utf-8", "replace")
                return text
        except urllib.error.HTTPError as error:
            with error:
                raise self._failure(method, path, error.code, _said(error)) from None
        except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
            cause = getattr(error, "reason", None) or error
            raise NotReady(self.where, f"does not answer ({cause})", "a running Plex on that port") from None

    def _failure(self, method: str, path: str, status: int, said: str) -> PlexError:
        if status == 401:
            whose = "the token" if self.token else "a request without a token"
            expected = "plex_token of the account that the server is claimed by"
            return Refused(self.where, f"refused {whose} (HTTP 401)", expected)
        told = f" ({said})" if said else ""
        if status >= 500 or STARTING in said:
            return NotReady(self.where, f"answered {method} {path} with HTTP {status}{told}", "an answer in earnest")
        return PlexError(self.where, f"answered {method} {path} with HTTP {status}{told}", "HTTP 200")


def _said(error: urllib.error.HTTPError) -> str:
    """Return what a server says of an error, in one short line and without its markup."""
    try:
        text = error.read(2000).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        return ""
    parts = [part.partition(">")[2] if ">" in part else part for part in text.split("<")]
    return " ".join(" ".join(parts).split())[:200]
