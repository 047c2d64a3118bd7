# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The log, in the two layouts that Authelia has, in a file, on standard output, or both."""

from __future__ import annotations

import json
import re
import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

_LEVELS = ("trace", "debug", "info", "warn", "error", "fatal")
_PLAIN = re.compile(r"[A-Za-z0-9\-._/@^+]+")
_CALLED = {"warn": "warning"}


class Log:
    def __init__(self, level: str = "info", layout: str = "text", file: str = "", keep_stdout: bool = False) -> None:
        self._from = _LEVELS.index(level)
        self._json = layout == "json"
        self._lock = threading.Lock()
        self._streams: list[TextIO] = []
        if file:
            Path(file).parent.mkdir(parents=True, exist_ok=True)
            self._streams.append(Path(file).open("a", encoding="utf-8"))  # noqa: SIM115 - for the program's life
        if not file or keep_stdout:
            self._streams.append(sys.stdout)

    def __call__(self, level: str, message: str, **fields: Any) -> None:
        if _LEVELS.index(level) < self._from:
            return
        stamp = datetime.now().astimezone().isoformat(timespec="seconds").replace("+00:00", "Z")
        entry = {"level": _CALLED.get(level, level), "msg": message, "time": stamp}
        line = (
            json.dumps({**entry, **fields}, sort_keys=True, ensure_ascii=False) if self._json else _text(entry, fields)
        )
        with self._lock:
            for stream in self._streams:
                stream.write(line + "\n")
                stream.flush()

    def close(self) -> None:
        for stream in self._streams:
            if stream is not sys.stdout:
                stream.close()


def _text(entry: dict[str, str], fields: dict[str, Any]) -> str:
    first = [("time", entry["time"]), ("level", entry["level"]), ("msg", entry["msg"])]
    return " ".join(f"{name}={_quoted(str(value))}" for name, value in [*first, *sorted(fields.items())])


def _quoted(value: str) -> str:
    return value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)
