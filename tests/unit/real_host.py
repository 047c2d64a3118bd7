# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Means to let unit tests work on the real kernel, as root, and leave nothing behind."""

from __future__ import annotations

import ctypes
import os
import shutil
import stat
import subprocess
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_NEW_MOUNTS = 0x00020000  # CLONE_NEWNS


def snapshot(top: Path) -> dict[str, tuple[object, ...]]:
    """Return all that a write could change below a directory: kinds, owners, modes, times, contents, inodes."""
    found = {}
    for path in [top, *top.rglob("*")]:
        status = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(status.st_mode) else None
        target = str(path.readlink()) if path.is_symlink() else None
        found[str(path)] = (
            *(status.st_ino, status.st_mode, status.st_uid, status.st_gid, status.st_nlink),
            *(status.st_mtime_ns, status.st_ctime_ns, content, target),
        )
    return found


def need_root() -> None:
    """These tests are not skipped: what they prove cannot be proved otherwise."""
    assert os.geteuid() == 0, "run the unit tests as root: they make accounts, owners and mounts"


@contextmanager
def tmpfs(path: Path) -> Iterator[Path]:
    """Mount a second file system at the path."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "media-test", str(path)], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", str(path)], check=True)


def with_own_etc(work: Callable[[], object], etc: Path) -> None:
    """Run the work in a child process that has a copy of /etc for its own: what it makes there vanishes."""
    need_root()
    shutil.copytree("/etc", etc, symlinks=True, ignore_dangling_symlinks=True)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            assert ctypes.CDLL(None, use_errno=True).unshare(_NEW_MOUNTS) == 0
            subprocess.run(["mount", "--make-rprivate", "/"], check=True)
            subprocess.run(["mount", "--bind", str(etc), "/etc"], check=True)
            work()
            status = 0
        except BaseException:
            os.write(writer, traceback.format_exc().encode()[-60000:])
        finally:
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader) as stream:
        failure = stream.read()
    _pid, status = os.waitpid(child, 0)
    assert status == 0, failure
