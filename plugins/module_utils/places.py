# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where directories lie, and whether two of them can share a file by a hard link."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.homelab.media.plugins.module_utils.host_mounts import Mount, mounted, read_mounts
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem
from ansible_collections.homelab.media.plugins.module_utils.paths import reach, reach_problems


@dataclass(frozen=True)
class Place:
    """Where a directory lies. A hard link needs both: one file system and one mount of it.

    device: the file system's number, "major:minor"; each btrfs subvolume has its own.
    """

    mount: Mount
    device: str

    def __str__(self) -> str:
        return f"mount {self.mount.mount_point} ({self.mount.source}, {self.mount.fs_type}, device {self.device})"


def place_of(path: str) -> Place:
    """Return where the path lies, or would lie: what does not exist yet will be made on its nearest ancestor."""
    with reach(path, path) as (nearest, _missing):
        device = os.fstat(nearest).st_dev
        # The mount is asked of the kernel: the longest mount point that fits by name may be hidden by another mount.
        details = Path(f"/proc/self/fdinfo/{nearest}").read_text(encoding="ascii")
    number = int(re.findall(r"^mnt_id:\s*(\d+)$", details, re.MULTILINE)[0])
    mount = next(mount for mount in read_mounts() if mount.mount_id == number)
    return Place(mount, f"{os.major(device)}:{os.minor(device)}")


def mount_problems(path: str) -> list[Problem]:
    """Return a problem when nothing is mounted where something has to be."""
    if mounted([path])[path]:
        return []
    return reach_problems(path, path) or [
        Problem(path, f"is not mounted: what is written there would land on {place_of(path)}", "its disk mounted there")
    ]


def same_filesystem(paths: Iterable[str]) -> list[Problem]:
    """Return a problem for every path that cannot have a hard link to a file in the first one.

    Works on a host where nothing of it exists yet.
    """
    wanted = list(paths)
    unreachable = [problem for path in wanted for problem in reach_problems(path, path)]
    if unreachable:
        return unreachable
    places = {path: place_of(path) for path in wanted}
    return [
        Problem(
            path,
            f"lies on {place}, but {wanted[0]} lies on {places[wanted[0]]}: no hard link from one to the other",
            "downloads and library below one mount of one file system",
        )
        for path, place in places.items()
        if place != places[wanted[0]]
    ]
