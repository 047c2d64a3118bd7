# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A socket in the network of a container, whose image need not have a program for what is asked there."""

from __future__ import annotations

import ctypes
import os
import socket
import threading
from pathlib import Path

from .findings import Trouble

_CLONE_NEWNET = 0x40000000


def connect(pid: int, address: tuple[str, int], seconds: float) -> socket.socket:
    """Return a socket that is connected to an address as a process sees it."""
    made: list[socket.socket] = []
    failed: list[OSError] = []

    def inside() -> None:
        try:
            _enter(pid)
            made.append(socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, socket.SOCK_STREAM))
        except OSError as error:
            failed.append(error)

    # A thread has a network of its own, a socket keeps the one that it was made in, and this thread ends here.
    thread = threading.Thread(target=inside, daemon=True)
    thread.start()
    thread.join(seconds)
    if not made:
        raise Trouble(f"the network of the container cannot be entered ({failed[0] if failed else 'no answer'})")
    made[0].settimeout(seconds)
    try:
        made[0].connect(address)
    except OSError as error:
        made[0].close()
        reason = error.strerror or type(error).__name__
        raise Trouble(f"nobody answers at {address[0]}:{address[1]} in the container ({reason})") from None
    return made[0]


def inode(pid: int) -> int:
    """Return the number of the network that a process is in; 0 where there is no such process."""
    try:
        return Path(f"/proc/{pid}/ns/net").stat().st_ino if pid else 0
    except OSError:
        return 0


def _enter(pid: int) -> None:
    descriptor = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        # Python has this by itself from 3.12 on.
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setns(descriptor, _CLONE_NEWNET) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    finally:
        os.close(descriptor)
