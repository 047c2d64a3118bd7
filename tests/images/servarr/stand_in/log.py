# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""logs/<app>.txt and its more talkative sisters, and the console."""

from __future__ import annotations

import re
import threading
from datetime import datetime
from pathlib import Path

LEVELS = ("trace", "debug", "info", "warn", "error", "fatal")
SIZE = 1024 * 1024
KEPT = 5
_SECRET = re.compile(r"((?:apikey|x-plex-token|password)=)[^&\s\"']+", re.IGNORECASE)
FILES = {"info": "{}.txt", "debug": "{}.debug.txt", "trace": "{}.trace.txt"}


def level_number(name: str) -> int:
    return LEVELS.index(name.lower()) if name.lower() in LEVELS else LEVELS.index("info")


class Log:
    """Each file holds what is as grave as its name or graver, if the level that is set lets it through."""

    def __init__(self, folder: Path, name: str, level: str, console: str = "") -> None:
        self.folder, self.name = folder, name
        self.level = level_number(level)
        self.console = level_number(console) if console else LEVELS.index("info")
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, level: str, logger: str, text: str) -> None:
        number, text = level_number(level), _SECRET.sub(r"\1(removed)", text)
        name = level.capitalize()
        now = datetime.now()
        line = f"{now:%Y-%m-%d %H:%M:%S}.{now.microsecond // 100000}|{name}|{logger}|{text}\n"
        with self._lock:
            if number >= max(self.console, LEVELS.index("debug")):
                print(f"[{name}] {logger}: {text}", flush=True)
            for least, pattern in FILES.items():
                if number >= level_number(least) and self.level <= level_number(least):
                    self._append(self.folder / pattern.format(self.name), line)

    def _append(self, file: Path, line: str) -> None:
        if file.exists() and file.stat().st_size > SIZE:
            self._rotate(file)
        with file.open("a", encoding="utf-8") as stream:
            stream.write(line)

    def _rotate(self, file: Path) -> None:
        """The newest of the old ones is number 0."""
        for number in range(KEPT - 1, -1, -1):
            older = file.with_name(f"{file.stem}.{number}.txt")
            if older.exists():
                older.replace(file.with_name(f"{file.stem}.{number + 1}.txt"))
        file.replace(file.with_name(f"{file.stem}.0.txt"))

    def debug(self, logger: str, text: str) -> None:
        self.write("debug", logger, text)

    def info(self, logger: str, text: str) -> None:
        self.write("info", logger, text)

    def warn(self, logger: str, text: str) -> None:
        self.write("warn", logger, text)

    def error(self, logger: str, text: str) -> None:
        self.write("error", logger, text)
