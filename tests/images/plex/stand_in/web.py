# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server's socket."""

from __future__ import annotations

import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from .element import Element
from .server import Answer, Plex, Request


class Handler(BaseHTTPRequestHandler):
    plex: Plex
    protocol_version = "HTTP/1.1"
    timeout = 60

    def _serve(self) -> None:
        begun = self.plex.log.begin()
        parts = urlsplit(self.path)
        query = parse_qs(parts.query, keep_blank_values=True)
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        token = self.headers.get("X-Plex-Token") or (query.get("X-Plex-Token") or [""])[0]
        path = unquote(parts.path).rstrip("/") or "/"
        method = "GET" if self.command == "HEAD" else self.command
        answer = self.plex.answer(Request(method, path, query, self.client_address[0], token))
        kind, body = self._written(answer)
        self.send_response(answer.status)
        self.send_header("X-Plex-Protocol", "1.0")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        asked = f"{self.command} {self.path}"
        self.plex.log.completed(begun, self.client_address, answer.status, asked, len(body))

    def _written(self, answer: Answer) -> tuple[str, bytes]:
        if not isinstance(answer.said, Element):
            return "text/html;charset=utf-8", answer.said.encode()
        if "application/json" in (self.headers.get("Accept") or ""):
            return "application/json", answer.said.json()
        return "text/xml;charset=utf-8", answer.said.xml()

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _serve

    def log_message(self, format: str, *args: object) -> None:
        return


class Server(ThreadingHTTPServer):
    address_family = socket.AF_INET6
    daemon_threads = True
    request_queue_size = 64

    def server_bind(self) -> None:
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()


def listen(plex: Plex, port: int) -> Server:
    """Return the server on a port; 0 for any that is free."""
    return Server(("::", port), type("PlexHandler", (Handler,), {"plex": plex}))
