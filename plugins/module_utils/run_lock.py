# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run at a time: a host says who converges it, and nobody else begins before that one has ended.

No process of a run stays on the host between two of its steps, so the lock is a file that tells who holds it, and when
that one was last heard of. It lies where a reboot takes it away. A run that was killed leaves it behind: when nothing
was heard for a while it is stale, and the next run takes it over and says so.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Problem

#: One for the host, whatever the project is called: there is one engine, too.
FILE = "/run/homelab-media.lock"
#: Seconds of silence after which a lock is stale. What may take longer tells in between that it lives.
STALE = 1800
#: Seconds between two signs of life.
BEAT = 60
#: What a module takes to hold the host: who its run is.
OPTION: dict[str, Any] = {
    "type": "dict",
    "options": {
        "file": {"type": "path", "required": True},
        "token": {"type": "str", "required": True, "no_log": False},
        "name": {"type": "str", "required": True},
    },
}


class Busy(MediaError):
    """Somebody else converges the host; token is that run's."""

    def __init__(self, problem: Problem, token: str) -> None:
        super().__init__([problem])
        self.token = token


@dataclass(frozen=True)
class Holder:
    """Who converges a host. token: known to that run alone. name: told to others. since, heard: seconds since 1970."""

    token: str
    name: str
    since: float = 0
    heard: float = 0


def take(file: str, token: str, name: str, dead: str = "") -> str:
    """Take the lock, or keep it where this run has it already; return what there is to say of it.

    dead: the token of a run that is known to have ended. Raises Busy where somebody else holds the lock.
    """
    with _opened(file) as descriptor:
        held, now = _read(descriptor), time.time()
        if held and held.token not in (token, dead) and now - held.heard < STALE:
            raise Busy(_busy(file, held, now), held.token)
        since = held.since if held and held.token == token else now
        _write(descriptor, Holder(token, name, since, now))
    if held and held.token != token:
        return f"the lock of {held.name} was stale: nothing was heard of it for {_minutes(now - held.heard)}"
    return ""


@contextlib.contextmanager
def kept(lock: Mapping[str, str] | None, beat: float = BEAT) -> Iterator[None]:
    """Hold the lock, and give a sign of life now and then, for as long as a step takes. Without a lock: nothing."""
    if not lock:
        yield
        return
    done = threading.Event()

    def live() -> None:
        while not done.wait(beat):
            # Who has taken it meanwhile is told of by the next step.
            with contextlib.suppress(MediaError, OSError):
                take(lock["file"], lock["token"], lock["name"])

    take(lock["file"], lock["token"], lock["name"])
    alive = threading.Thread(target=live, daemon=True)
    alive.start()
    try:
        yield
    finally:
        done.set()
        alive.join()


@contextlib.contextmanager
def held(name: str, file: str = FILE) -> Iterator[None]:
    """Hold the lock for what is done in one step."""
    lock = {"file": file, "token": uuid.uuid4().hex, "name": name}
    try:
        with kept(lock):
            yield
    finally:
        give_back(file, lock["token"])


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
        f"is being converged by {held.name}, which began {_minutes(now - held.since)} ago"
        f" and was heard of {_minutes(now - held.heard)} ago"
    )
    return Problem("the host", reason, f"one run at a time; if that one has ended, remove {file}")


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
