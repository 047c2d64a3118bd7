# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""plex.tv with one customer: who a token belongs to, claim codes, and what a server gets for one.

A claim code lives four minutes and works once. Nothing is kept but the customer: a server's token follows from its id.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Callable
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

CODE_SECONDS = 240
JSON, XML = "application/json", "application/xml"


@dataclass(frozen=True)
class Customer:
    """The one account there is. Its token is what a person keeps in a vault."""

    username: str
    email: str
    token: str = field(repr=False)

    def server_token(self, identifier: str) -> str:
        """Return the token that a server of this customer has."""
        return self._signed(hashlib.sha256(identifier.encode()).hexdigest()[:8])

    def owns(self, token: str) -> bool:
        """Tell whether the token is the customer's own or that of one of their servers."""
        server = secrets.compare_digest(token.encode(), self._signed(token[:8]).encode())
        return server or secrets.compare_digest(token.encode(), self.token.encode())

    def _signed(self, word: str) -> str:
        return word + hmac.new(self.token.encode(), word.encode(), hashlib.sha256).hexdigest()[:12]


@dataclass(frozen=True)
class Answer:
    status: int
    kind: str
    body: bytes


class Site:
    """The site without its sockets. clock: tells the seconds, for tests."""

    def __init__(self, customer: Customer, clock: Callable[[], float] = time.monotonic) -> None:
        self.customer = customer
        self.clock = clock
        self._lock = threading.Lock()
        self._codes: dict[str, float] = {}

    def answer(self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        client = headers.get("X-Plex-Client-Identifier", "")
        token = headers.get("X-Plex-Token") or query.get("X-Plex-Token", "")
        wants_json = JSON in (headers.get("Accept") or "")
        if (method, path) == ("POST", "/api/claim/exchange"):
            return self._exchange(client, query.get("token", ""))
        if (method, path) == ("GET", "/api/v2/ping"):
            return Answer(200, JSON, b'{"pong":true}')
        routes = {
            ("GET", "/api/claim/token.json"): lambda: self._code(client),
            ("GET", "/api/v2/user"): lambda: self._user(token, wants_json),
        }
        route = routes.get((method, path))
        if route is None:
            return _refusal(404, 1000, "Not found")
        return route() if self.customer.owns(token) else _refusal(401, 1001, "User could not be authenticated")

    def _code(self, client: str) -> Answer:
        if not client:
            return _refusal(400, 1000, "X-Plex-Client-Identifier is missing")
        code = f"claim-{secrets.token_urlsafe(15)}"
        with self._lock:
            self._codes[code] = self.clock() + CODE_SECONDS
        return Answer(200, JSON, json.dumps({"token": code}).encode())

    def _exchange(self, client: str, code: str) -> Answer:
        if not client:
            return _refusal(400, 1000, "X-Plex-Client-Identifier is missing")
        with self._lock:
            dies = self._codes.pop(code, None)
        if dies is None or self.clock() > dies:
            return _refusal(404, 1020, "Claim code is not valid")
        user = ElementTree.Element("user")
        parts = {
            "username": self.customer.username,
            "email": self.customer.email,
            "authentication-token": self.customer.server_token(client),
        }
        for name, text in parts.items():
            ElementTree.SubElement(user, name).text = text
        return Answer(200, XML, ElementTree.tostring(user, encoding="utf-8", xml_declaration=True))

    def _user(self, token: str, wants_json: bool) -> Answer:
        facts = {
            "id": 1000001,
            "uuid": hashlib.sha256(self.customer.username.encode()).hexdigest()[:16],
            "username": self.customer.username,
            "title": self.customer.username,
            "email": self.customer.email,
            "authToken": token,
            "country": "DE",
            "confirmed": True,
            "homeSize": 1,
            "scrobbleTypes": "",
        }
        if wants_json:
            facts["subscription"] = {"active": False, "status": "Inactive", "plan": None, "features": []}
            return Answer(200, JSON, json.dumps(facts).encode())
        user = ElementTree.Element("user", {name: _text(value) for name, value in facts.items()})
        ElementTree.SubElement(user, "subscription", {"active": "0", "status": "Inactive"})
        ElementTree.SubElement(user, "profile", {"autoSelectAudio": "1", "autoSelectSubtitle": "0"})
        return Answer(200, XML, ElementTree.tostring(user, encoding="utf-8", xml_declaration=True))


def _refusal(status: int, code: int, message: str) -> Answer:
    errors = {"errors": [{"code": code, "message": message, "status": status}]}
    return Answer(status, JSON, json.dumps(errors).encode())


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


class Handler(BaseHTTPRequestHandler):
    """Plain HTTP; TLS is the business of whoever passes requests on."""

    site: Site
    protocol_version = "HTTP/1.1"
    timeout = 30

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer = self.site.answer(self.command, parts.path, query, dict(self.headers.items()))
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_PUT = do_DELETE = _serve

    def log_message(self, format: str, *args: object) -> None:
        """Say what was asked, without tokens: those are in headers and queries."""
        status = args[1] if len(args) > 1 else ""
        print(f"{self.command} {urlsplit(self.path).path} {status}", flush=True)
