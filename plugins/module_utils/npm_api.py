# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Talking to Nginx Proxy Manager: its HTTP API, and every way in which that goes wrong."""

from __future__ import annotations

import http.client
import json
import re
import time
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.homelab.media.plugins.module_utils.hiding import without
from ansible_collections.homelab.media.plugins.module_utils.outcome import OneProblem

#: More than any answer that is read here.
LARGEST = 16 * 1024 * 1024
#: Seconds between two questions to a server that does not answer yet.
PAUSE = 0.2
#: Seconds for one answer: nginx is tested and reloaded before it comes.
SLOWEST = 60.0
#: What nginx answers while the server behind it starts.
STARTING = (502, 503, 504)
#: Requests that do the same when they are made twice.
REPEATABLE = ("GET", "PUT")
_MESSAGE = 1000
_LOST = (OSError, http.client.HTTPException)
#: What certbot and nginx colour their words with.
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class NpmError(OneProblem):
    """The server does not do what it is asked. One problem, told in one line."""


class NotReady(NpmError):
    """Nothing answers yet, or the answer was lost."""


class Rejected(NpmError):
    """The server refuses this one thing. message: in its own words."""

    def __init__(self, where: str, what: str, status: int, message: str) -> None:
        told = f": {message}" if message else ""
        super().__init__(where, f"answered {what} with HTTP {status}{told}", "a value that it takes")
        self.status, self.message = status, message


class Client:
    """One server. Whatever is hidden appears in no message."""

    def __init__(self, url: str, patience: float) -> None:
        parts = urlsplit(url.rstrip("/"))
        self.where = f"Nginx Proxy Manager at {url.rstrip('/')}"
        self.patience = patience
        self.token = ""
        self._hidden: set[str] = set()
        self._base = f"{parts.path}/api"
        self._host, self._port = parts.hostname or "", parts.port or 80

    def hide(self, secret: str) -> None:
        self._hidden.add(secret)

    def status(self, *, wait: bool = True) -> dict[str, Any]:
        """Return what the server says of itself to anybody, asked again while nothing answers."""
        deadline = time.monotonic() + (self.patience if wait else 0)
        while True:
            try:
                answer = self.ask("GET", "/")
                break
            except NotReady:
                if time.monotonic() >= deadline:
                    raise
                time.sleep(PAUSE)
        if not isinstance(answer, dict) or answer.get("status") != "OK":
            raise NpmError(self.where, "answered /api/ with something else", "Nginx Proxy Manager on this port")
        return answer

    def items(self, path: str) -> list[dict[str, Any]]:
        """Return a list of objects."""
        found = self.ask("GET", path)
        if not isinstance(found, list) or any(not isinstance(item, dict) for item in found):
            raise NpmError(self.where, f"answered {path} with something else than a list", "such a list")
        return found

    def item(self, method: str, path: str, body: Any = None, *, slowest: float = SLOWEST) -> dict[str, Any]:
        """Return one object."""
        found = self.ask(method, path, body, slowest=slowest)
        if not isinstance(found, dict):
            raise NpmError(self.where, f"answered {method} {path} with something else than an object", "such a one")
        return found

    def ask(self, method: str, path: str, body: Any = None, *, slowest: float = SLOWEST) -> Any:
        """Return the answer to a request with a JSON body. One that makes or removes something is sent once."""
        content = None if body is None else json.dumps(body).encode()
        return self._request(method, path, content, "application/json", slowest)

    def _request(self, method: str, path: str, content: bytes | None, form: str, slowest: float = SLOWEST) -> Any:
        what = f"{method} /api{path.partition('?')[0]}"
        # Each host that is written reloads the nginx that all of this passes through.
        tries = 2 if method in REPEATABLE else 1
        for left in reversed(range(tries)):
            try:
                status, answer = self._exchange(method, path, content, form, slowest)
            except ConnectionError as error:
                if not left:
                    raise self._lost(what, error) from None
            except _LOST as error:
                raise self._lost(what, error) from None
            else:
                if status not in STARTING:
                    break
        return self._understood(what, status, answer)

    def _exchange(self, method: str, path: str, content: bytes | None, form: str, slowest: float) -> tuple[int, bytes]:
        # nginx closes connections that wait when it is reloaded, and a request on its way there would be lost.
        headers = {"Accept": "application/json", "Connection": "close"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if content is not None:
            headers["Content-Type"] = form
        connection = http.client.HTTPConnection(self._host, self._port, timeout=slowest)
        try:
            connection.request(method, f"{self._base}{path}", content, headers)
            response = connection.getresponse()
            return response.status, response.read(LARGEST)
        finally:
            connection.close()

    def _understood(self, what: str, status: int, answer: bytes) -> Any:
        if status in STARTING:
            raise NotReady(self.where, f"is not ready ({what} was answered with {status})", "one that has started")
        try:
            document = json.loads(answer) if answer.strip() else None
        except ValueError:
            document = None
            if status < 300:
                raise NpmError(
                    self.where, f"answered {what} without JSON", "Nginx Proxy Manager on this port"
                ) from None
        if status >= 300:
            raise Rejected(self.where, what, status, self.clean(_complaint(document)))
        return document

    def clean(self, text: str) -> str:
        """Return the server's words on one line, without secrets and colours."""
        return " ".join(_COLOUR.sub("", without(self._hidden, text)).split())[:_MESSAGE]

    def _lost(self, what: str, error: Exception) -> NotReady:
        cause = error.strerror if isinstance(error, OSError) and error.strerror else str(error) or type(error).__name__
        return NotReady(self.where, f"does not answer {what} ({cause})", "one that runs and listens there")


def _complaint(document: Any) -> str:
    """Return what the server says is wrong."""
    error = document.get("error") if isinstance(document, dict) else None
    if isinstance(error, dict):
        return str(error.get("message") or "")
    return str(error or "")
