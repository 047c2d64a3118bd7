# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Owner, group and mode of files and directories, and what a umask makes of them."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Problem

MODE_EXPECTED = 'a quoted octal mode such as "0755"'
_MODE = re.compile(r"[0-7]{3,4}")
_UMASK = re.compile(r"0?[0-7]{3}")


@dataclass(frozen=True)
class Ownership:
    """Owner, group and mode, by number: names may not exist yet when a fresh host is planned."""

    owner: int
    group: int
    mode: int

    def __str__(self) -> str:
        return f"owner {self.owner}, group {self.group}, mode {self.mode:04o}"

    @classmethod
    def of(cls, status: os.stat_result) -> Ownership:
        return cls(status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode))

    def apply(self, descriptor: int) -> None:
        """Set them on an open file. The mode comes last: a change of owner may clear set-id bits."""
        os.fchown(descriptor, self.owner, self.group)
        os.fchmod(descriptor, self.mode)


def parse_mode(mode: Any) -> int:
    """Return an octal mode as a number; ValueError for anything else.

    A number is refused: YAML reads an unquoted 0755 as 493 and 755 as 755, and nobody can tell which was meant.
    """
    if not isinstance(mode, str) or not _MODE.fullmatch(mode):
        raise ValueError(f"mode {mode!r} is not octal text")
    return int(mode, 8)


def ownership_problems(variable: str, owner: Any, group: Any, mode: Any) -> list[Problem]:
    """Return what is wrong with a wanted owner, group or mode."""
    found = []
    for label, number in (("owner", owner), ("group", group)):
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            found.append(Problem(variable, f"{label} is {number!r}", "a number, such as 1000"))
    try:
        parse_mode(mode)
    except ValueError as error:
        found.append(Problem(variable, str(error), MODE_EXPECTED))
    return found


@dataclass(frozen=True)
class UmaskModes:
    """The modes that a umask leads to. Directories are set-gid: what is made in them stays with the group."""

    directory: str
    file: str


def umask_modes(umask: Any) -> UmaskModes:
    """Return the modes that the umask leads to; MediaError when it is none, or shuts the owner out."""
    expected = 'quoted octal text such as "002" (group may write) or "022" (group may read)'
    if not isinstance(umask, str) or not _UMASK.fullmatch(umask):
        raise MediaError([Problem("umask", f"is {umask!r}", expected)])
    bits = int(umask, 8)
    if bits & 0o700:
        raise MediaError([Problem("umask", f"{umask} takes rights from the owner itself", expected)])
    return UmaskModes(directory=f"{0o2777 & ~bits:04o}", file=f"{0o666 & ~bits:04o}")
