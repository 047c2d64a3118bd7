# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One command of the bed at a time: two that make or remove the lab at once would each find half of it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Beside no clone, and in no folder of one run: all clones on this machine share one engine.
FILE = Path("/tmp/media-bed.lock")


@contextmanager
def held(file: Path = FILE) -> Iterator[None]:
    """Wait for the lock and hold it for the block; it ends with the process that holds it, however that ends."""
    with file.open("a", encoding="utf-8") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("another command of the bed is at work: waiting for its end", flush=True)
            fcntl.flock(opened, fcntl.LOCK_EX)
        yield
