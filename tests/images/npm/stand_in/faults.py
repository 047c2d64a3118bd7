# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults that a test asks for in a file, and what was asked and answered."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

from .web import Request, Response

FAULTS = "stand-in-faults.json"
REQUESTS = "stand-in-requests.log"
RUBBISH = b"<html><body>Bad gateway of a stand-in</body></html>"


class Broken(Exception):
    """The connection ends without an answer."""


class Faults:
    """One fault or a list of them; see README.md. The file is read anew whenever it changes."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / FAULTS
        self._lock = threading.Lock()
        self._stamp = 0
        self._faults: list[dict[str, Any]] = []

    def next(self, request: Request) -> Response | None:
        with self._lock:
            fault = self._matching(request.method, f"/api{request.path}")
            if fault and "times" in fault:
                fault["times"] -= 1
        if not fault:
            return None
        time.sleep(fault.get("delay", 0))
        if fault.get("drop"):
            raise Broken
        if fault.get("rubbish"):
            return Response(fault.get("status", 200), RUBBISH, {"Content-Type": "text/html"})
        if "status" not in fault:
            return None
        error = {"error": {"code": fault["status"], "message": "A fault that was asked for"}}
        text = json.dumps(fault.get("body", error)).encode()
        return Response(fault["status"], text, {"Content-Type": "application/json; charset=utf-8"})

    def _matching(self, method: str, path: str) -> dict[str, Any] | None:
        try:
            stamp = self.file.stat().st_mtime_ns
            if stamp != self._stamp:
                read = json.loads(self.file.read_text(encoding="utf-8"))
                self._faults = read if isinstance(read, list) else [read]
                self._stamp = stamp
        except (OSError, ValueError):
            self._faults, self._stamp = [], 0
        for fault in self._faults:
            paths, methods = fault.get("paths", [""]), fault.get("methods", [method])
            if fault.get("times", 1) > 0 and method in methods and any(path.startswith(begin) for begin in paths):
                return fault
        return None


class Recorder:
    """A line for each request in the data folder: method, path, status, and nothing of what they hold.

    STAND_IN_RECORD names a file that gets all of it, secrets included, as a line of JSON.
    """

    def __init__(self, folder: Path, record: str) -> None:
        self.file = folder / REQUESTS
        self.record_file = Path(record) if record else None
        self._lock = threading.Lock()

    def record(self, request: Request, response: Response) -> None:
        path = f"/api{request.path}"
        with self._lock:
            # A health check asks twice a minute, which nobody counts.
            if path != "/api/":
                with self.file.open("a", encoding="utf-8") as stream:
                    stream.write(f"{request.method} {path} {response.status}\n")
            if self.record_file:
                line = {
                    "method": request.method,
                    "path": path,
                    "query": request.query_text,
                    "request": _read(request.body),
                    "status": response.status,
                    "answer": _read(response.body),
                }
                with self.record_file.open("a", encoding="utf-8") as stream:
                    stream.write(json.dumps(line) + "\n")


def _read(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body.decode(errors="replace")
