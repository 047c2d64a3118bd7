# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Servarr stand-in as a plain process on loopback, and what it was asked and answered."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import requests

PACKAGE = Path(__file__).resolve().parents[1] / "images" / "servarr"
KEY = "0123456789abcdef0123456789abcdef"
KINDS = {
    "Sonarr": ("sonarr", "v3"),
    "Radarr": ("radarr", "v3"),
    "Lidarr": ("lidarr", "v1"),
    "Readarr": ("readarr", "v1"),
    "Bookshelf": ("readarr", "v1"),
    "Prowlarr": ("prowlarr", "v1"),
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass(frozen=True)
class Exchange:
    method: str
    path: str
    query: str
    request: Any
    status: int
    answer: Any


class StandIn:
    def __init__(self, name: str, folder: Path, **environment: str) -> None:
        self.name, self.folder = name, folder
        self.kind, version = KINDS[name]
        self.port = free_port()
        self.base = environment.pop("base", "")
        self.url = f"http://127.0.0.1:{self.port}{self.base}"
        self.api = f"{self.url}/api/{version}"
        self.record = folder / "record.jsonl"
        prefix = self.kind.upper()
        self.environment = {
            "PATH": os.environ["PATH"],
            "APP_NAME": name,
            "CONFIG_DIR": str(folder / "config"),
            "STAND_IN_RECORD": str(self.record),
            "STAND_IN_MIGRATION_SECONDS": "0",
            "STAND_IN_STARTING_SECONDS": "0",
            "STAND_IN_PROFILES_SECONDS": "0",
            "STAND_IN_CLOCK_SECONDS": "0.2",
            f"{prefix}__AUTH__APIKEY": KEY,
            f"{prefix}__AUTH__METHOD": "Forms",
            f"{prefix}__SERVER__PORT": str(self.port),
            f"{prefix}__SERVER__BINDADDRESS": "127.0.0.1",
            **environment,
        }
        self._process: subprocess.Popen[str] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["X-Api-Key"] = KEY

    def __enter__(self) -> StandIn:
        self.start()
        self.wait_until_ready()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        with (self.folder / "console.log").open("a") as console:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "stand_in"],
                cwd=PACKAGE,
                env={**self.environment, "PYTHONDONTWRITEBYTECODE": "1"},
                stdout=console,
                stderr=console,
                text=True,
            )

    def stop(self) -> int:
        if not self._process:
            return 0
        self._process.terminate()
        return self._process.wait(10)

    def wait(self, seconds: float = 10) -> int:
        """Wait for the process to end by itself."""
        assert self._process
        return self._process.wait(seconds)

    def wait_until_ready(self) -> None:
        """Until the profiles are there, as the real ones want to be waited for."""
        profiles = "appprofile" if self.kind == "prowlarr" else "qualityprofile"
        until(lambda: self._answers(profiles), lambda: f"{self.name} is ready: {self.console()}")

    def _answers(self, path: str) -> bool:
        try:
            answer = self.session.get(f"{self.api}/{path}", timeout=2)
        except requests.ConnectionError:
            return False
        return answer.status_code == 200 and bool(answer.json())

    def console(self) -> str:
        return (self.folder / "console.log").read_text()

    def log(self, kind: str = "") -> str:
        file = self.folder / "config" / "logs" / f"{self.kind}{kind and '.' + kind}.txt"
        return file.read_text() if file.exists() else ""

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        return self.session.request(method, f"{self.api}/{path}", json=body, timeout=30, **more)

    def get(self, path: str) -> Any:
        answer = self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def schema(self, kind: str, implementation: str, name: str, **fields: Any) -> dict[str, Any]:
        """Return an entry of /schema with a name and values."""
        entry = next(item for item in self.get(f"{kind}/schema") if item["implementation"] == implementation)
        entry["name"] = name
        for field in entry["fields"]:
            if field["name"] in fields:
                field["value"] = fields.pop(field["name"])
        assert not fields, f"{implementation} has no field {', '.join(fields)}"
        return entry

    def exchanges(self) -> list[Exchange]:
        return [Exchange(**json.loads(line)) for line in self.record.read_text().splitlines()]

    def run_command(self, name: str, **body: Any) -> dict[str, Any]:
        number = self.ask("POST", "command", {"name": name, **body}).json()["id"]
        until(lambda: self.get(f"command/{number}")["status"] in ("completed", "failed"), f"{name} ended")
        return self.get(f"command/{number}")


def until(true: Callable[[], Any], what: str | Callable[[], str], seconds: float = 15) -> None:
    """Poll until something is true. What was waited for may be a function, asked only when it did not come."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what if isinstance(what, str) else what()}")
        time.sleep(0.02)
