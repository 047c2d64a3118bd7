# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP: base path, start-up answers, authentication, content types, faults, the line in the log."""

from __future__ import annotations

import http
import socket
import sys
import threading
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from .errors import ApiError, refused
from .faults import Broken
from .web import Request, Response, answer, check_content, page, redirect

if TYPE_CHECKING:
    from .program import Program

#: Readable in a picture; upstream's pages are programs.
PAGE = (
    '<!doctype html><title>{name}</title><body style="font: 16px sans-serif; margin: 4em; background: #edf1f4">'
    "<h1>{name}</h1><p>This is the page of {name}.<p><small>A stand-in for {name}, from the test bed of homelab.media"
)
STATIC = ("/content/", "/favicon", "/robots.txt")


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], program: Program) -> None:
        self.program = program
        if ":" in address[0] or (not address[0] and socket.has_dualstack_ipv6()):
            self.address_family = socket.AF_INET6
        super().__init__(address, _Connection)

    def server_bind(self) -> None:
        """Without an address it listens for both families on one socket."""
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is nothing to tell."""
        if not isinstance(sys.exc_info()[1], OSError):
            traceback.print_exc()


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "Kestrel", ""
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, format: str, *args: Any) -> None:
        """The program writes its own log."""

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        path, _, query = self.path.partition("?")
        request = Request(
            self.command,
            path,
            query,
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(length) if length else b"",
            self.client_address[0].removeprefix("::ffff:"),
        )
        program: Program = self.server.program  # type: ignore[attr-defined]
        begin = time.monotonic()
        try:
            response = respond(program, request)
        except Broken:
            self.close_connection = True
            return
        duration = int((time.monotonic() - begin) * 1000)
        if path.startswith(program.url_base + "/api/") or request.path.startswith("/api/"):
            phrase = http.HTTPStatus(response.status).phrase.replace(" ", "")
            program.log.debug("Api", f"[{request.method}] {self.path}: {response.status}.{phrase} ({duration} ms)")
        program.recorder.record(request, response)
        self._send(response)

    do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = do_GET

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)
        self.wfile.flush()


def respond(program: Program, request: Request) -> Response:
    _strip_base(program, request)
    is_api = request.path.startswith("/api/") or program.is_proxied(request.path)
    try:
        fault = program.faults.next(request.method, request.path)
        if fault:
            return fault
        if is_api and not program.auth.has_key(request):
            return Response(401)
        if program.url_base and not request.base:
            tail = f"?{request.query_text}" if request.query_text else ""
            return redirect(f"{program.url_base}{request.path}{tail}", 307)
        if program.starting:
            text = f"{program.app.name} is starting up, please try again later"
            return answer({"errorMessage": text}, 503)
        response = _dispatch(program, request, is_api)
    except Broken:
        raise
    except ApiError as error:
        response = Response(error.status) if error.body is None else answer(error.body, error.status)
    except Exception as error:
        program.log.error("Api", traceback.format_exc())
        response = answer(refused(500, str(error)).body, 500)
    if is_api:
        response.headers["X-Application-Version"] = program.app.version
    return response


def _strip_base(program: Program, request: Request) -> None:
    base = program.url_base
    if base and (request.path == base or request.path.startswith(base + "/")):
        request.base, request.path = base, request.path[len(base) :] or "/"


def _dispatch(program: Program, request: Request, is_api: bool) -> Response:
    auth = program.auth
    if is_api:
        check_content(request)
        handler, arguments = program.routes.find(request)
        return handler(request, *arguments)
    if request.path == "/ping" and request.method in ("GET", "HEAD"):
        works = program.database.works()
        return answer({"status": "OK" if works else "Error"}, 200 if works else 500)
    if request.path == "/login":
        return auth.login(request) if request.method == "POST" else page(f"<title>{program.app.name} login</title>")
    if request.path == "/logout":
        return auth.logout(request)
    if not request.path.lower().startswith(STATIC) and not auth.may_see_pages(request):
        return auth.refuse_page(request)
    if request.path == "/initialize.json":
        return answer(program.initialize())
    if request.path == "/api" and request.method == "GET":
        return answer({"current": program.app.api, "deprecated": []})
    if request.method not in ("GET", "HEAD"):
        raise refused(405, "MethodNotAllowed")
    return page(PAGE.format(name=program.app.name))


def serve(program: Program, address: tuple[str, int]) -> None:
    server = Server(address, program)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
