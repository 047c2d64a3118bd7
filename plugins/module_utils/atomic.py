# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole files: read without being led astray, written so that nobody, at any moment, sees half of one."""

from __future__ import annotations

import os
import re
import secrets
import stat
from contextlib import suppress

from ansible_collections.homelab.media.plugins.module_utils.ownership import Ownership


class NotAFileError(OSError):
    """Something that is no regular file (a link, a directory, a device) has the file's name."""


def write_file(directory: int, name: str, content: bytes, ownership: Ownership, *, replace: bool = True) -> bool:
    """Write a file into an open directory by way of a temporary one beside it; tell whether it was written.

    Owner and mode are set while the file is still empty and has a name that nobody knows. With replace=False an
    existing file stays, also one that another run wrote a moment ago.
    """
    _sweep(directory, name)
    temporary = f".{name}.{secrets.token_hex(8)}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    descriptor = os.open(temporary, flags, 0o600, dir_fd=directory)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            ownership.apply(stream.fileno())
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if replace:
            os.rename(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
        else:
            os.link(temporary, name, src_dir_fd=directory, dst_dir_fd=directory, follow_symlinks=False)
    except FileExistsError:
        return False
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=directory)
    os.fsync(directory)
    return True


def read_file(directory: int, name: str) -> tuple[bytes, Ownership] | None:
    """Return content and ownership of a file in an open directory; None when there is nothing of that name."""
    try:
        descriptor = open_regular(directory, name)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read(), Ownership.of(os.fstat(stream.fileno()))


def set_ownership(directory: int, name: str, ownership: Ownership) -> None:
    """Set owner, group and mode of a file in an open directory."""
    descriptor = open_regular(directory, name)
    try:
        ownership.apply(descriptor)
    finally:
        os.close(descriptor)


def open_regular(directory: int, name: str) -> int:
    """Open a regular file for reading. What it is gets asked before it is opened: a device or a pipe reacts to that."""
    found = os.open(name, os.O_PATH | os.O_NOFOLLOW, dir_fd=directory)
    try:
        mode = os.fstat(found).st_mode
        if stat.S_ISLNK(mode):
            raise NotAFileError(f"is a symbolic link to {os.readlink('', dir_fd=found)}")
        if not stat.S_ISREG(mode):
            raise NotAFileError("is not a regular file")
        return os.open(f"/proc/self/fd/{found}", os.O_RDONLY)
    finally:
        os.close(found)


def _sweep(directory: int, name: str) -> None:
    """Remove what a killed run left of its attempt at the same file."""
    leftover = re.compile(rf"\.{re.escape(name)}\.[0-9a-f]{{16}}\.tmp")
    for other in os.listdir(directory):
        if leftover.fullmatch(other):
            with suppress(FileNotFoundError):
                os.unlink(other, dir_fd=directory)
