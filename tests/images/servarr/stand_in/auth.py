# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may: the API key for the API, the login for the pages."""

from __future__ import annotations

import base64
import hmac
import ipaddress
import secrets
import time
from urllib.parse import quote

from . import users
from .apps import App
from .config_file import ConfigFile
from .database import Database
from .log import Log
from .web import Request, Response, redirect

DAYS = 7 * 24 * 3600
CGNAT = ipaddress.ip_network("100.64.0.0/10")


def client_address(request: Request) -> str:
    """The peer, or the last hop that a peer in a private network tells."""
    told = request.headers.get("x-forwarded-for", "").split(",")[-1].strip()
    peer = ipaddress.ip_address(request.peer)
    if told and (peer.is_private or peer.is_loopback or peer.is_link_local):
        try:
            return str(ipaddress.ip_address(told))
        except ValueError:
            return request.peer
    return request.peer


class Auth:
    def __init__(self, app: App, config: ConfigFile, database: Database, log: Log) -> None:
        self.app, self.database, self.log = app, database, log
        # In force from the start to the end; a change takes a restart.
        self.method = config.get("AuthenticationMethod").lower()
        if self.method == "basic" and not app.basic:
            self.method = "forms"
        self.required = config.get("AuthenticationRequired").lower()
        self.key = config.get("ApiKey")
        self.cookie = f"{config.get('InstanceName') or app.name}Auth".replace(" ", "")
        self.trust_cgnat = config.get("TrustCgnatIpAddresses").lower() == "true"
        self._sessions: dict[str, float] = {}

    def has_key(self, request: Request) -> bool:
        bearer = request.headers.get("authorization", "")
        given = (
            request.query.get("apikey")
            or request.headers.get("x-api-key")
            or (bearer[7:] if bearer.lower().startswith("bearer ") else "")
        )
        return bool(self.key) and hmac.compare_digest(given.encode(), self.key.encode())

    def may_see_pages(self, request: Request) -> bool:
        if self.method in ("none", "external") or self._is_local(request):
            return True
        if self.method == "basic":
            return self._has_basic(request)
        return self._has_session(request)

    def _is_local(self, request: Request) -> bool:
        if self.required != "disabledforlocaladdresses":
            return False
        address = ipaddress.ip_address(client_address(request))
        if address.version == 4 and address in CGNAT:
            return self.trust_cgnat
        return address.is_private or address.is_loopback or address.is_link_local

    def _has_basic(self, request: Request) -> bool:
        given = request.headers.get("authorization", "")
        if not given.lower().startswith("basic "):
            return False
        try:
            name, _, password = base64.b64decode(given[6:]).decode().partition(":")
        except ValueError:
            return False
        return self._checked(request, name, password)

    def _has_session(self, request: Request) -> bool:
        for pair in request.headers.get("cookie", "").split(";"):
            name, _, value = pair.strip().partition("=")
            if name == self.cookie and self._sessions.get(value, 0) > time.time():
                self._sessions[value] = time.time() + DAYS
                return True
        return False

    def _checked(self, request: Request, name: str, password: str) -> bool:
        address = client_address(request)
        if users.fits(self.database, name, password):
            level = "info" if self.app.logs_success else "debug"
            self.log.write(level, "Auth", f"Auth-Success ip {address} username '{name}'")
            return True
        self.log.warn("Auth", f"Auth-Failure ip {address} username '{name}'")
        return False

    def refuse_page(self, request: Request) -> Response:
        if self.method == "basic":
            return Response(401, b"", {"WWW-Authenticate": f'Basic realm="{self.app.name}"'})
        return redirect(f"{request.base}/login?returnUrl={quote(request.base + request.target, safe='')}")

    def login(self, request: Request) -> Response:
        form = request.form()
        back = request.query.get("returnurl", "")
        if not self._checked(request, form.get("username", ""), form.get("password", "")):
            return redirect(f"{request.base}/login?returnUrl={quote(back, safe='')}&loginFailed=true")
        session = secrets.token_urlsafe(32)
        self._sessions[session] = time.time() + DAYS
        # Only a place of its own is led back to.
        place = back if back.startswith("/") and not back.startswith("//") else f"{request.base}/"
        answer = redirect(place)
        lasting = f"; max-age={DAYS}" if form.get("rememberMe", "").lower() in ("on", "true") else ""
        answer.headers["Set-Cookie"] = f"{self.cookie}={session}; path=/; samesite=lax; httponly{lasting}"
        return answer

    def logout(self, request: Request) -> Response:
        user = self.database.user()
        self.log.info("Auth", f"Auth-Logout ip {client_address(request)} username '{user['username'] if user else ''}'")
        for pair in request.headers.get("cookie", "").split(";"):
            self._sessions.pop(pair.strip().partition("=")[2], None)
        return redirect(f"{request.base}/")
