# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The backend behind HTTP."""

from __future__ import annotations

import contextlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .backend import Backend
from .faults import Broken, Faults, Recorder
from .web import Request, Response


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        path, _mark, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, path, query, headers, self.rfile.read(length))
        try:
            response = self.server.faults.next(request) or self.server.backend.handle(request)
        except Broken:
            self.close_connection = True
            return
        self.server.recorder.record(request, response)
        self._send(response)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve

    def do_OPTIONS(self) -> None:
        self._send(Response(204))

    def _send(self, response: Response) -> None:
        self.send_response_only(response.status)
        headers = {
            "X-XSS-Protection": "1; mode=block",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": self.server.backend.frame,
            "Cache-Control": "no-cache, no-store, max-age=0, must-revalidate",
            "Pragma": "no-cache",
            "Expires": "0",
            **response.headers,
        }
        for name, value in headers.items():
            self.send_header(name, value)
        if response.status != 204:
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(response.body)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, backend: Backend, record: str) -> None:
        # Upstream listens on every address here too, so that neighbours reach the API past nginx.
        super().__init__((backend.layout.address, backend.layout.backend), Handler)
        self.backend = backend
        self.faults = Faults(backend.layout.data)
        self.recorder = Recorder(backend.layout.data, record)
