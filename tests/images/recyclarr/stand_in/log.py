# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Log lines: on standard output, and in the file of this run."""

from __future__ import annotations

import os
import time
from pathlib import Path

_RANKS = {"debug": 0, "info": 1, "warn": 2, "error": 3}
_SHORT = {"debug": "DBG", "info": "INF", "warn": "WRN", "error": "ERR"}


class Log:
    """One run's log. The folder has to be writable, as for upstream."""

    def __init__(self, folder: Path) -> None:
        self.rank = _RANKS.get(os.environ.get("RECYCLARR_LOG_LEVEL", "info"), 1)
        files = folder / "logs" / "cli"
        files.mkdir(parents=True, exist_ok=True)
        self.file = files / f"recyclarr.{time.strftime('%Y-%m-%d_%H-%M-%S')}.{os.getpid()}.log"

    def say(self, level: str, text: str) -> None:
        with self.file.open("a", encoding="utf-8") as stream:
            stream.write(f"{time.strftime('%H:%M:%S')} [{_SHORT[level]}] {text}\n")
        if _RANKS[level] >= self.rank:
            print(f"[{_SHORT[level]}] {text}", flush=True)
