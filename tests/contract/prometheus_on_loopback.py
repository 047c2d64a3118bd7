# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real Prometheus, Alertmanager and exporters on loopback, as plain processes."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any


def program(name: str) -> str:
    """Return where a program is."""
    found = shutil.which(name)
    assert found, f"{name} is not installed: tests/requirements-apt.txt"
    return found


def free_port() -> int:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, and return what it said in both ways as one."""
    return subprocess.run(
        [program(words[0]), *words[1:]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )


class Running:
    """A program that answers by HTTP, from its start to its end. "{port}" in its words is its port."""

    def __init__(self, folder: Path, *words: str, ready: str = "/metrics", **environment: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._words = [program(words[0]), *(word.replace("{port}", str(self.port)) for word in words[1:])]
        self._environment = {"PATH": "/usr/bin:/bin", **environment}
        self._ready = ready
        self._log = folder / f"{words[0]}-{self.port}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._words, stdout=log, stderr=log, env=self._environment)
        end = time.monotonic() + 20
        while True:
            try:
                self.ask(self._ready)
                return
            except (OSError, http.client.HTTPException):
                assert self._process.poll() is None and time.monotonic() < end, self.log
                time.sleep(0.02)

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(20)
            self._process = None

    def ask(self, path: str) -> tuple[str, str]:
        """Return the body and the type of an answer."""
        with urllib.request.urlopen(f"{self.url}{path}", timeout=10) as answer:
            return answer.read().decode(), answer.headers.get("Content-Type", "")

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def __enter__(self) -> Running:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def prometheus(folder: Path, scratch: Path) -> Running:
    """Return Prometheus over a folder with prometheus.yml. scratch: where it keeps what it writes itself."""
    return Running(
        scratch,
        "prometheus",
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={scratch}/prometheus-data",
        "--web.enable-lifecycle",
        "--web.listen-address=127.0.0.1:{port}",
        ready="/-/ready",
    )


def alertmanager(folder: Path, scratch: Path) -> Running:
    """Return Alertmanager over a folder with alertmanager.yml."""
    return Running(
        scratch,
        "prometheus-alertmanager",
        f"--config.file={folder}/alertmanager.yml",
        f"--storage.path={scratch}/alertmanager-data",
        "--cluster.listen-address=",
        "--web.listen-address=127.0.0.1:{port}",
        ready="/-/ready",
    )


def blackbox(folder: Path) -> Running:
    words = (f"--config.file={folder}/config.yml", "--web.listen-address=127.0.0.1:{port}")
    return Running(folder, "prometheus-blackbox-exporter", *words)


def node_exporter(folder: Path) -> Running:
    words = (f"--collector.textfile.directory={folder}", "--web.listen-address=127.0.0.1:{port}")
    return Running(folder, "prometheus-node-exporter", *words)


def value(running: Running, query: str) -> list[dict[str, Any]]:
    """Return what a question to Prometheus is answered with."""
    found: list[dict[str, Any]] = json.loads(running.ask(f"/api/v1/query?query={urllib.parse.quote(query)}")[0])[
        "data"
    ]["result"]
    return found
