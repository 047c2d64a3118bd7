# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Talking to Organizr: its HTTP API, and every way in which that goes wrong."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.homelab.media.plugins.module_utils.hiding import without
from ansible_collections.homelab.media.plugins.module_utils.outcome import OneProblem

#: More than any answer that is read here.
LARGEST = 16 * 1024 * 1024
#: Seconds between two questions to a server that does not answer yet.
PAUSE = 0.5
#: Seconds for one answer: each request sets up all of the application, and writes its configuration anew.
SLOWEST = 60.0
_MESSAGE = 500
_LOST = (OSError, http.client.HTTPException)


class OrganizrError(OneProblem):
    """The server does not do what it is asked. One problem, told in one line."""


class NotReady(OrganizrError):
    """Nothing answers yet, or nothing of Organizr."""


class Rejected(OrganizrError):
    """The server refuses this one thing. message: in its own words."""

    def __init__(self, where: str, what: str, status: int, message: str) -> None:
        told = f": {message}" if message else ""
        super().__init__(where, f"answered {what} with HTTP {status}{told}", "a value that it takes")
        self.status, self.message = status, message


class Client:
    """One server. Whatever is hidden appears in no message."""

    def __init__(self, url: str, token: str, patience: float) -> None:
        parts = urlsplit(url.rstrip("/"))
        self.where = f"Organizr at {url.rstrip('/')}"
        self.patience = patience
        self._token = token
        self._hidden: set[str] = set()
        self._base = f"{parts.path}/api/v2"
        self._host, self._port = parts.hostname or "", parts.port or 80

    def hide(self, secret: str) -> None:
        self._hidden.add(secret)

    def status(self, *, wait: bool = True) -> dict[str, Any]:
        """Return what the server says of itself to anybody, asked again while it has to fetch itself."""
        deadline = time.monotonic() + (self.patience if wait else 0)
        while True:
            try:
                answer = self.item("GET", "/status")
                break
            except (NotReady, Rejected):
                if time.monotonic() >= deadline:
                    raise
                time.sleep(PAUSE)
        if answer.get("status") != "ok":
            raise OrganizrError(self.where, "answered /api/v2/status with something else", "Organizr on this port")
        return answer

    def is_set_up(self) -> bool:
        """Tell whether somebody has set it up; what its own page asks for that, it says to anybody."""
        status = self.item("GET", "/launch").get("status")
        if not isinstance(status, Mapping) or not isinstance(status.get("userConfigPathExists"), bool):
            raise OrganizrError(self.where, "does not say whether it is set up", "Organizr of version 2.1")
        return bool(status["userConfigPathExists"])

    def item(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Return one object."""
        found = self.ask(method, path, body)
        if not isinstance(found, dict):
            raise OrganizrError(self.where, f"answered {method} /api/v2{path} with something else", "an object")
        return found

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Return the data of the answer to a request with a JSON body. Each is sent once."""
        what = f"{method} /api/v2{path}"
        content = None if body is None else json.dumps(body).encode()
        headers = {"Accept": "application/json", "Connection": "close"}
        if self._token:
            headers["Token"] = self._token
        if content is not None:
            headers["Content-Type"] = "application/json"
        connection = http.client.HTTPConnection(self._host, self._port, timeout=SLOWEST)
        try:
            connection.request(method, f"{self._base}{path}", content, headers)
            response = connection.getresponse()
            return self._understood(what, response.status, response.read(LARGEST))
        except _LOST as error:
            raise self._lost(what, error) from None
        finally:
            connection.close()

    def _understood(self, what: str, status: int, answer: bytes) -> Any:
        if status == 204:
            return None
        try:
            said = json.loads(answer)["response"]
            result, message = said["result"], str(said.get("message") or "")
        except (ValueError, KeyError, TypeError, AttributeError):
            # nginx, or PHP before Organizr has anything to say.
            reason = f"answered {what} with HTTP {status} and nothing of Organizr"
            raise NotReady(self.where, reason, "one that has fetched itself and started") from None
        if status >= 300 or result != "success":
            raise Rejected(self.where, what, status, self.clean(message))
        return said.get("data")

    def clean(self, text: str) -> str:
        """Return the server's words on one line, without secrets."""
        return " ".join(without(self._hidden, text).split())[:_MESSAGE]

    def _lost(self, what: str, error: Exception) -> NotReady:
        cause = error.strerror if isinstance(error, OSError) and error.strerror else str(error) or type(error).__name__
        return NotReady(self.where, f"does not answer {what} ({cause})", "one that runs and listens there")
