# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""As much of Redis' protocol as sessions need."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import BinaryIO

from .config import Config


class RedisError(Exception):
    """Redis cannot be reached, or refused."""


class Redis:
    """One connection, made anew when it breaks. There is nothing to fall back to."""

    def __init__(self, config: Config) -> None:
        base = "session.redis"
        self.host, self.port = str(config.get(f"{base}.host")), config.number(f"{base}.port")
        self._user = str(config.get(f"{base}.username", ""))
        self._password = str(config.get(f"{base}.password", ""))
        self._index = config.number(f"{base}.database_index")
        self._timeout = config.seconds(f"{base}.timeout")
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._reader: BinaryIO | None = None

    def get(self, key: str) -> bytes | None:
        found = self._ask("GET", key)
        return found if isinstance(found, bytes) else None

    def put(self, key: str, value: bytes, seconds: float) -> None:
        self._ask("SET", key, value, "PX", str(max(1, int(seconds * 1000))))

    def drop(self, key: str) -> None:
        self._ask("DEL", key)

    def ping(self) -> None:
        self._ask("PING")

    def close(self) -> None:
        with self._lock:
            self._hang_up()

    def _ask(self, *words: str | bytes) -> bytes | int | None:
        with self._lock:
            fresh = self._socket is None
            try:
                return self._say(*words)
            except (OSError, EOFError) as error:
                self._hang_up()
                # The server may have closed a connection that lay idle. A new one that fails is the truth.
                if fresh:
                    raise RedisError(f"dial tcp {self.host}:{self.port}: {error}") from error
            try:
                return self._say(*words)
            except (OSError, EOFError) as error:
                self._hang_up()
                raise RedisError(f"dial tcp {self.host}:{self.port}: {error}") from error

    def _say(self, *words: str | bytes) -> bytes | int | None:
        if self._socket is None:
            self._socket = socket.create_connection((self.host, self.port), self._timeout)
            self._reader = self._socket.makefile("rb")
            try:
                if self._password:
                    self._exchange("AUTH", *([self._user] if self._user else []), self._password)
                if self._index:
                    self._exchange("SELECT", str(self._index))
            except RedisError:
                self._hang_up()
                raise
        return self._exchange(*words)

    def _exchange(self, *words: str | bytes) -> bytes | int | None:
        parts = [word.encode() if isinstance(word, str) else word for word in words]
        sent = b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
        assert self._socket is not None
        self._socket.sendall(sent)
        return self._answer()

    def _answer(self) -> bytes | int | None:
        assert self._reader is not None
        line = self._reader.readline()
        if not line.endswith(b"\r\n"):
            raise EOFError("connection closed")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RedisError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"+":
            return rest
        size = int(rest)
        if size < 0:
            return None
        found = self._reader.read(size + 2)
        if len(found) != size + 2:
            raise EOFError("connection closed")
        return found[:-2]

    def _hang_up(self) -> None:
        for end in (self._reader, self._socket):
            if end is not None:
                with contextlib.suppress(OSError):
                    end.close()
        self._socket = self._reader = None
