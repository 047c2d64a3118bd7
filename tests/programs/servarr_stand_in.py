# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Servarr stand-in as a plain process on loopback, with the record of what it was asked."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

NURSERY = Path(__file__).with_name("servarr_nursery.py")
KEYS = {"sonarr": "v3", "radarr": "v3", "lidarr": "v1", "bookshelf": "v1", "readarr": "v1", "prowlarr": "v1"}
WRITES = ("POST", "PUT", "DELETE")


@functools.cache
def nursery() -> subprocess.Popen[str]:
    """Return the process that all stand-ins of a test run come from. It ends with its input."""
    return subprocess.Popen([sys.executable, str(NURSERY)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


class StandIn:
    """One application. name: what the module calls it; kind: one of KEYS."""

    def __init__(self, folder: Path, kind: str, name: str = "") -> None:
        self.kind, self.name = kind, name or kind
        self.folder = folder / self.name
        self.folder.mkdir(parents=True)
        self.record = self.folder / "requests.jsonl"
        self.output = self.folder / "output"
        self.key = os.urandom(16).hex()
        self.key_file = self.folder / "key"
        self.key_file.write_text(self.key)
        with contextlib.closing(socket.socket()) as listener:
            listener.bind(("127.0.0.1", 0))
            self.port: int = listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = 0

    def start(self, **environment: str) -> None:
        prefix = "READARR" if self.kind == "bookshelf" else self.kind.upper()
        settings = {
            "APP_NAME": self.kind.capitalize(),
            "CONFIG_DIR": str(self.folder / "config"),
            "STAND_IN_RECORD": str(self.record),
            "STAND_IN_MIGRATION_SECONDS": "0",
            "STAND_IN_STARTING_SECONDS": "0",
            "STAND_IN_PROFILES_SECONDS": "0",
            f"{prefix}__AUTH__APIKEY": self.key,
            f"{prefix}__SERVER__PORT": str(self.port),
            f"{prefix}__SERVER__BINDADDRESS": "127.0.0.1",
            **environment,
        }
        parent = nursery()
        assert parent.stdin
        assert parent.stdout
        order = {"environment": {"PATH": os.environ["PATH"], **settings}, "output": str(self.output)}
        print(json.dumps(order), file=parent.stdin, flush=True)
        self.process = int(parent.stdout.readline())

    def wait(self) -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, urllib.error.URLError):
                if self.ask("GET", "tag") is not None:
                    return
            assert self.lives(), self.output.read_text()
            time.sleep(0.01)
        raise AssertionError(self.output.read_text())

    def lives(self) -> bool:
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return False
        return True

    def stop(self) -> None:
        if not self.process:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)
        deadline = time.monotonic() + 20
        while self.lives():
            assert time.monotonic() < deadline
            time.sleep(0.005)
        self.process = 0

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Do what a person does behind the module's back."""
        request = urllib.request.Request(f"{self.url}/api/{KEYS[self.kind]}/{path}", method=method)
        request.add_header("X-Api-Key", self.key)
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, data, timeout=10) as response:
            return json.loads(response.read() or b"null")

    def named(self, resource: str, name: str) -> dict[str, Any]:
        """Return one item of a list."""
        items = self.ask("GET", resource)
        found = [item for item in items if name in (item.get("name"), item.get("path"), item.get("label"))]
        assert len(found) == 1, [item.get("name") for item in items]
        item: dict[str, Any] = found[0]
        return item

    def change(self, resource: str, called: str, fields: dict[str, Any] | None = None, **values: Any) -> None:
        """Change an item behind the module's back, untested."""
        item = {**self.named(resource, called), **values}
        for field in item.get("fields", []):
            field["value"] = (fields or {}).get(field["name"], field.get("value"))
        self.ask("PUT", f"{resource}/{item['id']}?forceSave=true", item)

    def faults(self, *faults: dict[str, Any]) -> None:
        self.folder.joinpath("config", "stand-in-faults.json").write_text(json.dumps(faults))

    def requests(self) -> list[dict[str, Any]]:
        lines = self.record.read_text().splitlines() if self.record.exists() else []
        return [json.loads(line) for line in lines]

    def forget(self) -> None:
        """Begin a new record."""
        self.record.unlink(missing_ok=True)

    def writes(self) -> list[str]:
        """Return what was asked to be written since the record began."""
        return [f"{line['method']} {line['path']}" for line in self.requests() if line["method"] in WRITES]
