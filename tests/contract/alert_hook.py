# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whoever is told of alerts, on loopback: keeps every message. And numbers for Prometheus, as a test wants them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Message:
    """One request of Alertmanager's. headers: their names in small letters."""

    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: dict[str, Any]

    def alerts(self, status: str) -> list[str]:
        """Return the alerts of this status, each with the service that it is about: "ServiceDown nzbget"."""
        labels = [alert["labels"] for alert in self.body["alerts"] if alert["status"] == status]
        return [f"{one['alertname']} {one.get('service', '')}".strip() for one in labels]


@dataclass
class Hook:
    """Answers POST as a receiver, and GET /metrics with the numbers; from its start to its end."""

    numbers: dict[str, float] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)

    def __enter__(self) -> Hook:
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                lines = [f"{series} {value}\n" for series, value in hook.numbers.items()]
                self._answer("".join(lines).encode())

            def do_POST(self) -> None:
                parts = urlsplit(self.path)
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                headers = {name.lower(): value for name, value in self.headers.items()}
                hook.messages.append(Message(parts.path, parse_qs(parts.query), headers, body))
                self._answer(b"{}")

            def _answer(self, body: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.place = f"127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait(self, path: str, wanted: Callable[[Message], Any], seconds: float = 60) -> Message:
        """Return the first message to this path that is wanted, as soon as it is there."""
        end = time.monotonic() + seconds
        while True:
            for message in self.messages:
                if message.path == path and wanted(message):
                    return message
            assert time.monotonic() < end, [(one.path, one.body) for one in self.messages]
            time.sleep(0.05)
