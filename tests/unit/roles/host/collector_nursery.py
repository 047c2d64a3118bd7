# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom the collector asks, played: an engine on a socket, applications on loopback, and those that never answer.

What they say was recorded: Docker Engine 26.1.5 (API 1.45), NZBGet 21, gluetun's and Tautulli's documents.
"""

from __future__ import annotations

import json
import socket
import socketserver
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from roles.host.files.collector.exposition import text
from roles.host.files.collector.findings import Findings
from tests.unit.real_host import need_root

NEVER = "0001-01-01T00:00:00Z"
PROJECT = "media"


def inspected(service: str, *, image: str = "docker.io/library/redis:8.2.2-alpine", **state: Any) -> dict[str, Any]:
    """Return what the engine tells of a running container, as far as it is read."""
    health = state.pop("health", None)
    if health is not None:
        state["Health"] = {"Status": health, "FailingStreak": 0, "Log": state.pop("log", [])}
    return {
        "Id": f"{service:0>64}",
        "Image": f"sha256:{image.encode().hex():0<64.64}",
        "RestartCount": state.pop("restarts", 0),
        "State": {
            **{"Status": "running", "Running": True, "Pid": 0, "ExitCode": 0, "FinishedAt": NEVER},
            **{"StartedAt": "2026-11-23T02:11:20.219817569Z", **state},
        },
        "Config": {
            "Image": image,
            "Labels": {
                "com.docker.compose.project": PROJECT,
                "com.docker.compose.service": service,
                "com.docker.compose.oneoff": "False",
            },
        },
    }


@dataclass
class Engine:
    """A Docker Engine. hangs: beginnings of paths, without the version, that are never answered."""

    path: str
    containers: list[dict[str, Any]] = field(default_factory=list)
    digests: dict[str, list[str]] = field(default_factory=dict)  # what an image was pulled as, by its ID
    registry: dict[str, str] = field(default_factory=dict)  # what the registry has now, by name
    printed: bytes = b""
    exit_code: int = 0
    versions: tuple[str, str] = ("1.24", "1.45")
    hangs: tuple[str, ...] = ()
    asked: list[str] = field(default_factory=list)

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        plain = urlsplit(path)
        self.asked.append(f"{method} {unquote(plain.path)}")
        if plain.path == "/version":
            return 200, {"ApiVersion": self.versions[1], "MinAPIVersion": self.versions[0]}
        _empty, version, rest = plain.path.split("/", 2)
        number, limits = [[int(one) for one in text.lstrip("v").split(".")] for text in (version,)], self.versions
        if not [int(one) for one in limits[0].split(".")] <= number[0] <= [int(one) for one in limits[1].split(".")]:
            return 400, {"message": f"client version {version} is not one of {limits}"}
        return self._versioned(method, unquote(rest), parse_qs(plain.query), body)

    def _versioned(self, method: str, path: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, Any]:
        words = path.split("/")
        if path == "containers/json":
            wanted = [one.partition("=") for one in json.loads(query["filters"][0])["label"]]
            found = [c for c in self.containers if all(c["Config"]["Labels"].get(k) == v for k, _e, v in wanted)]
            return 200, [{"Id": one["Id"]} for one in found]
        if words[0] == "containers" and words[2] == "json":
            return next(((200, one) for one in self.containers if one["Id"] == words[1]), (404, {"message": "no such"}))
        if words[0] == "containers" and words[2] == "exec" and method == "POST":
            return 201, {"Id": f"exec-of-{words[1]}", "Cmd": body["Cmd"]}
        if words[0] == "exec" and words[2] == "start" and method == "POST":
            noise = struct.pack(">BxxxL", 2, 5) + b"noise"
            return 200, noise + struct.pack(">BxxxL", 1, len(self.printed)) + self.printed
        if words[0] == "exec" and words[2] == "json":
            return 200, {"ExitCode": self.exit_code, "Running": False}
        image = path.partition("/")[2].rpartition("/")[0]
        if words[0] == "images" and image in self.digests:
            return 200, {"Id": image, "RepoDigests": self.digests[image]}
        if words[0] == "distribution" and image in self.registry:
            return 200, {"Descriptor": {"digest": self.registry[image]}}
        return 404, {"message": f"nothing at {path}"}


class _UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


@contextmanager
def running(engine: Engine) -> Iterator[Engine]:
    """Serve an engine on its socket."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"null")
            rest = "/" + self.path.partition("/v")[2].partition("/")[2] if self.path != "/version" else self.path
            if any(unquote(rest).startswith(one) for one in engine.hangs):
                over.wait(60)
                return
            code, answer = engine.answer(self.command, self.path, body)
            content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _serve

        def address_string(self) -> str:
            return "client"

        def log_message(self, format: str, *args: object) -> None:
            pass

    with _UnixServer(engine.path, Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield engine
        finally:
            over.set()
            server.shutdown()


Answering = Callable[[str, Mapping[str, str], bytes], tuple[int, Any]]


@contextmanager
def application(answering: Answering) -> Iterator[str]:
    """Serve an application on loopback; what it answers is said by its path, headers and body."""

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            code, answer = answering(self.path, self.headers, body)
            content = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _serve

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


@contextmanager
def silent(family: int = socket.AF_INET, path: Path | None = None) -> Iterator[str]:
    """Listen, and never say anything: on loopback, or on a socket in the file system."""
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        listening.bind(str(path) if path else ("127.0.0.1", 0))
        listening.listen(64)
        yield str(path) if path else f"http://127.0.0.1:{listening.getsockname()[1]}"


@contextmanager
def in_a_namespace(script: str, *words: str) -> Iterator[int]:
    """Run a Python script in a network of its own, and give its process once it says that it is up."""
    need_root()
    command = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", sys.executable, "-c", script]
    with subprocess.Popen([*command, *words], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "up\n"
            yield process.pid
        finally:
            process.kill()


def closed() -> str:
    """Return a place on loopback where nobody is."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def series(found: Findings) -> dict[str, float]:
    """Return what was found as it is written, without what explains it."""
    lines = [line.rpartition(" ") for line in text(found.samples).splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _space, value in lines}
