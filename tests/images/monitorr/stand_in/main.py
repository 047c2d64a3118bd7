# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program: the application's folder below /config, served on port 80."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from .monitorr import Monitorr
from .web import listen

ROOT = Path("/config/www/monitorr")


def main() -> int:
    server = listen(Monitorr(ROOT), int(os.environ.get("STAND_IN_PORT", "80")))
    signal.signal(signal.SIGTERM, lambda *_arguments: sys.exit(0))
    server.serve_forever()
    return 0
