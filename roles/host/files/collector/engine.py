# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Docker Engine, asked over its socket: cheaper than its command, and answers are data."""

from __future__ import annotations

import socket
import struct
import threading
import urllib.parse
from typing import Any

from . import web
from .findings import Trouble

#: The version of the API that this is written for; another one is used where the engine does not have it.
VERSION = (1, 44)
WHO = "the engine"


class Engine:
    """One engine. Each question may take so many seconds, unless it says otherwise."""

    def __init__(self, path: str, seconds: float) -> None:
        self._path = path
        self._seconds = seconds
        self._lock = threading.Lock()
        self._base: str | None = None

    def get(self, path: str, seconds: float | None = None) -> Any:
        """Return the answer to a question."""
        request = web.Request(WHO, self._versioned() + path)
        return web.ask(self._connection(seconds or self._seconds), request)

    def inspect_image(self, image: str) -> Any:
        return self.get(f"/images/{urllib.parse.quote(image)}/json")

    def distribution(self, image: str, seconds: float) -> Any:
        """Return what the registry has under the name of an image."""
        return self.get(f"/distribution/{urllib.parse.quote(image)}/json", seconds)

    def execute(self, container: str, words: list[str]) -> bytes:
        """Run a program in a container and return what it prints."""
        base = self._versioned()
        command = {"AttachStdout": True, "AttachStderr": True, "Cmd": words}
        created = self._post(f"{base}/containers/{container}/exec", command)
        started = web.Request(WHO, f"{base}/exec/{created['Id']}/start", "POST", {"Detach": False, "Tty": False})
        printed = _printed(web.fetch(self._connection(self._seconds), started))
        code = self.get(f"/exec/{created['Id']}/json")["ExitCode"]
        if code != 0:
            raise Trouble(f"{words[0]} in the container ends with {code}")
        return printed

    def _post(self, path: str, body: Any) -> Any:
        return web.ask(self._connection(self._seconds), web.Request(WHO, path, "POST", body))

    def _versioned(self) -> str:
        """Return the beginning of every path. The engine is asked once which versions it has."""
        with self._lock:
            if self._base is None:
                told = web.ask(self._connection(self._seconds), web.Request(WHO, "/version"))
                major, minor = min(max(VERSION, _version(told["MinAPIVersion"])), _version(told["ApiVersion"]))
                self._base = f"/v{major}.{minor}"
            return self._base

    def _connection(self, seconds: float) -> Any:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.settimeout(seconds)
        try:
            sock.connect(self._path)
        except OSError as error:
            sock.close()
            raise Trouble(f"{WHO} does not answer ({error.strerror or type(error).__name__})") from None
        return web.through(sock, seconds)


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split("."))


def _printed(stream: bytes) -> bytes:
    """Return what came by the standard output: the stream is in frames, each with its source and its length."""
    found, place = b"", 0
    while place + 8 <= len(stream):
        source, length = struct.unpack_from(">BxxxL", stream, place)
        if source == 1:
            found += stream[place + 8 : place + 8 + length]
        place += 8 + length
    return found
