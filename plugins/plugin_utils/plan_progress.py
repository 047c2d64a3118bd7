# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A line now and then while a task runs.

Nothing comes from a module before it ends, so what is told is what the controller knows: which task, and for how long.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from ansible_collections.homelab.media.plugins.module_utils.plan_text import elapsed

#: What the tasks do that may well take minutes.
DOES = {
    "homelab.media.media_stack": "images are pulled, containers made, and their health is awaited",
    "homelab.media.media_phase": "services are asked, new certificates awaited, quality profiles synced",
}


class Progress:
    """Tells of the task that was begun last, until another one is, or the end."""

    def __init__(self, say: Callable[[str], None], seconds: float) -> None:
        """Seconds between two lines; 0 is for no line at all."""
        self._say, self._seconds = say, seconds
        self._over = threading.Event()

    def begin(self, task: str, action: str) -> None:
        self.end()
        if self._seconds > 0:
            self._over = threading.Event()
            # A run that is interrupted does not wait for a daemon.
            threading.Thread(target=self._watch, args=(self._over, task, DOES.get(action, "")), daemon=True).start()

    def end(self) -> None:
        self._over.set()

    def _watch(self, over: threading.Event, task: str, does: str) -> None:
        begun = time.monotonic()
        while not over.wait(self._seconds):
            self._say(f"  ... {task}: {elapsed(time.monotonic() - begun)}{f'; {does}' if does else ''}")
