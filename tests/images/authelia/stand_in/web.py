# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The port: requests to the parts that answer them, and the headers that every answer has."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from . import change, elevation, first_factor, portal, second_factor
from .address import host_and_port
from .app import App
from .authz import auth_request
from .context import Answer, Context, bad, plain
from .database import DatabaseError
from .metrics import Handler as MetricsHandler
from .sessions import SessionError
from .users import UsersError

_LARGEST = 4096 * 4

Part = Callable[[Context], Answer]

PARTS: dict[tuple[str, str], Part] = {
    ("GET", "/api/health"): first_factor.health,
    ("GET", "/api/state"): first_factor.state,
    ("GET", "/api/configuration"): first_factor.configuration,
    ("GET", "/api/configuration/password-policy"): first_factor.password_policy,
    ("POST", "/api/firstfactor"): first_factor.sign_in,
    ("POST", "/api/logout"): first_factor.sign_out,
    ("POST", "/api/checks/safe-redirection"): first_factor.safe_redirection,
    ("GET", "/api/authz/auth-request"): auth_request,
    ("GET", "/api/user/info"): second_factor.user_info,
    ("POST", "/api/user/info"): second_factor.user_info,
    ("POST", "/api/user/info/2fa_method"): second_factor.prefer,
    ("GET", "/api/user/session/elevation"): elevation.status,
    ("POST", "/api/user/session/elevation"): elevation.start,
    ("PUT", "/api/user/session/elevation"): elevation.finish,
    ("POST", "/api/change-password"): change.change,
    ("POST", "/api/reset-password/identity/start"): change.start,
    ("POST", "/api/reset-password/identity/finish"): change.finish,
    ("POST", "/api/reset-password"): change.reset,
    ("DELETE", "/api/reset-password"): change.forget,
    ("GET", "/api/secondfactor/totp"): second_factor.show,
    ("POST", "/api/secondfactor/totp"): second_factor.sign,
    ("DELETE", "/api/secondfactor/totp"): second_factor.remove,
    ("GET", "/api/secondfactor/totp/register"): second_factor.options,
    ("PUT", "/api/secondfactor/totp/register"): second_factor.begin,
    ("POST", "/api/secondfactor/totp/register"): second_factor.finish,
    ("DELETE", "/api/secondfactor/totp/register"): second_factor.forget,
    ("GET", "/api/secondfactor/webauthn"): second_factor.not_configured,
    ("POST", "/api/secondfactor/webauthn"): second_factor.not_configured,
    ("PUT", "/api/secondfactor/webauthn/register"): second_factor.not_configured,
    ("POST", "/api/secondfactor/webauthn/register"): second_factor.not_configured,
    ("DELETE", "/api/secondfactor/webauthn/register"): second_factor.not_configured,
}

_ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("X-Frame-Options", "DENY"),
    ("X-DNS-Prefetch-Control", "off"),
    ("Permissions-Policy", "accelerometer=(), camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)


def part_of(app: App, method: str, path: str) -> tuple[Part | None, bool]:
    """Return what answers a request, and whether the path is known at all."""
    if path.startswith("/api/secondfactor/totp") and app.config.flag("totp.disable"):
        return None, False
    if path.startswith("/api/reset-password") and app.config.flag("authentication_backend.password_reset.disable"):
        return None, False
    found = PARTS.get(("GET" if method == "HEAD" else method, path))
    if found:
        return found, True
    head, _slash, last = path.rpartition("/")
    if head == "/api/user/session/elevation" and method == "DELETE":
        return lambda context: elevation.revoke(context, last), True
    known = any(each == path for _method, each in PARTS)
    if not known and not path.startswith("/api/") and method in ("GET", "HEAD"):
        page = portal.page(path)
        return page, page is not None
    return None, known


class Handler(BaseHTTPRequestHandler):
    app: App
    protocol_version = "HTTP/1.1"
    timeout = 30
    server_version, sys_version = "", ""

    def _serve(self) -> None:
        begun = time.monotonic()
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length <= _LARGEST else b""
        context = Context(self.app, self.command, self.path, self.headers, body, self.client_address[0])
        part, known = part_of(self.app, self.command, context.path)
        if length > _LARGEST:
            answer = plain(400)
            self.close_connection = True
        elif part is None:
            answer = plain(405 if known else 404)
        else:
            answer = self._answered(part, context)
        self.app.metrics.count("authelia_request", code=answer.status, method=self.command)
        self.app.metrics.took("authelia_request_duration", time.monotonic() - begun, code=answer.status)
        self._send(answer, context)

    def _answered(self, part: Part, context: Context) -> Answer:
        try:
            return part(context)
        except (SessionError, DatabaseError, UsersError, OSError) as error:
            context.log("error", "Error occurred handling a request", error=error)
            context.extra.clear()
            return bad("Operation failed.", 500)

    def _send(self, answer: Answer, context: Context) -> None:
        self.send_response(answer.status)
        named = [("Content-Type", answer.kind), ("Content-Length", str(len(answer.body)))]
        headers = [*named, *_ALWAYS, *answer.headers, *context.extra]
        if context.path.startswith("/api/"):
            headers += [("Cache-Control", "no-store"), ("Pragma", "no-cache")]
            headers.append(("Content-Security-Policy", "default-src 'none'"))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _serve

    def log_message(self, format: str, *args: object) -> None:
        return


class Server(ThreadingHTTPServer):
    address_family = socket.AF_INET6
    daemon_threads = True
    request_queue_size = 128

    def server_bind(self) -> None:
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()


def _bind(address: str, port: int, handler: type[BaseHTTPRequestHandler]) -> Server:
    host, number = host_and_port(address, port)
    # One socket for both families: an IPv4 address is taken in its mapped form.
    mapped = f"::ffff:{host}" if host.replace(".", "").isdigit() else host or "::"
    return Server((mapped, number), handler)


def listen(app: App) -> Server:
    return _bind(str(app.config.get("server.address")), 9091, type("AppHandler", (Handler,), {"app": app}))


def listen_for_metrics(app: App) -> Server | None:
    if not app.config.flag("telemetry.metrics.enabled"):
        return None
    address = str(app.config.get("telemetry.metrics.address"))
    return _bind(address, 9959, type("AppMetrics", (MetricsHandler,), {"metrics": app.metrics}))
