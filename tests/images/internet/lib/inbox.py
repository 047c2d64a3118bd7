# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Somebody who is told things over HTTP, and keeps them: one line of JSON a message, oldest first."""

from __future__ import annotations

import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

LARGEST = 1 << 20


class Inbox:
    def __init__(self, file: Path) -> None:
        self.file = file
        self._lock = threading.Lock()

    def keep(self, message: dict[str, Any]) -> None:
        with self._lock, self.file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps({"time": round(time.time(), 3), **message}) + "\n")


def status_of(path: str) -> int:
    """Return what is answered: 200, or the status that a path begins with, as /503/anything."""
    found = re.match(r"/([2-5]\d\d)(/|$)", path)
    return int(found[1]) if found else 200


def told(body: bytes) -> Any:
    """Return a message as what it is: JSON, else text."""
    text = body.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        return text


class Handler(BaseHTTPRequestHandler):
    inbox: Inbox
    protocol_version = "HTTP/1.1"
    timeout = 30

    def _take(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST:
            # Read to its end all the same: who still writes would find a broken pipe, and not the answer.
            for left in range(length, 0, -LARGEST):
                self.rfile.read(min(left, LARGEST))
            self.close_connection = True
            self.send_error(413)
            return
        body = self.rfile.read(length)
        path, _mark, query = self.path.partition("?")
        status = status_of(path)
        if self.command not in ("GET", "HEAD"):
            headers = {name.lower(): value for name, value in self.headers.items()}
            who = {"scheme": headers.pop("x-forwarded-proto", "http"), "from": headers.pop("x-forwarded-for", "")}
            asked = {"method": self.command, "path": path, "query": query, "status": status}
            self.inbox.keep({**asked, **who, "headers": headers, "body": told(body)})
        # What the services that people know answer with is different; all take a status of 2xx for a yes.
        answer = b'{"ok": true}\n'
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _take

    def log_message(self, format: str, *args: object) -> None:
        """What came is in the file."""
