# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The numbers of the looks, for whoever has the token."""

from __future__ import annotations

import hmac
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .session import Report

_SERIES = (
    ("watchtower_containers_failed", "gauge", "Number of containers where update failed during the last scan"),
    ("watchtower_containers_restarted_total", "counter", "Number of containers restarted due to linked dependencies"),
    ("watchtower_containers_scanned", "gauge", "Number of containers scanned for changes during the last scan"),
    ("watchtower_containers_skipped", "gauge", "Number of containers skipped during the last scan"),
    ("watchtower_containers_updated", "gauge", "Number of containers updated by watchtower during the last scan"),
    ("watchtower_scans_skipped_total", "counter", "Number of skipped scans since watchtower started"),
    ("watchtower_scans_total", "counter", "Number of scans since the watchtower started"),
)


@dataclass
class Numbers:
    """What there is to tell."""

    values: dict[str, int] = field(default_factory=lambda: {name: 0 for name, _kind, _help in _SERIES})

    def take(self, report: Report) -> None:
        self.values["watchtower_scans_total"] += 1
        self.values["watchtower_containers_restarted_total"] += len(report.restarted)
        self.values["watchtower_containers_scanned"] = len(report.scanned)
        # Upstream counts those among the updated that have a new image and were left as they are.
        self.values["watchtower_containers_updated"] = len(report.updated) + len(report.stale)
        self.values["watchtower_containers_failed"] = len(report.failed)
        self.values["watchtower_containers_skipped"] = len(report.skipped)

    def text(self) -> str:
        return "".join(
            f"# HELP {name} {words}\n# TYPE {name} {kind}\n{name} {self.values[name]}\n"
            for name, kind, words in _SERIES
        )


def serve(numbers: Numbers, port: int, token: str, host: str = "") -> ThreadingHTTPServer:
    """Answer in the background."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *arguments: object) -> None:
            """Stay silent, as upstream does."""

        def do_GET(self) -> None:
            if self.path.partition("?")[0] != "/v1/metrics":
                self._answer(404, "Not Found")
                return
            given = self.headers.get("Authorization", "").strip()
            given = given[7:].strip() if given.lower().startswith("bearer ") else given
            if not hmac.compare_digest(given.encode(), token.encode()):
                self._answer(401, "missing or invalid API Key")
                return
            self._answer(200, numbers.text())

        def do_POST(self) -> None:
            self._answer(405 if self.path == "/v1/metrics" else 404, "Method Not Allowed")

        def _answer(self, status: int, text: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer((host, port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
