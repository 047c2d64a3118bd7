# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Setting right what a directory contains, on request: never over a link, never onto another mount."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.homelab.media.plugins.module_utils.atomic import NotAFileError, set_ownership
from ansible_collections.homelab.media.plugins.module_utils.host_mounts import read_mounts
from ansible_collections.homelab.media.plugins.module_utils.outcome import Outcome
from ansible_collections.homelab.media.plugins.module_utils.ownership import Ownership
from ansible_collections.homelab.media.plugins.module_utils.paths import opened

#: So many paths are named in a diff; the rest is counted.
_NAMED = 20


@dataclass
class _Tally:
    seen: int = 0
    wrong: int = 0
    named: list[str] = field(default_factory=list)

    def add(self, path: str, found: Ownership) -> None:
        self.wrong += 1
        if len(self.named) < _NAMED:
            self.named.append(f"{path}: {found}")


def repair(
    directory: int,
    outcome: Outcome,
    *,
    path: str,
    directories: Ownership,
    files: Ownership,
    apart: Collection[str],
    check: bool,
) -> None:
    """Give everything in the open directory its owner, group and mode; report it as one change, counted.

    apart: directories below it that are looked after elsewhere.
    Links, pipes, sockets and devices are left as they are, and so is every other mount.
    """
    tally = _Tally()
    for parent, name, where, status in _contents(directory, path, apart):
        if not (stat.S_ISDIR(status.st_mode) or stat.S_ISREG(status.st_mode)):
            continue
        tally.seen += 1
        found, wanted = Ownership.of(status), directories if stat.S_ISDIR(status.st_mode) else files
        if found == wanted:
            continue
        tally.add(where, found)
        if not check:
            _set(parent, name, status, wanted)
    if tally.wrong:
        rest = [f"and {tally.wrong - _NAMED} more"] if tally.wrong > _NAMED else []
        counted = f"{tally.wrong} of {tally.seen}"
        outcome.add(
            f"{path} (contents)",
            "\n".join([f"{counted} with another owner, group or mode", *tally.named, *rest]),
            f"{counted} set right: directories {directories}; files {files}",
        )


def _contents(directory: int, path: str, apart: Collection[str]) -> Iterator[tuple[int, str, str, os.stat_result]]:
    """Walk; yield the open parent, the name in it, the path to show, and what lies there."""
    real = Path(f"/proc/self/fd/{directory}").readlink()
    points = {mount.mount_point for mount in read_mounts()}
    for below, folders, others, parent in os.fwalk(".", dir_fd=directory, onerror=_unless_gone):
        inner = below[1:]  # "." or "./a/b"
        for name in [*folders, *others]:
            try:
                status = os.stat(name, dir_fd=parent, follow_symlinks=False)
            except FileNotFoundError:
                continue  # applications go on working while this walks
            where = f"{path}{inner}/{name}"
            if f"{real}{inner}/{name}" not in points and where not in apart:
                yield parent, name, where, status
            elif name in folders:
                folders.remove(name)


def _set(parent: int, name: str, status: os.stat_result, wanted: Ownership) -> None:
    """Set the ownership of what was looked at. If a link took its place meanwhile, nothing is done to it."""
    with suppress(NotAFileError, NotADirectoryError, FileNotFoundError):
        if stat.S_ISDIR(status.st_mode):
            with opened(parent, name) as directory:
                wanted.apply(directory)
        else:
            set_ownership(parent, name, wanted)


def _unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error
