# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server: who asks, for what, and the line that the log gets of it."""

from __future__ import annotations

import ipaddress
import json
import socket
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from . import api, pages
from .app import App
from .auth import COOKIE, AuthError
from .metrics import Metrics
from .store import User

_QUIET = (200, 304)


class Server(ThreadingHTTPServer):
    """One that knows the application."""

    daemon_threads = True

    def __init__(self, app: App) -> None:
        self.app, self.metrics = app, Metrics()
        host = app.settings["SERVER_HTTP_ADDR"] or ("::" if socket.has_dualstack_ipv6() else "0.0.0.0")
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, int(app.settings["SERVER_HTTP_PORT"])), Handler)

    def server_bind(self) -> None:
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()


class Handler(BaseHTTPRequestHandler):
    """Answers one question."""

    server: Server
    _user: User | None
    _error: AuthError | None
    protocol_version = "HTTP/1.1"
    timeout = 60

    def _handle(self) -> None:
        begun, self._error, self._user = time.monotonic(), None, None
        self._body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        raw, _mark, self._query = self.path.partition("?")
        path = unquote(raw)
        try:
            status, size = self._answer(path)
        except AuthError as error:
            self._error = error
            body = {"message": error.message, "messageId": error.message_id, "statusCode": 401, "traceID": ""}
            status, size = self._json(401, body)
        seconds = time.monotonic() - begun
        self.server.metrics.answered(self.command, status, seconds)
        if status not in _QUIET:
            self._log(path, status, seconds, size)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _handle

    def _answer(self, path: str) -> tuple[int, int]:
        app = self.server.app
        if path == "/api/health":
            return self._json(200, api.HEALTH)
        if path == "/healthz":
            return self._send(200, "text/plain", b"Ok")
        if path == "/metrics" and app.settings.on("METRICS_ENABLED"):
            return self._send(200, "text/plain; version=0.0.4; charset=utf-8", self.server.metrics.text(app).encode())
        if path == "/login":
            return self._login()
        self._user = app.auth.who(self.headers, self._peer())
        if path.startswith("/api/"):
            return self._api(path.removeprefix("/api/"))
        if self._user is None:
            return self._send(302, "text/html", b"", ("Location", "/login"))
        page = pages.page(app, self._user, path)
        if page is None:
            return self._send(404, "text/html; charset=utf-8", pages.missing(app, self._user).encode())
        return self._send(200, "text/html; charset=utf-8", page.encode())

    def _api(self, path: str) -> tuple[int, int]:
        app, user = self.server.app, self._user
        if user is None:
            raise AuthError("session.token.missing", "no session token")
        if path.startswith("datasources/proxy/uid/"):
            rest, kind = path.removeprefix("datasources/proxy/uid/"), self.headers.get("Content-Type", "")
            return self._send(*api.passed(app, self.command, rest, self._query, self._body or None, kind))
        return self._json(*api.ask_api(app, user, self.command, path, self._query, self._parsed()))

    def _login(self) -> tuple[int, int]:
        app = self.server.app
        form = not app.settings.on("AUTH_DISABLE_LOGIN_FORM")
        if self.command != "POST":
            return self._send(200, "text/html; charset=utf-8", pages.sign_in(form).encode())
        if not form:
            raise AuthError("auth.client.notConfigured", "client not configured")
        sent = self._parsed()
        if not isinstance(sent, dict) or not isinstance(sent.get("user"), str):
            return self._json(400, api.message("bad login data"))
        user = app.auth.password(sent["user"], str(sent.get("password") or ""))
        cookie = f"{COOKIE}={app.store.open_session(user)}; Path=/; HttpOnly; SameSite=Lax"
        return self._json(200, {"message": "Logged in", "redirectUrl": "/"}, ("Set-Cookie", cookie))

    def _parsed(self) -> Any:
        try:
            return json.loads(self._body) if self._body else None
        except ValueError:
            return None

    def _json(self, status: int, body: Any, *headers: tuple[str, str]) -> tuple[int, int]:
        return self._send(status, "application/json", json.dumps(body).encode(), *headers)

    def _send(self, status: int, kind: str, body: bytes, *headers: tuple[str, str]) -> tuple[int, int]:
        self.send_response(status)
        for name, value in (("Content-Type", kind), ("Content-Length", str(len(body))), *headers):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        return status, len(body)

    def _log(self, path: str, status: int, seconds: float, size: int) -> None:
        user, error = self._user, self._error
        reason = {"errorReason": "Unauthorized", "errorMessageID": error.message_id, "error": error} if error else {}
        self.server.app.log.write(
            "error" if status >= 500 else "info",
            "Request Completed",
            "context",
            userId=user.id if user else 0,
            orgId=1 if user else 0,
            uname=user.login if user else "",
            method=self.command,
            path=path,
            status=status,
            remote_addr=self._client(),
            time_ms=int(seconds * 1000),
            duration=f"{seconds * 1000:.6f}ms",
            size=size,
            referer=self.headers.get("Referer", ""),
            handler=path if path == "/login" else "/api/*" if path.startswith("/api/") else "/*",
            **reason,
        )

    def _client(self) -> str:
        """Return the address that is logged: what a header says of it, as upstream believes, if it is one."""
        said = self.headers.get("X-Real-IP") or self.headers.get("X-Forwarded-For", "").split(",")[0].strip()
        try:
            return str(ipaddress.ip_address(said))
        except ValueError:
            return self._peer()

    def _peer(self) -> str:
        return str(self.client_address[0]).removeprefix("::ffff:")

    def log_message(self, format: str, *args: object) -> None:
        """There is a log of its own."""
