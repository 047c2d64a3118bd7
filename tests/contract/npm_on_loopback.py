# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in for Nginx Proxy Manager on loopback: its backend in this process, and a real nginx of its own."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.contract.npm_neighbours import Resolver
from tests.images.npm.stand_in.backend import Backend
from tests.images.npm.stand_in.layout import Layout
from tests.images.npm.stand_in.server import Server
from tests.images.npm.stand_in.start import prepare

FILES = Path(__file__).resolve().parents[1] / "images" / "npm" / "nginx"
ADMIN = {"name": "Keeper", "nickname": "Keeper", "email": "keeper@example.com"}
PASSWORD = "a-password-of-the-keeper"


@dataclass
class Answer:
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


def free_ports(count: int) -> list[int]:
    """Return ports that nobody has. All are held until all are found, so that none comes twice."""
    held = [socket.socket() for _number in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()


def until(condition: Callable[[], object], what: str, seconds: float = 10) -> None:
    """Wait for a state: a reload of nginx is over only a moment after it was asked for."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.02)


class Npm:
    """A manager in a folder, with `ask` for its API. `claimed` makes the first user and signs in."""

    def __init__(
        self, folder: Path, claimed: bool = True, address: str = "127.0.0.1", environ: dict[str, str] | None = None
    ) -> None:
        self.folder = folder
        self.environ = environ or {}
        http, https, admin, backend = free_ports(4)
        self.names: dict[str, str] = {}  # what the containers' resolver would know
        self._resolver = Resolver(self.names)
        self.layout = Layout(str(folder), address, http, https, admin, backend, self._resolver.address, False)
        self.address = address if address != "0.0.0.0" else "127.0.0.1"
        self.url = f"http://{self.address}:{admin}"
        self.token = ""
        self._nginx: subprocess.Popen[bytes] | None = None
        self._server: Server | None = None
        self.start()
        if claimed:
            self.claim()

    @property
    def data(self) -> Path:
        return self.layout.data

    def start(self) -> None:
        prepare(self.layout, FILES)
        self.start_backend()
        self._nginx = subprocess.Popen(["nginx", "-c", str(self.layout.conf)])
        until(self._answers, "nginx and the backend answer")

    def start_backend(self) -> None:
        self.backend = Backend(self.layout, self.environ)
        self._reload_nginx = self.backend.nginx.reload
        self.backend.nginx.reload = self._reload  # type: ignore[method-assign]
        self._server = Server(self.backend, self.environ.get("STAND_IN_RECORD", ""))
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop_backend(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self.backend.close()
            self._server = None

    def stop(self) -> None:
        self.stop_backend()
        if self._nginx:
            self._nginx.terminate()
            self._nginx.wait(10)
            self._nginx = None

    def _answers(self) -> bool:
        try:
            return self.ask("GET", "/").status == 200
        except OSError:
            return False

    def ask(self, method: str, path: str, body: Any = None, token: str | None = None) -> Answer:
        """Ask the API through the administrator's port, below /api."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        return self.send(method, path, json.dumps(body).encode() if body is not None else None, headers, token)

    def send(
        self, method: str, path: str, data: bytes | None, headers: dict[str, str], token: str | None = None
    ) -> Answer:
        token = self.token if token is None else token
        headers = {**headers, **({"Authorization": f"Bearer {token}"} if token else {})}
        request = urllib.request.Request(f"{self.url}/api{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return _answer(answer.status, answer.read(), dict(answer.headers))
        except urllib.error.HTTPError as error:
            return _answer(error.code, error.read(), dict(error.headers))

    def get(self, path: str) -> Any:
        answer = self.ask("GET", path)
        assert answer.status == 200, f"GET {path}: {answer.status} {answer.body}"
        return answer.body

    def make(self, path: str, body: Any) -> Any:
        answer = self.ask("POST", path, body)
        assert answer.status == 201, f"POST {path}: {answer.status} {answer.body}"
        return answer.body

    def claim(self) -> None:
        self.make("/users", {**ADMIN, "roles": ["admin"], "auth": {"type": "password", "secret": PASSWORD}})
        self.token = self.sign_in(ADMIN["email"], PASSWORD).body["token"]

    def sign_in(self, identity: str, secret: str) -> Answer:
        return self.ask("POST", "/tokens", {"identity": identity, "secret": secret}, token="")

    def upload(self, path: str, files: dict[str, str]) -> Answer:
        """Send files as a form."""
        line = "line-between-the-parts"
        parts = [
            f'--{line}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}.pem"\r\n'
            f"Content-Type: application/x-pem-file\r\n\r\n{text}\r\n"
            for name, text in files.items()
        ]
        content = "".join([*parts, f"--{line}--\r\n"]).encode()
        return self.send("POST", path, content, {"Content-Type": f"multipart/form-data; boundary={line}"})

    def visit(
        self,
        name: str,
        path: str = "/",
        headers: dict[str, str] | None = None,
        tls: bool = False,
        method: str = "GET",
        client: str = "",
    ) -> Answer:
        """Ask nginx as a visitor of a name, from an address of this machine.

        A connection that ends without an answer is a ConnectionError.
        """
        port = self.layout.https if tls else self.layout.http
        source = (client, 0) if client else None
        raw = socket.create_connection((client or self.address, port), timeout=10, source_address=source)
        link = http.client.HTTPConnection(name, timeout=10)
        link.sock = _without_trust().wrap_socket(raw, server_hostname=name) if tls else raw
        with contextlib.closing(link):
            link.request(method, path, headers=headers or {})
            answer = link.getresponse()
            return _answer(answer.status, answer.read(), dict(answer.headers))

    def _workers(self) -> set[int]:
        """Return the workers of nginx that take connections; those that only end theirs have another title."""
        if not self._nginx:
            return set()
        found = set()
        for word in Path(f"/proc/{self._nginx.pid}/task/{self._nginx.pid}/children").read_text().split():
            with contextlib.suppress(OSError):
                if Path(f"/proc/{word}/cmdline").read_bytes().rstrip(b"\0 ") == b"nginx: worker process":
                    found.add(int(word))
        return found

    def _reload(self) -> None:
        """Reload nginx and wait until no worker from before takes connections, for which nobody waits upstream."""
        before = self._workers()
        self._reload_nginx()
        if before:
            until(lambda: (now := self._workers()) and not now & before, "nginx has reloaded")

    def log(self, name: str) -> list[str]:
        """Return the lines of a log of nginx."""
        return (self.data / "logs" / name).read_text(encoding="utf-8").splitlines()

    def writes(self) -> list[str]:
        """Return what was asked to be changed, with the status of each: `PUT /api/nginx/proxy-hosts/1 200`."""
        lines = (self.data / "stand-in-requests.log").read_text(encoding="utf-8").splitlines()
        return [line for line in lines if not line.startswith("GET ") and "/api/tokens" not in line]

    def fault(self, *faults: dict[str, Any]) -> None:
        (self.data / "stand-in-faults.json").write_text(json.dumps(list(faults)), encoding="utf-8")

    def __enter__(self) -> Npm:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
        self._resolver.close()


def _without_trust() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _answer(status: int, body: bytes, headers: dict[str, str]) -> Answer:
    try:
        return Answer(status, json.loads(body), headers)
    except ValueError:
        return Answer(status, body.decode(errors="replace"), headers)
