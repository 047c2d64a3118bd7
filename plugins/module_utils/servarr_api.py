# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Talking to a Servarr application over one kept connection, and every way in which that goes wrong."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import ssl
import time
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.homelab.media.plugins.module_utils.hiding import without
from ansible_collections.homelab.media.plugins.module_utils.outcome import OneProblem
from ansible_collections.homelab.media.plugins.module_utils.servarr_values import HIDDEN

#: More than any answer that is read here: Prowlarr's list of indexer definitions has several MB.
LARGEST = 64 * 1024 * 1024
#: Seconds between two questions to an application that does not answer yet.
PAUSE = 0.2
#: Seconds that one answer to a question may take. An application that is this slow is asked again.
SLOWEST = 30.0
#: Seconds for a request that writes: before it is saved, the application calls whatever it is to be connected to.
SLOWEST_WRITE = 120.0
#: Answers of an application, or of a proxy before it, that is about to be there.
STARTING = (502, 503, 504)
_SECRET = re.compile(r"(?i)(api_?key=|passw(?:or)?d=|token=)[^&\s\"']+")
_MESSAGE = 400
_LOST = (OSError, http.client.HTTPException)


class ServarrError(OneProblem):
    """Nothing more can be done with this application. One problem."""


class Unreachable(ServarrError):
    """Nothing answers yet, or an answer was lost."""


class Refused(ServarrError):
    """The key is not the application's."""


class Rejected(Exception):
    """The application does not do this one thing. only_warnings: it would, if told that warnings do not matter."""

    def __init__(self, what: str, status: int, messages: str, only_warnings: bool) -> None:
        super().__init__(f"{what} was answered with {status}{': ' if messages else ''}{messages}")
        self.status = status
        self.only_warnings = only_warnings


class Client:
    """One application. key_file: where the key is from. patience: seconds to ask again while it does not answer."""

    def __init__(
        self, name: str, url: str, api: str, key: str, key_file: str, patience: float, slowest: float = SLOWEST
    ) -> None:
        self._key_file = key_file
        self._slowest = slowest
        self.name = name
        self.url = url.rstrip("/")
        self.patience = patience
        self.hidden: list[str] = [key]
        parts = urlsplit(self.url)
        self._base = parts.path + api
        self._headers = {"X-Api-Key": key, "Accept": "application/json"}
        host, port = parts.hostname or "", parts.port
        self._connection: http.client.HTTPConnection
        if parts.scheme == "https":
            self._connection = http.client.HTTPSConnection(host, port or 443, context=ssl.create_default_context())
        else:
            self._connection = http.client.HTTPConnection(host, port or 80)

    def get(self, path: str) -> Any:
        """Return the answer to a question, asked again while nothing answers."""
        deadline = time.monotonic() + self.patience
        while True:
            try:
                return self._ask("GET", path, None)
            except Unreachable:
                if time.monotonic() >= deadline:
                    raise
                time.sleep(PAUSE)

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """Return the answer to a request that writes. It is sent once: Unreachable leaves open whether it was done."""
        return self._ask(method, path, body)

    def close(self) -> None:
        self._connection.close()

    def hide(self, secret: str) -> None:
        """Never show this text in a message of the application."""
        self.hidden.append(secret)

    def scrub(self, text: str) -> str:
        return _SECRET.sub(rf"\1{HIDDEN}", without(self.hidden, text, HIDDEN))

    def _ask(self, method: str, path: str, body: Any) -> Any:
        what = f"{method} {self._base}/{path}"
        fresh = self._connection.sock is None
        try:
            status, location, content = self._exchange(method, path, body)
        except _LOST as error:
            self._connection.close()
            if fresh or method != "GET":
                raise self._unreachable(error) from None
            try:  # an idle connection that the application closed says nothing about the application
                status, location, content = self._exchange(method, path, body)
            except _LOST as again:
                self._connection.close()
                raise self._unreachable(again) from None
        return self._understood(what, status, location, content)

    def _exchange(self, method: str, path: str, body: Any) -> tuple[int, str, bytes]:
        headers = dict(self._headers)
        content = None
        self._connection.timeout = self._slowest if method == "GET" else SLOWEST_WRITE
        if self._connection.sock:
            self._connection.sock.settimeout(self._connection.timeout)
        if body is not None:
            content = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        self._connection.request(method, f"{self._base}/{path}", content, headers)
        response = self._connection.getresponse()
        answer = response.read(LARGEST)
        if not response.isclosed():
            self._connection.close()
        return response.status, response.getheader("Location") or "", answer

    def _understood(self, what: str, status: int, location: str, content: bytes) -> Any:
        if status in STARTING:
            raise Unreachable(self.name, f"is not ready ({what} was answered with {status})", "one that has started")
        if status == 401:
            reason = f"refuses the API key in {self._key_file} ({what} was answered with 401)"
            raise Refused(self.name, reason, "the key that it runs with")
        if 300 <= status < 400:
            where = self.scrub(urlsplit(location).path or "somewhere else")
            raise ServarrError(self.name, f"redirects {what} to {where}", f"its own address, not {self.url}")
        try:
            document = json.loads(content) if content.strip() else None
        except ValueError:
            document = None
            if status < 300:
                start = content[:60].decode("ascii", "replace").split("\n")[0].strip()
                raise ServarrError(
                    self.name, f"answered {what} with {self.scrub(start)!r}", "its JSON, if that is its address"
                ) from None
        if status >= 300:
            messages = self.scrub("; ".join(complaints(document)))
            raise Rejected(what, status, messages[:_MESSAGE], only_warnings(document))
        return document

    def _unreachable(self, error: Exception) -> Unreachable:
        cause = error.strerror if isinstance(error, OSError) and error.strerror else str(error) or type(error).__name__
        return Unreachable(self.name, f"does not answer at {self.url} ({cause})", "one that runs and listens there")


def complaints(document: Any) -> list[str]:
    """Return what the application says is wrong. attemptedValue is left out: it may be a secret."""
    if isinstance(document, list):
        found = []
        for entry in document:
            if isinstance(entry, dict) and entry.get("errorMessage"):
                name = entry.get("propertyName")
                found.append(f"{name}: {entry['errorMessage']}" if name else str(entry["errorMessage"]))
        return found
    if not isinstance(document, dict):
        return []
    if isinstance(document.get("errors"), dict):
        return [f"{name}: {' '.join(map(str, texts))}" for name, texts in document["errors"].items()]
    texts = [str(document[key]) for key in ("message", "errorMessage", "title") if document.get(key)]
    return [text.split("\n")[0] for text in texts[:1]]


def only_warnings(document: Any) -> bool:
    """Tell whether all that the application says are warnings, which can be overruled."""
    if not isinstance(document, list) or not document:
        return False
    with contextlib.suppress(AttributeError):
        return all(entry.get("isWarning") is True or entry.get("severity") == "warning" for entry in document)
    return False
