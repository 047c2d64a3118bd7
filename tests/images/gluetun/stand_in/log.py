# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Log lines as gluetun writes them: time, level, component, text."""

from __future__ import annotations

import time


class Log:
    def __init__(self, component: str = "") -> None:
        self.prefix = f"[{component}] " if component else ""

    def _line(self, level: str, text: str) -> None:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        print(f"{stamp} {level} {self.prefix}{text}", flush=True)

    def info(self, text: str) -> None:
        self._line("INFO", text)

    def warn(self, text: str) -> None:
        self._line("WARN", text)

    def error(self, text: str) -> None:
        self._line("ERROR", text)
