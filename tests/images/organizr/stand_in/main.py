# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program: the application in its folder below /config, served on port 80."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from .organizr import Organizr
from .web import listen

BRANCHES = {"v2-develop": "v2-develop", "develop": "v2-develop", "dev": "v2-develop", "manual": "v2-master"}
BRANCHES.update({"v2-master": "v2-master", "master": "v2-master"})
ROOT = Path("/config/www/organizr")


def main() -> int:
    branch = os.environ.get("branch", "v2-master")  # noqa: SIM112 - so upstream calls it
    if branch not in BRANCHES:
        sys.stderr.write(f"{branch} is not a valid branch, exiting\n")
        return 1
    ROOT.mkdir(parents=True, exist_ok=True)
    wait = 0.0 if (ROOT / "Github.txt").exists() else float(os.environ.get("STAND_IN_FETCH_SECONDS", "0"))
    there = time.monotonic() + wait
    (ROOT / "Docker.txt").write_text(f"{BRANCHES[branch]}\n")
    (ROOT / "Github.txt").write_text("0" * 40 + "\n")
    server = listen(Organizr(ROOT), int(os.environ.get("STAND_IN_PORT", "80")), lambda: time.monotonic() >= there)
    signal.signal(signal.SIGTERM, lambda *_arguments: sys.exit(0))
    server.serve_forever()
    return 0
