# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order of a start, and of an end."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

from .apps import app_named
from .config_file import BrokenConfig
from .program import Program
from .server import serve

# Taken by the main thread when it looks for them: a handler may run while a lock is held that it needs.
SIGNALS = (signal.SIGTERM, signal.SIGINT)


def main() -> int:
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    told_to_end = threading.Event()
    try:
        app = app_named(os.environ.get("APP_NAME", ""))
        program = Program(app, Path(os.environ.get("CONFIG_DIR") or "/config"), os.environ)
    except (ValueError, BrokenConfig, OSError) as error:
        print(f"[Fatal] ConsoleApp: EPIC FAIL! {error}", flush=True)
        return 1
    # Migrations come before the port.
    program.log.info("MigrationController", "*** Migrating the database ***")
    if signal.sigtimedwait(SIGNALS, program.switch("STAND_IN_MIGRATION_SECONDS", 0.2)):
        return 0
    try:
        serve(program, program.address)
    except OSError as error:
        print(f"[Fatal] ConsoleApp: EPIC FAIL! Failed to bind to address: {error}", flush=True)
        return 1
    program.begin(told_to_end)
    # The API may end the program as well.
    while not told_to_end.is_set():
        if signal.sigtimedwait(SIGNALS, 0.2):
            told_to_end.set()
    program.log.info("AppLifetime", "Application is shutting down")
    # Threads that still wait for somebody are not waited for.
    os._exit(program.exit_code)
