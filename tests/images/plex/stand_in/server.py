# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the server answers to each request."""

from __future__ import annotations

import base64
import binascii
import re
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

from .access import Access, local
from .element import Element, container
from .libraries import BadRequestError, Libraries, Section, listed
from .log import Log
from .plex_tv import PlexTv, PlexTvError
from .preferences import Preferences
from .settings import BadValueError

VERSION = "1.43.3.10828-00f62d37d"
STARTING = "The server is still starting up, please retry later."


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, list[str]]
    client: str
    token: str

    def one(self, name: str) -> str:
        return (self.query.get(name) or [""])[0]


@dataclass(frozen=True)
class Answer:
    status: int
    said: Element | str = ""


class Plex:
    """The server without its sockets."""

    def __init__(self, folder: Path, plex_tv: str, starting: float) -> None:
        self.preferences = Preferences(folder / "Preferences.xml")
        self.libraries = Libraries(folder / "Plug-in Support" / "Databases" / "libraries.json")
        self.log = Log(folder / "Logs")
        self.plex_tv = PlexTv(plex_tv, self.preferences.identifier)
        self.access = Access(self.preferences, self.plex_tv)
        self.ready_at = time.monotonic() + starting

    def answer(self, request: Request) -> Answer:
        route = next((found for found in self._routes() if found[0] == request.method and found[1](request.path)), None)
        if request.path != "/identity" and not self.access.admits(request.client, request.token):
            return Answer(401, "<h1>401 Unauthorized</h1>")
        if route is None:
            return Answer(404, "<h1>404 Not Found</h1>")
        try:
            return route[2](request)
        except (BadRequestError, BadValueError) as error:
            self.log.line("ERROR", f"{request.method} {request.path}: {error}")
            return Answer(400, f"<h1>400 Bad Request</h1> {error}")

    def _routes(self) -> list[tuple[str, Callable[[str], Any], Callable[[Request], Answer]]]:
        def exactly(path: str) -> Callable[[str], Any]:
            return lambda asked: asked == path

        section = re.compile(r"/library/sections/\d+").fullmatch
        return [
            ("GET", exactly("/identity"), self._identity),
            ("GET", exactly("/"), self._root),
            ("GET", exactly("/library"), lambda _request: Answer(200, container([], identifier="com.plexapp.library"))),
            ("GET", exactly("/library/sections"), self._sections),
            ("GET", exactly("/library/sections/all"), self._sections),
            ("POST", exactly("/library/sections"), self._create),
            ("PUT", section, self._change),
            ("DELETE", section, self._delete),
            ("GET", re.compile(r"/library/sections/\d+/refresh").fullmatch, self._refresh),
            ("GET", re.compile(r"/library/sections/\d+/all").fullmatch, self._all),
            ("GET", exactly("/:/prefs"), lambda _request: Answer(200, container(self.preferences.elements()))),
            ("PUT", exactly("/:/prefs"), self._set),
            ("GET", exactly("/status/sessions"), lambda _request: Answer(200, container([]))),
            ("POST", exactly("/myplex/claim"), self._claim),
            ("GET", exactly("/myplex/account"), lambda _request: Answer(200, self._account())),
            ("DELETE", exactly("/myplex/account"), self._unclaim),
            ("GET", re.compile(r"/services/browse(/[^/]+)?").fullmatch, self._browse),
        ]

    def _identity(self, _request: Request) -> Answer:
        facts = {"apiVersion": "1.1.1", "claimed": bool(self.preferences.token), "version": VERSION}
        return Answer(200, container([], **facts, machineIdentifier=self.preferences.identifier))

    def _root(self, _request: Request) -> Answer:
        facts = {
            "friendlyName": self.preferences.value("FriendlyName") or "plex",
            "machineIdentifier": self.preferences.identifier,
            "myPlex": True,
            "myPlexSigninState": "ok" if self.preferences.token else "none",
            "myPlexUsername": self.preferences.username,
            "platform": "Linux",
            "version": VERSION,
        }
        return Answer(200, container([], **facts))

    def _sections(self, _request: Request) -> Answer:
        with self.libraries.lock:
            found = [section.element() for section in self.libraries.sections.values()]
        return Answer(200, container(found, allowSync=False, title1="Plex Library"))

    def _create(self, request: Request) -> Answer:
        if time.monotonic() < self.ready_at:
            return Answer(400, f"<h1>400 Bad Request</h1> {STARTING}")
        section = self.libraries.create(request.query)
        self._scan(section, None)
        return Answer(201, container([section.element()]))

    def _change(self, request: Request) -> Answer:
        section = self._section(request)
        if section is None:
            return Answer(404, "<h1>404 Not Found</h1>")
        self.libraries.change(section, request.query)
        self._scan(section, None)
        return Answer(200)

    def _delete(self, request: Request) -> Answer:
        section = self._section(request)
        if section is None:
            return Answer(404, "<h1>404 Not Found</h1>")
        self.libraries.remove(section)
        return Answer(200)

    def _refresh(self, request: Request) -> Answer:
        section = self._section(request)
        if section is None:
            return Answer(404, "<h1>404 Not Found</h1>")
        self._scan(section, request.one("path").rstrip("/") or None)
        return Answer(200)

    def _scan(self, section: Section, below: str | None) -> None:
        """Scan aside: upstream answers at once too, and is done when it is done."""
        empty = self.preferences.value("autoEmptyTrash")
        threading.Thread(target=self.libraries.refresh, args=(section, below, empty), daemon=True).start()

    def _all(self, request: Request) -> Answer:
        section = self._section(request)
        if section is None:
            return Answer(404, "<h1>404 Not Found</h1>")
        with self.libraries.lock:
            items = listed(section, request.one("type"))
        return Answer(200, container(items, librarySectionID=section.key, librarySectionTitle=section.name))

    def _section(self, request: Request) -> Section | None:
        return self.libraries.sections.get(int(request.path.split("/")[3]))

    def _set(self, request: Request) -> Answer:
        given = {name: values[0] for name, values in request.query.items() if not name.startswith("X-Plex-")}
        self.preferences.change(given)
        return Answer(200)

    def _claim(self, request: Request) -> Answer:
        if not local(request.client):
            return Answer(401, "<h1>401 Unauthorized</h1>")
        if self.preferences.token:
            raise BadRequestError("the server is claimed already")
        if not request.one("token"):
            raise BadRequestError("missing: token")
        try:
            self.preferences.sign_in(self.plex_tv.exchange(request.one("token")))
        except PlexTvError as error:
            raise BadRequestError(f"plex.tv: {error}") from None
        return Answer(200, self._account())

    def _unclaim(self, _request: Request) -> Answer:
        self.preferences.sign_out()
        return Answer(200, self._account())

    def _account(self) -> Element:
        state = "ok" if self.preferences.token else "none"
        facts = {"username": self.preferences.username, "signInState": state, "mappingState": "unknown"}
        return Element("MyPlex", facts)

    def _browse(self, request: Request) -> Answer:
        encoded = request.path.removeprefix("/services/browse").strip("/")
        try:
            folder = Path(base64.urlsafe_b64decode(encoded).decode()) if encoded else Path("/")
            inside = sorted(path for path in folder.iterdir() if path.is_dir())
        except (OSError, ValueError, binascii.Error) as error:
            raise BadRequestError(str(error)) from None
        return Answer(200, container([_path(path) for path in inside]))


def _path(path: Path) -> Element:
    key = base64.urlsafe_b64encode(str(path).encode()).decode()
    return Element("Path", {"key": f"/services/browse/{key}", "path": str(path), "title": path.name, "home": False})
