# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Talking to Semaphore: its HTTP API, and every way in which that goes wrong."""

from __future__ import annotations

import http.client
import json
import ssl
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.error import HTTPError, URLError

from ansible.module_utils.urls import ConnectionError as LostConnection
from ansible.module_utils.urls import Request, SSLValidationError, make_context
from ansible_collections.homelab.media.plugins.module_utils.hiding import without
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, OneProblem, Problem

#: More than any answer that is read here.
LARGEST = 16 * 1024 * 1024
_MESSAGE = 500
_LOST = (OSError, http.client.HTTPException, LostConnection, SSLValidationError)
#: What Semaphore calls the cookie of a session.
COOKIE = "semaphore"


class SemaphoreError(OneProblem):
    """The server does not do what it is asked. One problem, told in one line."""


class Client:
    """One server. What is hidden appears in no message. No redirect is followed: it would take the token along."""

    def __init__(self, url: str, *, timeout: float, validate_certs: bool = True, ca_path: str | None = None) -> None:
        self._base = url.rstrip("/")
        self.where = f"Semaphore at {self._base}"
        self._http = Request(
            timeout=timeout,
            follow_redirects="none",
            # A password for this host in ~/.netrc would take the place of the token.
            use_netrc=False,
            http_agent="homelab.media",
            # Made once: to read the authorities of the system takes longer than a question.
            context=_context(ca_path or None, validate_certs),
        )
        self._hidden: set[str] = set()
        self._headers: dict[str, str] = {}

    def hide(self, secret: str) -> None:
        self._hidden.add(secret)

    def use_token(self, token: str) -> None:
        self._headers = {"Authorization": f"Bearer {token}"}

    def sign_in(self, user: str, password: str) -> None:
        """Begin a session."""
        status, headers, body = self._exchange("POST", "/auth/login", {"auth": user, "password": password})
        if status >= 300:
            reason = f"refuses {user} and the password (HTTP {status}{self._told(body)})"
            raise SemaphoreError(self.where, reason, "semaphore_user and semaphore_password of a user that it has")
        cookies: SimpleCookie = SimpleCookie()
        try:
            cookies.load(headers.get("Set-Cookie") or "")
            session = cookies[COOKIE].value
        except (CookieError, KeyError):
            raise SemaphoreError(self.where, "began no session", "Semaphore at semaphore_url") from None
        self.hide(session)
        self._headers = {"Cookie": f"{COOKIE}={session}"}

    def sign_out(self) -> None:
        """End the session. A token stays as it is."""
        if "Cookie" in self._headers:
            self._exchange("POST", "/auth/logout", None)
            self._headers = {}

    def items(self, path: str) -> list[dict[str, Any]]:
        """Return a list of objects. Semaphore calls an empty one null at times."""
        found = self.ask("GET", path)
        found = [] if found is None else found
        if not isinstance(found, list) or any(not isinstance(item, dict) for item in found):
            raise SemaphoreError(self.where, f"answered GET /api{_plain(path)} without a list", "Semaphore's API")
        return found

    def item(self, path: str) -> dict[str, Any]:
        """Return one object."""
        found = self.ask("GET", path)
        if not isinstance(found, dict):
            raise SemaphoreError(self.where, f"answered GET /api{_plain(path)} without an object", "Semaphore's API")
        return found

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Return the answer to a request with a JSON body. Each is sent once."""
        status, _headers, answer = self._exchange(method, path, body)
        what = f"{method} /api{_plain(path)}"
        if status == 401:
            expected = "semaphore_token of a user of the project (of an administrator, to make it), not expired"
            raise SemaphoreError(self.where, f"answered {what} with HTTP 401: it does not know who asks", expected)
        if 300 <= status < 400:
            raise SemaphoreError(self.where, f"answered {what} with a redirect", "the address that it leads to")
        if status >= 400:
            reason = f"answered {what} with HTTP {status}{self._told(answer)}"
            raise SemaphoreError(self.where, reason, _expected(status))
        if not answer.strip():
            return None
        try:
            return json.loads(answer)
        except ValueError:
            raise SemaphoreError(self.where, f"answered {what} without JSON", "Semaphore at semaphore_url") from None

    def _exchange(self, method: str, path: str, body: Any) -> tuple[int, Any, bytes]:
        headers = {"Accept": "application/json", **self._headers}
        data = None
        if body is not None:
            data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        try:
            response = self._http.open(method, f"{self._base}/api{path}", data=data, headers=headers)
            return response.status, response.headers, response.read(LARGEST)
        except HTTPError as error:
            with error:
                return error.code, error.headers, error.read(LARGEST)
        except _LOST as error:
            raise self._lost(f"{method} /api{_plain(path)}", error) from None

    def _told(self, answer: bytes) -> str:
        """Return the server's own words on one line, without secrets."""
        try:
            document = json.loads(answer)
            text = str(document.get("error") or "") if isinstance(document, dict) else str(document or "")
        except ValueError:
            text = answer.decode(errors="replace")
        text = " ".join(without(self._hidden, text).split())[:_MESSAGE]
        return f": {text}" if text else ""

    def _lost(self, what: str, error: Exception) -> SemaphoreError:
        cause = error.reason if isinstance(error, URLError) else error
        text = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause) or type(cause).__name__
        return SemaphoreError(self.where, f"does not answer {what} ({text})", "one that runs and listens there")


def _context(ca_path: str | None, validate_certs: bool) -> ssl.SSLContext:
    try:
        context: ssl.SSLContext = make_context(cafile=ca_path, validate_certs=validate_certs)
    except OSError as error:
        reason = f"is {ca_path!r}, which cannot be used ({error.strerror or error})"
        raise MediaError([Problem("semaphore_ca_path", reason, "a file with certificates in PEM")]) from None
    return context


def _plain(path: str) -> str:
    return path.partition("?")[0]


def _expected(status: int) -> str:
    if status in (403, 404):
        return "a user who may manage the project"
    return "a value that it takes"
