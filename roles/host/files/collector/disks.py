# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How much room there is where the stack and its data are. For the page; node-exporter tells the rest."""

from __future__ import annotations

import os
from collections.abc import Sequence

from .findings import Findings, Trouble


def collect(found: Findings, paths: Sequence[str]) -> None:
    told = []
    failed = []
    for path in paths:
        try:
            room = os.statvfs(path)
        except OSError as error:
            failed.append(f"{path} cannot be looked at ({error.strerror})")
            continue
        # What is left for others than root, as df tells it.
        told.append({"path": path, "free": room.f_bavail * room.f_frsize, "size": room.f_blocks * room.f_frsize})
        found.tell("disks", list(told))
    if failed:
        raise Trouble("; ".join(failed))
