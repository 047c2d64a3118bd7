# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in's socket."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .answers import Answer
from .organizr import Organizr, Request

_EMPTY = "<html><head><title>404 Not Found</title></head><body>nginx</body></html>"


class Handler(BaseHTTPRequestHandler):
    organizr: Organizr
    fetched: Callable[[], bool]
    protocol_version = "HTTP/1.1"
    timeout = 60

    def _serve(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer = self._answer(content) if type(self).fetched() else Answer(404, text=_EMPTY)
        kind = "application/json;charset=UTF-8" if answer.text is None else "text/html; charset=UTF-8"
        body = json.dumps(answer.envelope(), indent=4) if answer.text is None else answer.text
        told = b"" if answer.status == 204 else body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", kind)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(told)

    def _answer(self, content: bytes) -> Answer:
        body = None
        if content and "application/json" in (self.headers.get("Content-Type") or "").lower():
            try:
                body = json.loads(content)
            except ValueError:
                body = None
        headers = {name.lower(): value for name, value in self.headers.items()}
        # An address of IPv4 that came to a socket of both kinds.
        peer = self.client_address[0].removeprefix("::ffff:")
        return self.organizr.answer(Request(self.command, self.path, headers, body, peer))

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


def listen(organizr: Organizr, port: int, fetched: Callable[[], bool] = lambda: True) -> Server:
    """Return the server on a port; 0 for any that is free. fetched: whether the application is there by now."""
    return Server(("::", port), type("Here", (Handler,), {"organizr": organizr, "fetched": staticmethod(fetched)}))
