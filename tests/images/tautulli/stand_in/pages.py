# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Tautulli answers: its state, its API, and the door in front of its pages."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

from . import passwords
from .config import Config
from .link import Link
from .log import Log

VERSION = "v2.17.2"
KEY_LENGTH = 32
#: Nobody plays anything here, and nobody has.
NOBODY = {
    **{f"stream_count_{way}": 0 for way in ("direct_play", "direct_stream", "transcode")},
    **{f"{network}_bandwidth": 0 for network in ("total", "lan", "wan")},
}
NO_HISTORY = {"recordsTotal": 0, "recordsFiltered": 0, "total_duration": "0 secs", "filter_duration": "0 secs"}


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    headers: Mapping[str, str]
    client: str

    def cookie(self, name: str) -> str:
        jar = SimpleCookie(self.headers.get("Cookie", ""))
        return jar[name].value if name in jar else ""


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class Pages:
    def __init__(self, config: Config, link: Link, log: Log) -> None:
        self.config = config
        self.link = link
        self.log = log
        self._lock = threading.Lock()
        self._sessions: set[str] = set()
        self._failures: dict[str, list[float]] = {}

    @property
    def root(self) -> str:
        text = str(self.config["http_root"]).strip("/")
        return f"/{text}" if text else ""

    def answer(self, request: Request) -> Answer:
        if self.root and not (request.path == self.root or request.path.startswith(f"{self.root}/")):
            return _lead(self.root + (request.path if request.path != "/" else ""))
        path = request.path[len(self.root) :] or "/"
        if path == "/status":
            return Answer(200, {"result": "success", "message": "Ok"})
        if path == "/api/v2":
            return self._api(request.query)
        if path.startswith("/auth/"):
            return self._auth(path, request)
        if self.config["http_password"] and not self._let_in(request):
            return _lead(f"{self.root}/auth/login")
        if not self.config["first_run_complete"] and path != "/welcome":
            return _lead(f"{self.root}/welcome")
        if path == "/":
            return _lead(f"{self.root}/home")
        known = path in ("/home", "/welcome", "/settings", "/libraries")
        return Answer(200, f"<h1>{path}</h1>") if known else Answer(404, "<h1>404</h1>")

    def _let_in(self, request: Request) -> bool:
        return request.cookie("tautulli_token") in self._sessions or self._has_key(request.headers.get("X-Api-Key", ""))

    def _has_key(self, given: str) -> bool:
        own = str(self.config["api_key"])
        return len(own) == KEY_LENGTH and secrets.compare_digest(given.encode(), own.encode())

    def _auth(self, path: str, request: Request) -> Answer:
        if path == "/auth/login":
            token = secrets.token_hex(16)
            return Answer(200, f"<input name=csrf_token value={token}>", {"Set-Cookie": f"csrf_token={token}"})
        if path != "/auth/signin" or request.method != "POST":
            return Answer(404, "<h1>404</h1>")
        sent = request.form.get("csrf_token", "")
        forged = not sent or sent != request.cookie("csrf_token")
        if forged and not self._has_key(request.headers.get("X-Api-Key", "")):
            return Answer(403, {"status": "error", "message": "Invalid CSRF token"})
        return self._sign_in(request)

    def _sign_in(self, request: Request) -> Answer:
        now = time.monotonic()
        interval, attempts = self.config["http_rate_limit_attempts_interval"], self.config["http_rate_limit_attempts"]
        with self._lock:
            recent = [when for when in self._failures.get(request.client, ()) if now - when < interval]
            self._failures[request.client] = recent
        if len(recent) >= attempts:
            self.log.debug("Tautulli WebAuth :: Too many incorrect login attempts from '***.***.***.***'.")
            return Answer(429, {"status": "error"}, {"Retry-After": str(self.config["http_rate_limit_lockout_time"])})
        user, password = request.form.get("username", ""), request.form.get("password", "")
        same_user = bool(user) and user == self.config["http_username"]
        if not same_user or not passwords.fits(password, str(self.config["http_password"])):
            recent.append(now)
            self.log.debug(f"Tautulli WebAuth :: Invalid user login attempt from '{user}'.")
            return Answer(401, {"status": "error"})
        session = secrets.token_hex(16)
        self._sessions.add(session)
        return Answer(200, {"status": "success"}, {"Set-Cookie": f"tautulli_token={session}; HttpOnly"})

    def _api(self, query: Mapping[str, str]) -> Answer:
        command = query.get("cmd", "")
        if not self.config["api_enabled"]:
            return _error("API not enabled")
        if len(str(self.config["api_key"])) != KEY_LENGTH:
            return _error("API key not generated")
        if not query.get("apikey"):
            return _error("Parameter apikey is required")
        if not self._has_key(query["apikey"]):
            return _error("Invalid apikey")
        if not command:
            return _error("Parameter cmd is required. Possible commands are: " + ", ".join(sorted(self._commands())))
        if command not in self._commands():
            return _error(f"Unknown command: {command}")
        return Answer(200, {"response": {"result": "success", "message": None, "data": self._commands()[command]}})

    def _commands(self) -> dict[str, Any]:
        server = self.link.server
        identity = {"pms_identifier": self.config["pms_identifier"], "pms_name": self.config["pms_name"]}
        place = {"pms_ip": self.config["pms_ip"], "pms_port": self.config["pms_port"], "pms_url": self.config.pms_url}
        libraries = [
            {
                **{"section_id": entry["key"], "section_name": entry["title"], "section_type": entry["type"]},
                **{name: entry.get(name) for name in ("count", "parent_count", "child_count")},
                **{"agent": entry["agent"], "is_active": 1},
            }
            for entry in self.link.libraries
        ]
        return {
            "server_status": {"connected": self.link.connected},
            "get_server_info": {**identity, **place, "pms_version": server.get("version", "")},
            "get_servers_info": [{**identity, **place}] if self.link.connected else [],
            "get_libraries": libraries,
            # Without its server there is nothing to tell of.
            "get_activity": {**NOBODY, "stream_count": "0", "sessions": []} if self.link.connected else {},
            "get_history": {**NO_HISTORY, "draw": 1, "data": []},
            "get_tautulli_info": {"tautulli_version": VERSION, "tautulli_install_type": "docker"},
            "get_notifiers": [],
            "status": {},
        }


def _lead(place: str) -> Answer:
    return Answer(303, "", {"Location": place})


def _error(message: str) -> Answer:
    return Answer(400, {"response": {"result": "error", "message": message, "data": {}}})
