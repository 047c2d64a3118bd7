# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tautulli's socket, its start and its end."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from .config import Config
from .link import Link
from .log import Log
from .pages import VERSION, Pages, Request


class Handler(BaseHTTPRequestHandler):
    pages: Pages
    protocol_version = "HTTP/1.1"
    timeout = 30

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace")
        request = Request(
            method="GET" if self.command == "HEAD" else self.command,
            path=parts.path.rstrip("/") or "/",
            query=dict(parse_qsl(parts.query)),
            form=dict(parse_qsl(body)),
            headers=self.headers,  # type: ignore[arg-type]
            client=self.client_address[0],
        )
        answer = self.pages.answer(request)
        plain = isinstance(answer.body, str)
        written = (answer.body if plain else json.dumps(answer.body)).encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", "text/html;charset=utf-8" if plain else "application/json;charset=utf-8")
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(written)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(written)

    do_GET = do_HEAD = do_POST = _serve

    def log_message(self, format: str, *args: object) -> None:
        return


class Tautulli:
    """The whole program for one data folder."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.log = Log(folder / "logs")
        self.config = Config(folder / "config.ini", environment)
        self.link = Link(self.config, self.log, float(environment.get("STAND_IN_RECONNECT_SECONDS", "5")))
        handler = type("TautulliHandler", (Handler,), {"pages": Pages(self.config, self.link, self.log)})
        self.server = ThreadingHTTPServer((self.config["http_host"], self.config["http_port"]), handler)
        self.server.daemon_threads = True

    def run(self) -> None:
        self.log.info(f"Starting Tautulli {VERSION}, played by the stand-in of homelab.media's test bed")
        self.link.start()
        self.server.serve_forever(0.1)

    def stop(self) -> None:
        self.link.stop()
        self.server.shutdown()
        self.server.server_close()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="Tautulli.py")
    parser.add_argument("--datadir", type=Path, required=True)
    tautulli = Tautulli(parser.parse_args(arguments).datadir, dict(os.environ))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: threading.Thread(target=tautulli.stop).start())
    tautulli.run()
    tautulli.log.info("Shutting down Tautulli...")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
