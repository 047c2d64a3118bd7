# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Docker's API, by its socket."""

from __future__ import annotations

import http.client
import json
import socket
from dataclasses import dataclass
from datetime import datetime
from typing import Any


class EngineError(Exception):
    """The engine does not answer."""


@dataclass(frozen=True)
class Running:
    """A container that runs."""

    id: str
    name: str
    image: str
    labels: dict[str, str]
    pid: int
    created: float
    own_network: bool


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=10)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Engine:
    def __init__(self, path: str) -> None:
        self.path = path

    def version(self) -> dict[str, str]:
        said: dict[str, str] = self._ask("/version")
        return said

    def running(self) -> list[Running]:
        found = []
        for entry in self._ask("/containers/json"):
            try:
                one = self._ask(f"/containers/{entry['Id']}/json")
            except KeyError:
                continue  # gone meanwhile
            if one["State"]["Running"]:
                found.append(_running(one))
        return sorted(found, key=lambda container: container.name)

    def _ask(self, path: str) -> Any:
        connection = _Connection(self.path)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise EngineError(f"{self.path}: {error}") from None
        finally:
            connection.close()
        if answer.status == 404:
            raise KeyError(path)
        if answer.status != 200:
            raise EngineError(f"{self.path}: {answer.status}")
        return json.loads(body)


def _running(one: dict[str, Any]) -> Running:
    created = datetime.fromisoformat(one["Created"][:19] + "+00:00").timestamp()
    return Running(
        id=one["Id"],
        name=one["Name"].lstrip("/"),
        image=one["Config"]["Image"],
        labels=one["Config"].get("Labels") or {},
        pid=one["State"]["Pid"],
        created=created,
        own_network=not one["HostConfig"]["NetworkMode"].startswith("container:"),
    )
