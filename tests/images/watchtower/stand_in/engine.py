# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Docker's API, by its socket."""

from __future__ import annotations

import http.client
import json
import socket
from typing import Any
from urllib.parse import quote, urlencode

SOCKET = "/var/run/docker.sock"
#: A pull ends when it ends.
PATIENCE = 600.0


class EngineError(Exception):
    """The engine does not answer, or says no."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=PATIENCE)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Engine:
    def __init__(self, path: str = SOCKET) -> None:
        self.path = path

    def _ask(self, method: str, path: str, body: Any = None, **query: Any) -> bytes:
        connection = _Connection(self.path)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        target = path + (f"?{urlencode(query)}" if query else "")
        try:
            connection.request(method, target, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            text = answer.read()
        except OSError as error:
            raise EngineError(0, f"{self.path}: {error}") from None
        finally:
            connection.close()
        if answer.status >= 400:
            raise EngineError(answer.status, text.decode(errors="replace").strip())
        return text

    def api_version(self) -> tuple[int, int]:
        major, minor = str(json.loads(self._ask("GET", "/version"))["ApiVersion"]).split(".")
        return int(major), int(minor)

    def containers(self) -> list[dict[str, Any]]:
        """Return what inspecting tells of each container, whatever its state."""
        found = []
        for entry in json.loads(self._ask("GET", "/containers/json", all="true")):
            try:
                found.append(self.container(entry["Id"]))
            except EngineError as error:
                if error.status != 404:  # gone meanwhile
                    raise
        return found

    def container(self, number: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._ask("GET", f"/containers/{number}/json"))
        return found

    def image(self, reference: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._ask("GET", f"/images/{quote(reference, safe='/:')}/json"))
        return found

    def digest(self, reference: str) -> str:
        """Return the digest that the registry has under the name now."""
        told = json.loads(self._ask("GET", f"/distribution/{quote(reference, safe='/:')}/json"))
        return str(told["Descriptor"]["digest"])

    def pull(self, reference: str) -> None:
        """Pull, and read to the end: an error may come in the middle of the answer."""
        for line in self._ask("POST", "/images/create", fromImage=reference).splitlines():
            told = json.loads(line) if line.strip() else {}
            if "error" in told:
                raise EngineError(500, str(told["error"]))

    def remove_image(self, number: str) -> None:
        self._ask("DELETE", f"/images/{quote(number, safe=':')}", force="true")

    def stop(self, number: str, seconds: float) -> None:
        self._ask("POST", f"/containers/{number}/stop", t=round(seconds))

    def remove(self, number: str) -> None:
        self._ask("DELETE", f"/containers/{number}", force="true")

    def create(self, name: str, body: dict[str, Any]) -> str:
        return str(json.loads(self._ask("POST", "/containers/create", body, name=name))["Id"])

    def connect(self, network: str, number: str, endpoint: dict[str, Any]) -> None:
        body = {"Container": number, "EndpointConfig": endpoint}
        self._ask("POST", f"/networks/{quote(network, safe='')}/connect", body)

    def start(self, number: str) -> None:
        self._ask("POST", f"/containers/{number}/start")
