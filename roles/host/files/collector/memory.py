# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the collector remembers from one run to the next, so that it need not ask for everything every time."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

from .files import write


class Memory:
    """A file of plain data. A value that was put is not changed any more: it may be saved at any time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._values = _read(path)

    def get(self, section: str) -> dict[str, Any]:
        """Return a copy of a section; an empty one if there is none."""
        with self._lock:
            value = self._values.get(section)
        return dict(value) if isinstance(value, dict) else {}

    def put(self, section: str, value: dict[str, Any]) -> None:
        """Replace a section."""
        with self._lock:
            self._values[section] = value

    def save(self) -> None:
        with self._lock:
            text = json.dumps(self._values, sort_keys=True)
        write(self._path, text, 0o600)


def _read(path: Path) -> dict[str, Any]:
    """Read the file; one that is not there or broken is as good as new."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}
