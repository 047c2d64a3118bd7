# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Organizr without its server: what it answers to each request."""

from __future__ import annotations

import ipaddress
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import page
from .answers import Answer, Refused
from .columns import checked
from .config import Config
from .store import Store

VERSION = "2.1.2460"
API = "/api/v2"
KEY_LENGTH = 20
WIZARD = ("license", "hashKey", "api", "registrationPassword", "username", "password", "email", "dbName")
OPTIONAL = ("dbPath", "driver")
#: What needs no key and no form key.
OPEN = ("/wizard", "/status", "/launch", "/ping")


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str]  # names in lower case
    body: Any
    peer: str


class Organizr:
    """root: the folder of the application, /config/www/organizr. shown: where that is inside its container."""

    def __init__(self, root: Path, shown: str = "") -> None:
        self.root = root
        self.shown = shown or str(root)
        self.config = Config(root / "data" / "config" / "config.php")
        self.asked: list[tuple[str, str, Any]] = []

    @property
    def store(self) -> Store:
        found = self.config.values()
        return Store(self._here(found["dbLocation"]) / f"{found['dbName']}")

    def answer(self, request: Request) -> Answer:
        path = request.path.partition("?")[0]
        if not path.startswith(API):
            return Answer(text=page.text(self, request))
        self.asked.append((request.method, path, request.body))
        try:
            return self._api(path[len(API) :] or "/status", request)
        except Refused as refused:
            return refused.answer

    def _api(self, path: str, request: Request) -> Answer:
        if path == "/wizard" and request.method == "POST":
            return self._wizard(request.body)
        plain: dict[tuple[str, str], Callable[[], Answer]] = {
            ("GET", "/status"): self._status,
            ("GET", "/ping"): lambda: Answer(data="pong"),
            ("GET", "/launch"): lambda: Answer(data=self._launch(request)),
        }
        if (request.method, path) in plain:
            return plain[request.method, path]()
        known = re.fullmatch(r"/(tabs|categories)(?:/(\d+))?|/(config)(?:/(\w+))?", path)
        if not known:
            data = {"endpoint": f"{API}{path}", "method": request.method}
            return Answer(404, "Endpoint Not Found or Defined", data, "error")
        self._authorize(path, request)
        if known[3]:
            return self._settings(request, known[4])
        return self._list(known[1], int(known[2] or 0), request)

    def _authorize(self, path: str, request: Request) -> None:
        key, token = self.config.values()["organizrAPI"], request.headers.get("token", "")
        if self.config.is_there and len(token) == KEY_LENGTH and token == key:
            return
        if request.method == "POST":
            raise Refused(401, f"Not authorized for current Route: {API}{path}")
        raise Refused(401, "Not Authorized")

    def _status(self) -> Answer:
        return Answer(data={"status": "ok", "api_version": "2.0", "organizr_version": VERSION})

    def _launch(self, request: Request) -> dict[str, Any]:
        there = self.config.is_there
        status = {"writable": True, "minVersion": True, "userConfigPathExists": there}
        name, group = self.visitor(request)
        lists = self.store.lists() if there else {}
        shown = [tab for tab in lists.get("tabs", ()) if tab["enabled"] and tab["group_id"] >= group]
        return {
            "categories": lists.get("categories", False),
            "tabs": shown if there else False,
            "user": {"username": name, "groupID": group},
            "version": VERSION,
            "status": {**status, "action": "launch" if there else "wizard"},
        }

    def _wizard(self, body: Any) -> Answer:
        """Upstream's v2-master would take it again, and begin anew; later versions refuse, and so does this."""
        if self.config.is_there:
            raise Refused(401, "Endpoint disabled as database already exists")
        if not isinstance(body, dict):
            raise Refused(422, "no data was sent")
        for key, value in body.items():
            if key not in (*WIZARD, *OPTIONAL):
                raise Refused(422, f"stand-in: the wizard has no field {key}")
            if not isinstance(value, str):
                raise Refused(422, f"stand-in: {key} is a {type(value).__name__}, not a str")
        for key in WIZARD:
            if not body.get(key):
                raise Refused(422, f"[{key}] cannot be empty")
        if len(body["api"]) != KEY_LENGTH:
            raise Refused(422, f"stand-in: [api] has to have {KEY_LENGTH} characters, or it opens nothing")
        if body["license"] not in ("personal", "business"):
            raise Refused(422, f"stand-in: there is no license {body['license']}")
        if body.get("driver", "sqlite3") != "sqlite3":
            raise Refused(409, f"Database connection test not available for driver: {body['driver']}")
        self._set_up(body)
        return Answer(data=True)

    def _set_up(self, body: Mapping[str, str]) -> None:
        name = body["dbName"].removesuffix(".db") + ".db"
        place = (body.get("dbPath") or f"{self.shown}/data/{uuid.uuid4().hex[:10]}/").rstrip("/") + "/"
        folder = self._here(place)
        if not str(folder).startswith(str(self.root)):
            raise Refused(422, f"[{place}]  is not writable")
        Store(folder / name).create(body["username"], body["password"], body["email"])
        own = {"organizrHash": body["hashKey"], "organizrAPI": body["api"]}
        found = {key: body[key] for key in ("registrationPassword", "license")}
        place_of = {"dbLocation": place, "dbName": name, "driver": "sqlite3", "uuid": str(uuid.uuid4())}
        self.config.write({**found, **own, **place_of})

    def _here(self, place: str) -> Path:
        """Return where a folder of the container is, for a stand-in that runs beside one."""
        return Path(place.replace(self.shown, str(self.root), 1))

    def _settings(self, request: Request, name: str | None) -> Answer:
        found = self.config.values()
        if request.method == "GET":
            if name and name not in found:
                raise Refused(404, "Config item not found")
            return Answer(data=found[name] if name else found)
        if request.method == "PUT" and not name:
            self.config.update(request.body)
            return Answer(message="Config items updated")
        raise Refused(405, "Method not allowed")

    def _list(self, table: str, number: int, request: Request) -> Answer:
        noun = "Tab" if table == "tabs" else "Category"
        if request.method == "GET" and not number:
            return Answer(data=self.store.lists())
        if request.method == "POST" and not number:
            self.store.add(table, checked(table, request.body))
            return Answer(message=f"{noun} added")
        if request.method == "PUT" and number:
            self.store.change(table, number, checked(table, request.body))
            return Answer(message=f"{noun} info updated")
        if request.method == "PUT":
            self.store.put_in_order(table, request.body)
            return Answer(message=f"{noun} Order updated")
        if request.method == "DELETE" and number:
            self.store.remove(table, number)
            return Answer(204, f"{noun} deleted")
        raise Refused(405, "Method not allowed")

    def visitor(self, request: Request) -> tuple[str, int]:
        """Return who looks, and the number of their group: a name is believed from the address in the whitelist."""
        config = self.config.values()
        name = request.headers.get(str(config["authProxyHeaderName"]).lower() or "-", "")
        if not (self.config.is_there and config["authProxyEnabled"] and name and _within(request.peer, config)):
            return "Guest", 999
        if self.store.user(name) is None:
            email = request.headers.get(str(config["authProxyHeaderNameEmail"]).lower() or "-", "")
            self.store.add_user(name.lower(), uuid.uuid4().hex, email, 4)
        user = self.store.user(name) or {"username": name, "group_id": 999}
        return str(user["username"]), int(user["group_id"])


def _within(peer: str, config: Mapping[str, Any]) -> bool:
    """As upstream compares: IPv4 alone."""
    try:
        return ipaddress.IPv4Address(peer) in ipaddress.IPv4Network(config["authProxyWhitelist"], strict=False)
    except ValueError:
        return False
