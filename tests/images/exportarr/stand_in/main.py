# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks the application at every scrape; when it cannot be asked, the scrape fails with it."""

from __future__ import annotations

import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from . import libraries, settings
from .client import Client, ClientError
from .exposition import ExpositionError, Families
from .gather import VERSION, Common
from .indexers import Indexers
from .settings import Settings, SettingsError

_LIBRARIES = {
    "sonarr": libraries.sonarr,
    "radarr": libraries.radarr,
    "lidarr": libraries.lidarr,
    "readarr": libraries.readarr,
}


class Exportarr:
    def __init__(self, told: Settings) -> None:
        self.told, self.client = told, Client(told)
        self.common = Common(told, self.client)
        self.indexers = Indexers(told)

    def metrics(self) -> tuple[int, str]:
        families = Families(self.told.url)
        try:
            if self.told.kind == "prowlarr":
                self.indexers.tell(self.client, families)
            else:
                _LIBRARIES[self.told.kind](self.told, self.client, families)
            self.common.tell(families)
        except (ClientError, ExpositionError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
            # An answer of another shape is an error like any other.
            text = f"{type(error).__name__}: {error}"
            print(text, file=sys.stderr, flush=True)
            return 500, f"An error has occurred while serving metrics:\n\nerror collecting metric: {text}\n"
        return 200, families.text()


def server(told: Settings) -> ThreadingHTTPServer:
    program = Exportarr(told)

    class Web(BaseHTTPRequestHandler):
        timeout = 60

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/metrics":
                status, text = program.metrics()
            elif path == "/healthz":
                status, text = 200, "OK"
            else:
                status, text = 200, "<h1>Exportarr</h1><p><a href='/metrics'>metrics</a></p>"
            body = text.encode()
            self.send_response(status)
            kind = "text/html" if text.startswith("<") else "text/plain; version=0.0.4; charset=utf-8"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nobody wants to read of each scrape."""

    return ThreadingHTTPServer((told.interface, told.port), Web)


def main(arguments: list[str]) -> int:
    try:
        told = settings.read(arguments, os.environ)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    serving = server(told)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: threading.Thread(target=serving.shutdown).start())
    print(
        f"exportarr {VERSION}, played by the stand-in of homelab.media's test bed: {told.kind} at {told.url}",
        flush=True,
    )
    serving.serve_forever(0.2)
    return 0
