# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the container does without a command: wait, and sync when the schedule says so. No sync at the start."""

from __future__ import annotations

import datetime
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from . import cron

#: Upstream's crontab lies there: with a read-only root, /tmp has to be a tmpfs.
CRONTAB = Path("/tmp/crontab")


def main() -> int:
    schedule = os.environ.get("CRON_SCHEDULE") or "@daily"
    try:
        cron.parse(schedule)
        CRONTAB.write_text(f"{schedule} recyclarr sync\n", encoding="utf-8")
    except (ValueError, OSError) as error:
        print(f"recyclarr: {error}", flush=True)
        return 1
    print(f"Cron mode: {schedule}", flush=True)
    told_to_end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: told_to_end.set())
    while True:
        now = datetime.datetime.now().astimezone()
        if told_to_end.wait((cron.due(schedule, now) - now).total_seconds()):
            return 0
        done = subprocess.run(["recyclarr", "sync"], check=False)
        print("job succeeded" if done.returncode == 0 else f"error running command: exit status {done.returncode}")


if __name__ == "__main__":
    sys.exit(main())
