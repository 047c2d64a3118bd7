# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How old the newest file of each backup is. Who makes them is none of the collector's business."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .findings import Findings


def collect(found: Findings, backups: Mapping[str, Mapping[str, Any]]) -> None:
    """Tell of every backup. One without any file tells 0, which is older than any age that one may have."""
    for name, backup in backups.items():
        found.add("media_backup_max_age_seconds", backup["max_age"], backup=name)
    for name, backup in backups.items():
        found.add("media_backup_timestamp_seconds", _newest(backup["path"]), backup=name)


def _newest(pattern: str) -> float:
    """Return when the newest file was written. An empty one is no backup."""
    newest = 0.0
    for path in Path("/").glob(pattern.lstrip("/")):
        try:
            status = path.stat()
        except OSError:  # it has just gone
            continue
        if stat.S_ISREG(status.st_mode) and status.st_size:
            newest = max(newest, status.st_mtime)
    return newest
