# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reaching directories as root in trees that others may write to, without being led astray.

Everything here works on open directories, name by name. A path that was checked and then used could be changed in
between by the very users that own the tree.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem
from ansible_collections.homelab.media.plugins.module_utils.ownership import Ownership

_SEARCH = os.O_PATH | os.O_NOFOLLOW
_MOST_LINKS = 40

#: What a directory gets that nobody declared, and that lies above one or a file that somebody did.
PARENT = Ownership(0, 0, 0o755)


class LinkRefusedError(OSError):
    """A symbolic link lies on the way where none is followed."""


def path_problems(variable: str, path: Any) -> list[Problem]:
    """Return what is wrong with the spelling of an absolute path."""
    expected = "an absolute path such as /data"
    if not isinstance(path, str) or not path:
        return [Problem(variable, f"is {path!r}", expected)]
    if not path.isprintable():
        return [Problem(variable, f"{path!r} has a character that does not print", expected)]
    if not path.startswith("/"):
        return [Problem(variable, f"{path!r} is not absolute", expected)]
    if ".." in path.split("/"):
        return [Problem(variable, f"{path!r} leads upwards", expected)]
    if not path.strip("/."):
        return [Problem(variable, f"{path!r} is the whole machine", "a folder of its own, such as /data")]
    plain = "/" + os.path.normpath(path).lstrip("/")
    if path != plain:
        return [Problem(variable, f"{path!r} has a surplus slash or dot", plain)]
    return []


def is_below(path: str, top: str) -> bool:
    """Tell whether the path is the top or lies below it, by spelling."""
    return path == top or path.startswith(top.rstrip("/") + "/")


@contextmanager
def reach(path: str, top: str) -> Iterator[tuple[int, list[str]]]:
    """Open the deepest existing directory on the way to the path; yield it with the names that are missing below it.

    A symbolic link is followed at the top and above it, where root owns the link (an administrator's /data that is a
    link to a disk). Below the top none is, as whoever owns the tree could put one there: LinkRefusedError.
    """
    names = _names(path)
    inside = len(names) - len(_names(top))
    pending = names[::-1]
    own = len(names)  # so many of the pending names are the path's own; those above them came out of a link
    links = 0
    here = os.open("/", _SEARCH)
    try:
        while pending:
            try:
                there = os.open(pending[-1], _SEARCH, dir_fd=here)
            except FileNotFoundError:
                if len(pending) > own:
                    raise LinkRefusedError(errno.ELOOP, "leads over a broken symbolic link", path) from None
                break
            name = pending.pop()
            own = min(own, len(pending))
            status = os.fstat(there)
            if stat.S_ISLNK(status.st_mode):
                target = os.readlink("", dir_fd=there)
                os.close(there)
                links += 1
                if len(pending) < inside or status.st_uid != 0 or links > _MOST_LINKS:
                    raise LinkRefusedError(errno.ELOOP, f"is a symbolic link to {target}", _spelled(here, name))
                pending.extend(_names(target)[::-1])
                if target.startswith("/"):
                    os.close(here)
                    here = os.open("/", _SEARCH)
                continue
            if not stat.S_ISDIR(status.st_mode):
                os.close(there)
                raise NotADirectoryError(errno.ENOTDIR, "is not a directory", _spelled(here, name))
            os.close(here)
            here = there
        yield here, pending[::-1]
    finally:
        os.close(here)


def reach_problems(path: str, top: str) -> list[Problem]:
    """Return what lies in the way of the path: a link, or something that is no directory."""
    try:
        with reach(path, top):
            return []
    except LinkRefusedError as error:
        expected = "a real directory in its place, or the path that the link leads to"
        return [Problem(str(error.filename), str(error.strerror), expected)]
    except NotADirectoryError as error:
        return [Problem(str(error.filename), str(error.strerror), "a directory, or nothing")]


@contextmanager
def opened(parent: int, name: str = ".") -> Iterator[int]:
    """Open a directory inside an open one (or that one itself) to read and change it; a link is not followed."""
    directory = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
    try:
        yield directory
    finally:
        os.close(directory)


def make_parents(path: str, top: str, *, check: bool) -> list[str]:
    """Make the missing directories above the path, root's own; return them."""
    with reach(str(PurePosixPath(path).parent), top) as (start, missing):
        base = PurePosixPath(path).parents[len(missing)]
        made = [str(base.joinpath(*missing[: count + 1])) for count in range(len(missing))]
        if not check:
            _make_chain(start, missing)
    return made


def make_directory(parent: int, name: str, ownership: Ownership) -> None:
    """Make a directory that nobody but root can enter until it has its owner."""
    os.mkdir(name, 0o700, dir_fd=parent)
    with opened(parent, name) as made:
        ownership.apply(made)


def _make_chain(start: int, names: list[str]) -> None:
    if names:
        make_directory(start, names[0], PARENT)
        with opened(start, names[0]) as made:
            _make_chain(made, names[1:])


def _names(path: str) -> list[str]:
    return [name for name in path.split("/") if name not in ("", ".")]


def _spelled(directory: int, name: str) -> str:
    return str(Path(f"/proc/self/fd/{directory}").readlink() / name)
