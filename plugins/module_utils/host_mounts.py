# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a path lives: the mount table of the host, read from the text of /proc/self/mountinfo."""

from __future__ import annotations

import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

MOUNTINFO = "/proc/self/mountinfo"
_OCTAL = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True)
class Mount:
    """One line of the mount table."""

    mount_id: int
    mount_point: str
    fs_type: str
    source: str


@dataclass(frozen=True)
class PathFacts:
    """Where a path lives, or would live once it is made.

    nearest: the path itself with its links followed, or its nearest ancestor that exists.
    device, mount_id: two paths can be hard linked only when both are equal: the device alone does not tell two bind
    mounts of one file system apart, the mount alone does not tell two btrfs subvolumes apart.
    """

    exists: bool
    nearest: str
    device: int
    mount_id: int
    mount_point: str
    fs_type: str
    source: str
    free_bytes: int


def parse_mountinfo(text: str) -> list[Mount]:
    """Return the mounts in the order in which they were made; see proc_pid_mountinfo(5)."""
    mounts = []
    for line in text.splitlines():
        left, separator, right = line.partition(" - ")
        fields, tail = left.split(" "), right.split(" ")
        if not separator or len(fields) < 6 or len(tail) < 2:
            continue
        mounts.append(Mount(int(fields[0]), _unescape(fields[4]), tail[0], _unescape(tail[1])))
    return mounts


def mount_of(path: str, mounts: list[Mount]) -> Mount:
    """Return the mount that holds an absolute path without links: the longest prefix, of equal ones the last made."""
    best = Mount(0, "/", "unknown", "unknown")
    for mount in mounts:
        if _is_inside(path, mount.mount_point) and len(mount.mount_point) >= len(best.mount_point):
            best = mount
    return best


def is_mounted(path: str, mounts: list[Mount]) -> bool:
    """Tell whether something is mounted exactly there; an automount that has not happened yet does not count."""
    mount = mount_of(path, mounts)
    return mount.mount_point == path and mount.mount_id != 0 and mount.fs_type != "autofs"


def mounted(paths: list[str], mountinfo: str = MOUNTINFO) -> dict[str, bool]:
    """Tell of each path whether it is a mount point, after a look inside has given an automount its chance."""
    for path in paths:
        try:
            os.scandir(path).close()
        except OSError:
            continue
    mounts = read_mounts(mountinfo)
    return {path: is_mounted(os.path.realpath(path), mounts) for path in paths}


def locate(path: str, mounts: list[Mount]) -> PathFacts:
    """Return where a path lives, or would live."""
    wanted = os.path.realpath(path)
    nearest = wanted
    while not Path(nearest).exists():
        nearest = str(Path(nearest).parent)
    mount = mount_of(nearest, mounts)
    space = os.statvfs(nearest)
    return PathFacts(
        exists=nearest == wanted,
        nearest=nearest,
        device=Path(nearest).stat().st_dev,
        free_bytes=space.f_bavail * space.f_frsize,
        **asdict(mount),
    )


def locate_all(paths: list[str], mountinfo: str = MOUNTINFO) -> dict[str, dict[str, Any]]:
    """Return the facts of several paths, as plain data."""
    mounts = read_mounts(mountinfo)
    return {path: asdict(locate(path, mounts)) for path in paths}


def read_mounts(mountinfo: str = MOUNTINFO) -> list[Mount]:
    return parse_mountinfo(Path(mountinfo).read_text(encoding="utf-8", errors="surrogateescape"))


def _is_inside(path: str, parent: str) -> bool:
    return path == parent or path.startswith(parent.rstrip("/") + "/")


def _unescape(field: str) -> str:
    """The kernel writes a space, tab, newline and backslash as three octal digits."""
    return _OCTAL.sub(lambda match: chr(int(match.group(1), 8)), field)
