# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The start, and the end: at SIGTERM the preferences are written once more, as upstream does."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from .plex_tv import PlexTvError
from .server import VERSION, Plex
from .web import listen

SUPPORT = "PLEX_MEDIA_SERVER_APPLICATION_SUPPORT_DIR"


def claim(plex: Plex, code: str) -> int:
    """What the image does with PLEX_CLAIM before the server starts."""
    try:
        plex.preferences.sign_in(plex.plex_tv.exchange(code))
    except PlexTvError as error:
        print(f"Unable to claim Plex server: {error}")
        return 1
    print("Plex server claimed")
    return 0


def main() -> int:
    folder = Path(os.environ.get(SUPPORT, "/config/Library/Application Support")) / "Plex Media Server"
    plex_tv = os.environ.get("STAND_IN_PLEX_TV", "https://plex.tv")
    plex = Plex(folder, plex_tv, float(os.environ.get("STAND_IN_STARTING_SECONDS", "2")))
    if "STAND_IN_CLAIM" in os.environ:
        return claim(plex, os.environ["STAND_IN_CLAIM"])
    server = listen(plex, int(os.environ.get("STAND_IN_PORT", "32400")))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: threading.Thread(target=server.shutdown).start())
    plex.log.line("INFO", f"Plex Media Server v{VERSION}, played by the stand-in of homelab.media's test bed")
    server.serve_forever(poll_interval=0.1)
    plex.preferences.save()
    plex.log.line("INFO", "Shutting down with 0 signal.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
