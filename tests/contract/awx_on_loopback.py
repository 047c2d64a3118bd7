# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for AWX 24.6.1 on loopback: what its API keeps, shows and refuses, where the modules of awx.awx ask it."""

from __future__ import annotations

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.contract.awx_kinds import KINDS, Refused
from tests.contract.awx_state import API, State

TOKEN, USER, PASSWORD = "the-token-of-the-stand-in", "admin", "the-password-of-the-stand-in"


class Awx(State):
    """The controller. `written` are the requests that changed something, `asked` is how many there were in all."""

    def __init__(self, source: Path) -> None:
        super().__init__(source)
        self.written: list[str] = []
        self.asked = 0
        self.tokens: dict[int, str] = {}
        self._lock = threading.RLock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def __enter__(self) -> Awx:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()

    def answer(self, method: str, target: str, body: Any, authorization: str) -> tuple[int, Any]:
        address = urlsplit(target)
        if not address.path.startswith(API):
            return 404, {"detail": "The requested resource could not be found."}
        parts = [part for part in address.path[len(API) :].split("/") if part]
        if not address.path.endswith("/"):
            return 404, {"detail": "Every address ends with a slash."}
        with self._lock:
            self.asked += 1
            if parts[:1] == ["tokens"]:
                return self._tokens(method, parts[1:], dict(parse_qsl(address.query)), authorization)
            if not self._is_known(authorization):
                return 401, {"detail": "Authentication credentials were not provided."}
            try:
                code, answer = self._route(method, parts, dict(parse_qsl(address.query, keep_blank_values=True)), body)
            except Refused as refused:
                return 400, refused.body
            except KeyError:
                return 404, {"detail": "Not found."}
            if method != "GET" and code < 300:
                self.written.append(f"{method} {address.path}")
            return code, answer

    def _tokens(self, method: str, rest: list[str], query: dict[str, str], authorization: str) -> tuple[int, Any]:
        """Tokens, which a name with its password may have made, and whoever has one already."""
        basic = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if authorization != basic and not self._is_known(authorization):
            return 401, {"detail": "Invalid username/password."}
        if method == "GET" and not rest:
            found = [self._token(number) for number in self.tokens if query.get("id") in (None, str(number))]
            return 200, {"count": len(found), "next": None, "results": found}
        if method == "POST" and not rest:
            number = self.number()
            self.tokens[number] = f"token-{number}"
            return 201, {**self._token(number), "token": self.tokens[number]}
        if method == "DELETE" and len(rest) == 1 and int(rest[0]) in self.tokens:
            del self.tokens[int(rest[0])]
            return 204, None
        return 405, {"detail": f'Method "{method}" not allowed.'}

    def _token(self, number: int) -> dict[str, Any]:
        return {"id": number, "type": "o_auth2_access_token", "url": f"{API}tokens/{number}/", "token": "$encrypted$"}

    def _is_known(self, authorization: str) -> bool:
        return authorization in {f"Bearer {token}" for token in (TOKEN, *self.tokens.values())}

    def _route(self, method: str, parts: list[str], query: dict[str, str], body: Any) -> tuple[int, Any]:
        kind, rest = parts[0], parts[1:]
        if kind == "project_updates" and method == "GET" and len(rest) == 1:
            return 200, self.update_state(int(rest[0]))
        if not rest:
            if method == "GET":
                return 200, self.list_of(kind, query)
            if method == "POST" and kind in KINDS and KINDS[kind].made_here:
                return 201, self.show(kind, self.create(kind, body))
        elif len(rest) == 1 and rest[0].isdigit():
            number = int(rest[0])
            row = self.rows[kind][number]
            if method == "GET":
                return 200, self.show(kind, row)
            if method == "PATCH":
                return 200, self.show(kind, self.change(kind, row, body))
            if method == "DELETE":
                del self.rows[kind][number]
                return 204, None
        elif len(rest) == 2 and rest[0].isdigit():
            return self.related(method, kind, int(rest[0]), rest[1], body)
        return (
            (405, {"detail": f'Method "{method}" not allowed.'}) if kind in KINDS else (404, {"detail": "Not found."})
        )


def _handler(awx: Awx) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            sent = self.rfile.read(length) if length else b""
            if sent and self.headers.get("Content-Type") != "application/json":
                return self._send(415, {"detail": "Unsupported media type in request."})
            body = json.loads(sent) if sent else None
            return self._send(*awx.answer(self.command, self.path, body, self.headers.get("Authorization", "")))

        def _send(self, code: int, body: Any) -> None:
            text = b"" if body is None else json.dumps(body).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.send_header("X-API-Product-Name", "AWX")
            self.send_header("X-API-Product-Version", "24.6.1")
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = do_DELETE = _serve

        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing."""

    return Handler
