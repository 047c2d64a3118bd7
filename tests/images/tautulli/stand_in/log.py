# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The log, in Tautulli's layout, on the standard output and in logs/tautulli.log."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path


class Log:
    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._stream = (folder / "tautulli.log").open("a", encoding="utf-8")
        self._console = sys.stdout
        self._lock = threading.Lock()

    def _line(self, level: str, text: str) -> None:
        stamp = time.strftime("%Y-%m-%d %H:%M:%S")
        line = f"{stamp} - {level:<7} :: {threading.current_thread().name} : {text}"
        with self._lock:
            print(line, file=self._console, flush=True)
            self._stream.write(line + "\n")
            self._stream.flush()

    def debug(self, text: str) -> None:
        self._line("DEBUG", text)

    def info(self, text: str) -> None:
        self._line("INFO", text)

    def error(self, text: str) -> None:
        self._line("ERROR", text)
