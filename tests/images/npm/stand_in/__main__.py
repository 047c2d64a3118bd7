# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""python3 -m stand_in [prepare]"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from .backend import Backend
from .layout import Layout, truth
from .log import log
from .server import Server
from .start import prepare


def main() -> int:
    layout = Layout.of(os.environ)
    if sys.argv[1:] == ["prepare"]:
        resolve = not truth(os.environ.get("DISABLE_RESOLVER", ""))
        prepare(layout, Path(__file__).parents[1] / "nginx", resolve)
        return 0
    for name in ("DB_MYSQL_HOST", "DB_POSTGRES_HOST"):
        if os.environ.get(name):
            log("Global", "error", f"{name}: the stand-in has SQLite alone")
            return 1
    time.sleep(float(os.environ.get("STAND_IN_STARTING_SECONDS", "0.5")))
    backend = Backend(layout, os.environ)
    server = Server(backend, os.environ.get("STAND_IN_RECORD", ""))
    log("Global", "info", f"Backend PID {os.getpid()} listening on port {layout.backend} ...")
    server.serve_forever()
    return 0


sys.exit(main())
