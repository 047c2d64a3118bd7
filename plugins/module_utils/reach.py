# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections tried from inside network namespaces: by a child process in each, all at the same time."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import resource
import select
import selectors
import signal
import socket
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

_CLONE_NEWNET = 0x40000000

#: An address and a TCP port.
Target = tuple[str, int]


class Inside:
    """A child process in the network namespace of another process, that tries to connect to each target, and ends."""

    def __init__(self, pid: int, targets: Iterable[Target], timeout: float) -> None:
        self._timeout = timeout
        self._targets = list(targets)
        self._reader, writer = os.pipe()
        self._child = os.fork()
        if self._child == 0:
            status = 1
            try:
                os.close(self._reader)
                enter(pid)
                answered = answering(self._targets, timeout)
                with os.fdopen(writer, "w", encoding="utf-8") as stream:
                    json.dump([self._targets.index(target) for target in answered], stream)
                status = 0
            finally:
                os._exit(status)
        os.close(writer)

    def answered(self) -> list[Target]:
        """Wait for the child, and return the targets that took the connection."""
        end, text = time.monotonic() + self._timeout + 10, b""
        while select.select([self._reader], [], [], max(0.0, end - time.monotonic()))[0]:
            part = os.read(self._reader, 65536)
            if not part:
                break
            text += part
        else:
            os.kill(self._child, signal.SIGKILL)
        os.close(self._reader)
        _pid, status = os.waitpid(self._child, 0)
        if status != 0:
            # To have reached nobody would look like the best of answers.
            raise OSError("a network namespace could not be looked at from inside")
        return [self._targets[index] for index in json.loads(text)]


def enter(pid: int) -> None:
    """Move this process into the network namespace of another."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path(f"/proc/{pid}/ns/net").open(encoding="utf-8") as namespace:
        if libc.setns(namespace.fileno(), _CLONE_NEWNET) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))


def answering(targets: Sequence[Target], timeout: float) -> list[Target]:
    """Try to connect to all targets at once; return those that took the connection in time."""
    _allow(len(targets) + 64)
    found, end = [], time.monotonic() + timeout
    with selectors.DefaultSelector() as waiting:
        for target in targets:
            attempt = socket.socket(socket.AF_INET6 if ":" in target[0] else socket.AF_INET, socket.SOCK_STREAM)
            attempt.setblocking(False)
            result = attempt.connect_ex(target)
            if result == errno.EINPROGRESS:
                waiting.register(attempt, selectors.EVENT_WRITE, target)
                continue
            attempt.close()
            if result == 0:
                found.append(target)
        while waiting.get_map() and (left := end - time.monotonic()) > 0:
            for key, _events in waiting.select(left):
                attempt = key.fileobj  # type: ignore[assignment]
                waiting.unregister(attempt)
                if attempt.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                    found.append(key.data)
                attempt.close()
        for key in list((waiting.get_map() or {}).values()):
            key.fileobj.close()  # type: ignore[union-attr]
    return [target for target in targets if target in set(found)]


def _allow(files: int) -> None:
    """See that as many files may be open at once, as far as the machine lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < files:
        wanted = files if hard == resource.RLIM_INFINITY else min(files, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
