# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The real Redis on loopback, with a password, which can be stopped and started again."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any


class Redis:
    """One in a folder, which keeps what it was told when it is started again."""

    def __init__(self, folder: Path, password: str = "a-password") -> None:
        program = shutil.which("redis-server")
        assert program, "redis-server is not installed: tests/requirements-apt.txt"
        self.password = password
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._folder = folder
        settings = folder / "redis.conf"
        settings.write_text(
            f"bind 127.0.0.1\nport {self.port}\nrequirepass {password}\nappendonly yes\ndir {folder}\n",
            encoding="utf-8",
        )
        self._command = [program, str(settings)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self._folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        end = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert time.monotonic() < end, (self._folder / "redis.log").read_text()
                time.sleep(0.02)

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    @property
    def settings(self) -> dict[str, Any]:
        return {"host": "127.0.0.1", "port": self.port, "password": self.password, "database_index": 0, "timeout": "1s"}

    def keys(self) -> list[str]:
        command = ["redis-cli", "-p", str(self.port), "--no-auth-warning", "-a", self.password, "keys", "*"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    def __enter__(self) -> Redis:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
