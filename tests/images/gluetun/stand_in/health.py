# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The health server on 127.0.0.1:9999, its client, and the watch over a tunnel that is up."""

from __future__ import annotations

import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .checks import FULL_TRIES, SMALL_TRIES, CheckError, NotPermitted, dns_check, echo_check, tls_check, with_tries
from .log import Log
from .settings import Health


class HealthServer:
    def __init__(self, settings: Health) -> None:
        self.settings = settings
        self.problem = "healthcheck did not run yet"
        host, _, port = settings.server_address.rpartition(":")
        handler = type("Handler", (_Handler,), {"health": self})
        self.server = ThreadingHTTPServer((host or "", int(port)), handler)
        self.server.daemon_threads = True

    def start(self) -> None:
        Log("healthcheck").info(f"listening on {self.settings.server_address}")
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
    health: HealthServer

    def do_GET(self) -> None:
        problem = self.health.problem
        body = (problem + "\n").encode() if problem else b""
        self.send_response(500 if problem else 200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


def ask(address: str) -> int:
    """What the image's HEALTHCHECK runs."""
    try:
        with urllib.request.urlopen(f"http://{address}", timeout=5):
            return 0
    except urllib.error.HTTPError as error:
        print(f"{error.code} {error.reason}: {error.read().decode(errors='replace').strip()}", file=sys.stderr)
    except OSError as error:
        print(error, file=sys.stderr)
    return 1


class Watch:
    """A small check each minute, a full one every five, until one fails or it is told to stop."""

    def __init__(self, settings: Health) -> None:
        self.settings = settings
        self.log = Log("healthcheck")
        self.stop = threading.Event()

    def until_it_fails(self) -> str:
        small, full = time.monotonic() + self.settings.small_period, time.monotonic() + self.settings.full_period
        while not self.stop.wait(max(0.0, min(small, full) - time.monotonic())):
            try:
                if small <= full:
                    self._small()
                    small = time.monotonic() + self.settings.small_period
                else:
                    with_tries(FULL_TRIES, self._full, self.stop)
                    full = time.monotonic() + self.settings.full_period
            except CheckError as error:
                kind = "small" if small <= full else "full"
                return f"{kind} periodic check: {error}"
        return ""

    def _small(self) -> None:
        targets = [str(address) for address in self.settings.icmp_targets]

        def by_icmp(number: int, seconds: float) -> None:
            echo_check(targets[number % len(targets)], seconds)

        def by_dns(number: int, seconds: float) -> None:
            dns_check(targets[number % len(targets)])

        if self.settings.small_check == "dns":
            with_tries(SMALL_TRIES, by_dns, self.stop)
            return
        try:
            with_tries(SMALL_TRIES, by_icmp, self.stop)
        except NotPermitted as error:
            self.log.info(f"{error}; falling back to plain DNS over UDP checks")
            with_tries(SMALL_TRIES, by_dns, self.stop)

    def _full(self, number: int, seconds: float) -> None:
        tls_check(self.settings.targets[number % len(self.settings.targets)], seconds)
