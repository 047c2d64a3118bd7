# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server's log, in Plex's layout. Tokens in addresses are blotted out, as upstream does."""

from __future__ import annotations

import re
import threading
import time
from datetime import datetime
from pathlib import Path

_TOKEN = re.compile(r"((?:X-Plex-Token|token)=)[^&\s]+", re.IGNORECASE)


class Log:
    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._stream = (folder / "Plex Media Server.log").open("a", encoding="utf-8")
        self._lock = threading.Lock()
        self._live = 0

    def line(self, level: str, text: str) -> None:
        now = datetime.now()
        stamp = f"{now:%b %d, %Y %H:%M:%S}.{now.microsecond // 1000:03d}"
        hidden = _TOKEN.sub(r"\1xxxx", text)
        with self._lock:
            self._stream.write(f"{stamp} [{threading.get_ident()}] {level} - {hidden}\n")
            self._stream.flush()

    def begin(self) -> float:
        with self._lock:
            self._live += 1
        return time.monotonic()

    def completed(self, begun: float, client: tuple[str, int], status: int, request: str, size: int) -> None:
        """Write the one line that upstream has for each request, sign-in failures included."""
        with self._lock:
            live = self._live
            self._live -= 1
        spent = int((time.monotonic() - begun) * 1000)
        address = f"{client[0].removeprefix('::ffff:')}:{client[1]}"
        self.line("DEBUG", f"Completed: [{address}] {status} {request} ({live} live) {spent}ms {size} bytes")
