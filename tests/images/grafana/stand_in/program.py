# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands: the server, and the one that sets the administrator's password."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from .api import VERSION
from .app import App
from .dashboards import DashboardError
from .provisioning import ProvisioningError
from .settings import SettingsError, read
from .store import ADMINISTRATOR, Store, StoreError
from .web import Server

_RESET = ["cli", "admin", "reset-admin-password"]


def main(arguments: Sequence[str]) -> int:
    words = list(arguments)
    if words[:3] == _RESET:
        return _reset(words[3:])
    if words[:1] == ["server"]:
        return _serve()
    if words in (["-v"], ["--version"]):
        print(f"grafana version {VERSION}")
        return 0
    print(f"grafana: unknown command {' '.join(words)!r}", file=sys.stderr)
    return 1


def _reset(words: Sequence[str]) -> int:
    """Set the administrator's password in the database, as somebody who may write to it."""
    if list(words) == ["--password-from-stdin"]:
        password = sys.stdin.readline().rstrip("\n")
    elif len(words) == 1 and not words[0].startswith("-"):
        password = words[0]
    else:
        print("Error: the new password, or --password-from-stdin", file=sys.stderr)
        return 1
    if len(password) <= 4:
        print("Error: ✗ new password is too short", file=sys.stderr)
        return 1
    try:
        # Not the whole of the settings: secrets by file are the server's alone.
        Store(Path(os.environ.get("GF_PATHS_DATA", "/var/lib/grafana"))).set_password(ADMINISTRATOR, password)
    except StoreError as error:
        print(f"Error: ✗ {error}", file=sys.stderr)
        return 1
    print("Admin password changed successfully ✔")
    return 0


def _serve() -> int:
    try:
        app = App(read(os.environ))
    except (SettingsError, ProvisioningError, DashboardError) as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return 1
    app.start()
    server = Server(app)
    app.log.write("info", "Starting Grafana, played by the stand-in of the test bed", "settings", version=VERSION)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: threading.Thread(target=server.shutdown).start())
    app.log.write("info", "HTTP Server Listen", "http.server", address=f"[::]:{server.server_address[1]}")
    server.serve_forever(0.1)
    server.server_close()
    return 0
