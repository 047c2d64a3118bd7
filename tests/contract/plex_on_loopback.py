# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in for Plex, and plex.tv beside it, on loopback and in this process: started in milliseconds."""

from __future__ import annotations

import threading
import time
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import TracebackType

from tests.images.internet.lib.plex_account import Customer, Handler, Site
from tests.images.plex.stand_in.server import Plex
from tests.images.plex.stand_in.web import Server, listen

CUSTOMER = Customer("viewer", "viewer@example.com", "account-token-of-the-viewer")


class Clock:
    """Tells the seconds, which a test may let pass at once."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class PlexTv:
    """plex.tv with one customer, and what it was asked."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.asked: list[str] = []
        site = Site(CUSTOMER, self.clock)
        asked = self.asked

        class Quiet(Handler):
            def log_message(self, format: str, *args: object) -> None:
                asked.append(f"{self.command} {self.path.partition('?')[0]}")

        Quiet.site = site
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Loopback:
    """A Plex in a folder, which can be stopped and started again, and the plex.tv that it knows."""

    def __init__(self, folder: Path, starting: float = 0) -> None:
        self.folder = folder
        self.state = folder / "Plex Media Server"
        self.preferences_file = self.state / "Preferences.xml"
        self.tv = PlexTv()
        self.port = 0
        self.plex: Plex
        self._server: Server | None = None
        self.start(starting)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, starting: float = 0) -> None:
        self.plex = Plex(self.state, self.tv.url, starting)
        self._server = listen(self.plex, self.port)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self.plex.preferences.save()
            self._server = None

    def log(self) -> str:
        return (self.state / "Logs" / "Plex Media Server.log").read_text(encoding="utf-8")

    def writes(self) -> list[str]:
        """Return what was asked to be changed, from the server's own log."""
        lines = [line.partition("] ")[2].partition(" - Completed: ")[2] for line in self.log().splitlines()]
        requests = [line.partition("] ")[2].split(" (")[0] for line in lines if line]
        return [request for request in requests if request.split()[1] != "GET"]

    def settle(self, seconds: float = 5) -> None:
        """Wait until nothing is scanned any more."""
        end = time.monotonic() + seconds
        while any(not section.scanned or section.refreshing for section in self.plex.libraries.sections.values()):
            assert time.monotonic() < end, "still scanning"
            time.sleep(0.01)

    def __enter__(self) -> Loopback:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
        self.tv.close()
