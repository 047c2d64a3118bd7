# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines as upstream's logfmt has them, on the console and in a file: what Fail2Ban reads."""

from __future__ import annotations

import json
import re
import sys
import threading
import time
from pathlib import Path

from .settings import Settings

_BARE = re.compile(r"[^\s\"=\\]+")


class Log:
    """Writes where it was told to; a file in the folder for logs."""

    def __init__(self, settings: Settings) -> None:
        modes = settings["LOG_MODE"].replace(",", " ").split()
        self._console = "console" in modes
        self._file: Path | None = None
        self._lock = threading.Lock()
        if "file" in modes:
            folder = Path(settings["PATHS_LOGS"])
            folder.mkdir(parents=True, exist_ok=True)
            self._file = folder / "grafana.log"

    def write(self, level: str, message: str, logger: str = "grafana", **fields: object) -> None:
        """Write a line; userId and the like come before the time, as upstream has them."""
        before: dict[str, object] = {name: fields.pop(name) for name in ("userId", "orgId", "uname") if name in fields}
        now = time.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1e9):09d}Z"
        pairs: dict[str, object] = {"logger": logger, **before, "t": stamp, "level": level, "msg": message, **fields}
        line = " ".join(f"{name}={_written(value)}" for name, value in pairs.items())
        with self._lock:
            if self._console:
                print(line, file=sys.stdout, flush=True)
            if self._file:
                # Opened each time: a file that somebody rotated away is another one.
                with self._file.open("a", encoding="utf-8") as file:
                    file.write(line + "\n")


def _written(value: object) -> str:
    text = str(value)
    return text if not text or _BARE.fullmatch(text) else json.dumps(text, ensure_ascii=False)
