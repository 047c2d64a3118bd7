# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run at a time: a host says who converges it, and nobody else begins before that one has ended.

No process of a run stays on the host between two of its steps, so the lock is a file that tells who holds it, and when
that one was last heard of. It lies where a reboot takes it away. A run that was killed leaves it behind: when nothing was
heard for a while it is stale, and the next run takes it over and says so.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Problem

FOLDER = "/run"
#: Seconds of silence after which a lock is stale. The longest step is heard of more often than this.
STALE = 1800


@dataclass(frozen=True)
class Holder:
    """Who converges a host. token: known to that run alone. name: told to others. since, heard: seconds since 1970."""

    token: str
    name: str
    since: float = 0
    heard: float = 0


def path(project: str, folder: str = FOLDER) -> str:
    """Return where the lock of a project lies."""
    return f"{folder}/homelab-media-{project}.lock"


def take(file: str, token: str, name: str, stale: float = STALE) -> str:
    """Take the lock, or keep it where this run has it already; return what there is to say of it.

    Raises MediaError where somebody else holds it.
    """
    with _opened(file) as descriptor:
        held, now = _read(descriptor), time.time()
        if held and held.token != token and now - held.heard < stale:
            raise MediaError([_busy(file, held, now)])
        since = held.since if held and held.token == token else now
        _write(descriptor, Holder(token, name, since, now))
    if held and held.token != token:
        return f"the lock of {held.name} was stale: nothing was heard of it for {_minutes(now - held.heard)}"
    return ""


def give_back(file: str, token: str) -> bool:
    """Give the lock back; tell whether this run had it."""
    with _opened(file) as descriptor:
        held = _read(descriptor)
        if held is None or held.token != token:
            return False
        Path(file).unlink()
    return True


def holder(file: str) -> Holder | None:
    """Return who holds the lock, if anybody."""
    try:
        return _parsed(Path(file).read_bytes())
    except OSError:
        return None


def _busy(file: str, held: Holder, now: float) -> Problem:
    reason = (
        f"is being converged by {held.name}, since {_minutes(now - held.since)},"
        f" heard of {_minutes(now - held.heard)} ago"
    )
    return Problem("the host", reason, f"one run at a time; if that one is dead, remove {file}")


def _minutes(seconds: float) -> str:
    return f"{max(0, seconds):.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


@contextlib.contextmanager
def _opened(file: str) -> Iterator[int]:
    """Open the file, made if need be, and let nobody else look into it meanwhile."""
    while True:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        # Who had it before may have removed it while we waited: what is open then is nobody's file any more.
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), Path(file).stat()):
                break
        os.close(descriptor)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _read(descriptor: int) -> Holder | None:
    os.lseek(descriptor, 0, os.SEEK_SET)
    return _parsed(os.read(descriptor, 65536))


def _parsed(content: bytes) -> Holder | None:
    """Return the holder; nothing where the file is empty, or was cut while it was written."""
    try:
        told: Any = json.loads(content)
        return Holder(str(told["token"]), str(told["name"]), float(told["since"]), float(told["heard"]))
    except (ValueError, KeyError, TypeError):
        return None


def _write(descriptor: int, held: Holder) -> None:
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.ftruncate(descriptor, 0)
    os.write(descriptor, json.dumps(asdict(held)).encode())
