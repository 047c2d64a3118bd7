# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads at every scrape what Docker and the kernel say."""

from __future__ import annotations

import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from . import flags
from .series import VERSION, Advisor


def server(advisor: Advisor) -> ThreadingHTTPServer:
    class Web(BaseHTTPRequestHandler):
        timeout = 30

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == advisor.flags.endpoint:
                self._send(200, "text/plain; version=0.0.4; charset=utf-8", advisor.text())
            elif path == "/healthz":
                self._send(200, "text/plain", "ok")
            else:
                self._send(404, "text/plain", "404 page not found\n")

        do_HEAD = do_GET

        def _send(self, status: int, kind: str, text: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nobody wants to read of each scrape."""

    return ThreadingHTTPServer((advisor.flags.listen, advisor.flags.port), Web)


def main(arguments: list[str]) -> int:
    try:
        told = flags.read(arguments)
    except flags.FlagError as error:
        print(f"{error}\nUsage of /usr/bin/cadvisor: see the stand-in's README.md", file=sys.stderr)
        return 2
    if told.version:
        print(f"cAdvisor version {VERSION} (stand-in)")
        return 0
    advisor = Advisor(told)
    serving = server(advisor)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: threading.Thread(target=serving.shutdown).start())
    if advisor.trouble:
        print(advisor.trouble, file=sys.stderr, flush=True)
    if not advisor.hears_kernel:
        print("Could not configure a source for OOM detection, disabling OOM events: open /dev/kmsg", file=sys.stderr)
    print(f"cAdvisor {VERSION}, played by the stand-in of homelab.media's test bed", file=sys.stderr, flush=True)
    serving.serve_forever(0.2)
    return 0
