# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Numbers of this run, in the text form that Prometheus reads."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

GAUGES = ("waiting", "queued", "extracting", "failed", "extracted", "imported", "deleted")
COUNTERS = ("retries", "finished", "hook_ok", "hook_fail", "cmd_ok", "cmd_fail")


class Metrics:
    """Everything that is counted."""

    def __init__(self) -> None:
        self.begun = time.monotonic()
        self.gauges: Counter[str] = Counter()
        self.counters: Counter[str] = Counter()
        self.fetch_errors: Counter[tuple[str, str]] = Counter()
        self.queue_sizes: dict[tuple[str, str], int] = {}
        self.bytes_written = 0

    def text(self) -> str:
        lines = [_line("unpackerr_gauges", {"name": name}, self.gauges[name]) for name in GAUGES]
        lines += [_line("unpackerr_counters", {"name": name}, self.counters[name]) for name in COUNTERS]
        for (app, url), size in sorted(self.queue_sizes.items()):
            labels = {"app": app, "url": url}
            lines.append(_line("unpackerr_app_queue_size", labels, size))
            errors = self.fetch_errors[app, url]
            lines.append(_line("unpackerr_app_queue_fetch_errors_total", labels, errors))
        lines.append(_line("unpackerr_bytes_written_total", {}, self.bytes_written))
        lines.append(_line("unpackerr_uptime_seconds_total", {}, round(time.monotonic() - self.begun, 1)))
        return "\n".join(lines) + "\n"


def _line(name: str, labels: Mapping[str, str], value: float) -> str:
    inner = ",".join(f'{key}="{text}"' for key, text in labels.items())
    return f"{name}{{{inner}}} {value}" if inner else f"{name} {value}"


def serve(metrics: Metrics, listen: str) -> ThreadingHTTPServer:
    """Answer /metrics from now on."""

    class Web(BaseHTTPRequestHandler):
        """Knows one page."""

        def do_GET(self) -> None:
            known = self.path == "/metrics"
            body = metrics.text().encode() if known else b"404 page not found\n"
            self.send_response(200 if known else 404)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nobody wants to read of each scrape."""

    host, _colon, port = listen.rpartition(":")
    server = ThreadingHTTPServer((host or "0.0.0.0", int(port)), Web)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
