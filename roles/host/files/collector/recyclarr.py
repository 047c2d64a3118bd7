# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How Recyclarr's last sync went, whoever asked for it: each has a log of its own, in which errors stand out."""

from __future__ import annotations

import os
import re
from pathlib import Path

from .findings import Findings, Trouble

LOGS = "state/recyclarr/logs/cli"
_ASIDE = ".verbose.log"
#: The level is in the first brackets of a line.
_ERROR = re.compile(rb"^[^\]\n]*\b(ERR|FTL)\]", re.MULTILINE)
#: What went wrong is at the end.
_END = 1 << 18


def collect(found: Findings, root: str) -> None:
    """Tell of the newest log; nothing while there is none. The folder is the application's own, and may hold links."""
    try:
        with os.scandir(Path(root, LOGS)) as entries:
            logs = [
                (entry.stat(follow_symlinks=False).st_mtime, entry.path)
                for entry in entries
                if entry.name.endswith(".log") and not entry.name.endswith(_ASIDE)
                if entry.is_file(follow_symlinks=False)
            ]
        if not logs:
            return
        written, path = max(logs)
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as stream:
            stream.seek(max(0, os.fstat(stream.fileno()).st_size - _END))
            failed = bool(_ERROR.search(stream.read(_END)))
    except FileNotFoundError:
        return
    except OSError as error:
        raise Trouble(f"Recyclarr's logs cannot be read ({type(error).__name__})") from None
    found.add("media_recyclarr_sync_timestamp_seconds", written)
    found.add("media_recyclarr_sync_failed", failed)
