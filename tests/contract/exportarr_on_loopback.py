# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in for Exportarr on loopback, an application that answers from files, and metric text read back."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.contract.servarr_on_loopback import KEY, free_port
from tests.images.exportarr.stand_in import main, settings

Series = dict[tuple[str, tuple[tuple[str, str], ...]], float]
_LINE = re.compile(r"(\w+)(?:\{(.*)\})? (\S+)(?: \d+)?")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def series_of(text: str) -> Series:
    """Return every series of a metric text; the same one twice is an error."""
    found: Series = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        assert match, f"no metric: {line}"
        key = (match[1], tuple(sorted(_LABEL.findall(match[2] or ""))))
        assert key not in found, f"twice: {line}"
        found[key] = float(match[3])
    return found


def words_of(text: str) -> set[str]:
    """Return the help and type lines."""
    return {line for line in text.splitlines() if line.startswith("#")}


@contextmanager
def exportarr(kind: str, url: str, **environment: str) -> Iterator[str]:
    """Run the stand-in as a container would, and yield its address."""
    port = free_port()
    given = {"URL": url, "API_KEY": KEY, "PORT": str(port), "INTERFACE": "127.0.0.1", **environment}
    server = main.server(settings.read([kind], given))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.shutdown()
        server.server_close()


def scrape(address: str) -> requests.Response:
    return requests.get(f"{address}/metrics", timeout=30)


class Samples:
    """An application that answers with upstream's samples."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.folder, self.kind = folder, kind
        self.changed: dict[str, Any] = {}
        self.asked: list[str] = []
        samples = self

        class Web(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = urlsplit(self.path).path.removeprefix("/api/v1/").removeprefix("/api/v3/")
                samples.asked.append(self.path)
                body = samples.answer(path) if self.headers["X-Api-Key"] == KEY else None
                self.send_response(200 if body is not None else 401)
                self.end_headers()
                self.wfile.write(json.dumps(body).encode() if body is not None else b"")

            def log_message(self, format: str, *args: object) -> None:
                """Only what is asked counts."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Web)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def answer(self, path: str) -> Any:
        if path in self.changed:
            return self.changed[path]
        name = path.replace("/", "_")
        for file in (*self.folder.glob(f"{self.kind}/v?_{name}.json"), self.folder / f"common/v3_{name}.json"):
            if file.is_file():
                return json.loads(file.read_text(encoding="utf-8"))
        return None

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
