# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control server on port 8000."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .log import Log
from .loop import VpnLoop
from .roles import ROUTES, Role
from .settings import Settings

BASIC = 'Basic realm="restricted", charset="UTF-8"'


class ControlServer:
    def __init__(self, settings: Settings, roles: list[Role], loop: VpnLoop) -> None:
        self.settings = settings
        self.roles = roles
        self.loop = loop
        self.log = Log("http server")
        host, _, port = settings.control.address.rpartition(":")
        handler = type("Handler", (_Handler,), {"control": self})
        self.server = ThreadingHTTPServer((host, int(port)), handler)
        self.server.daemon_threads = True

    def start(self) -> None:
        self.log.info(f"http server listening on [::]{self.settings.control.address}")
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, route: str, body: bytes) -> tuple[int, Any]:
        """Status and JSON for a route that the caller may use."""
        method, path = route.split(" ")
        if path in ("/v1/vpn/status", "/v1/openvpn/status"):
            return self._vpn(method, body)
        if path == "/v1/dns/status":
            return self._dns(method, body)
        if path == "/v1/updater/status":
            return (200, {"status": "completed"}) if method == "GET" else (200, {"outcome": "completed"})
        if path == "/openvpn/actions/restart":
            self.loop.restart("asked by the control server")
            return 200, {"outcome": "restarting"}
        if path in ("/unbound/actions/restart", "/updater/restart"):
            return 200, {"outcome": "restarting"}
        fixed = {
            "/v1/version": {"version": "v3.41.3", "created": "", "commit": "stand-in"},
            "/v1/publicip/ip": self.loop.public_ip.data(),
            "/v1/portforward": {"port": 0, "ports": []},
            "/v1/openvpn/portforwarded": {"port": 0},
            "/v1/vpn/settings": {"type": self.settings.kind, "provider": {"name": self.settings.provider}},
            "/v1/openvpn/settings": {"version": self.settings.openvpn.version},
        }
        if method == "GET":
            return 200, fixed[path]
        return 400, "the stand-in takes no settings by this route"

    def _vpn(self, method: str, body: bytes) -> tuple[int, Any]:
        if method == "GET":
            return 200, {"status": self.loop.status}
        wanted = _status(body)
        if wanted not in ("running", "stopped"):
            return 400, f"invalid status: {wanted}"
        return 200, {"outcome": self.loop.apply(wanted)}

    def _dns(self, method: str, body: bytes) -> tuple[int, Any]:
        resolver = self.loop.resolver
        if method == "PUT":
            wanted = _status(body)
            if wanted not in ("running", "stopped"):
                return 400, f"invalid status: {wanted}"
            (resolver.start if wanted == "running" else resolver.stop)()
            return 200, {"outcome": wanted}
        return 200, {"status": "running" if resolver.running else "stopped"}


def _status(body: bytes) -> str:
    try:
        return str(json.loads(body).get("status", ""))
    except (ValueError, AttributeError):
        return ""


class _Handler(BaseHTTPRequestHandler):
    control: ControlServer

    def _serve(self) -> None:
        begin = time.monotonic()
        parts = urlsplit(self.path)
        route = f"{self.command} {parts.path}"
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        listed = [role for role in self.control.roles if route in role.routes and route in ROUTES]
        if any(role.admits(self.headers, parse_qs(parts.query)) for role in listed):
            status, said = self.control.answer(route, body)
        else:
            status, said = 401, "Unauthorized"
        text = said if isinstance(said, str) else json.dumps(said)
        written = (text + "\n").encode()
        self.send_response(status)
        if status == 401 and any(role.auth == "basic" for role in listed):
            self.send_header("WWW-Authenticate", BASIC)
        self.send_header("Content-Type", "text/plain" if isinstance(said, str) else "application/json")
        self.send_header("Content-Length", str(len(written)))
        self.end_headers()
        self.wfile.write(written)
        if self.control.settings.control.log:
            spent = (time.monotonic() - begin) * 1000
            peer = f"{self.client_address[0]}:{self.client_address[1]}"
            self.control.log.info(f"{status} {route} wrote {len(written)}B to {peer} in {spent:.1f}ms")

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _serve

    def log_message(self, format: str, *args: object) -> None:
        return
