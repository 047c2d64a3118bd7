# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sessions: one cookie for each configured domain, what it stands for in Redis or in memory."""

from __future__ import annotations

import json
import secrets
import threading
import time
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from http.cookies import CookieError, SimpleCookie
from typing import Any, Protocol

from .box import Box, WrongKey
from .config import Config
from .durations import seconds
from .redis import Redis, RedisError

ANONYMOUS, ONE_FACTOR, TWO_FACTOR = 0, 1, 2
_ID_LENGTH = 32


class SessionError(Exception):
    """The store of the sessions does not answer."""


class Store(Protocol):
    def get(self, key: str) -> bytes | None: ...
    def put(self, key: str, value: bytes, seconds: float) -> None: ...
    def drop(self, key: str) -> None: ...


class Memory:
    """What is used when Redis is not configured: gone with the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, bytes]] = {}

    def get(self, key: str) -> bytes | None:
        with self._lock:
            until, value = self._kept.get(key, (0.0, b""))
            return value if until > time.monotonic() else None

    def put(self, key: str, value: bytes, seconds: float) -> None:
        with self._lock:
            self._kept[key] = time.monotonic() + seconds, value

    def drop(self, key: str) -> None:
        with self._lock:
            self._kept.pop(key, None)


@dataclass
class Session:
    """What is known of who holds a cookie."""

    name: str = ""
    level: int = ANONYMOUS
    keep: bool = False
    last_activity: float = 0
    elevated_until: float = 0
    elevated_for: str = ""
    new_totp: dict[str, Any] = field(default_factory=dict)
    resetting: str = ""


class Cookies:
    """The sessions of one cookie domain."""

    def __init__(self, config: Config, cookie: dict[str, Any], store: Store) -> None:
        def given(name: str) -> Any:
            value = cookie.get(name)
            return config.get(f"session.{name}") if value is None else value

        self.domain = str(cookie["domain"])
        self.name = str(given("name"))
        self.same_site = str(given("same_site")).capitalize()
        self.portal = str(cookie["authelia_url"]).rstrip("/")
        self.home = str(cookie.get("default_redirection_url") or "")
        self.expiration = seconds(given("expiration"))
        self.inactivity = seconds(given("inactivity"))
        remember = given("remember_me")
        # -1 switches it off.
        self.remember_me = -1.0 if str(remember) == "-1" else seconds(remember)
        self._store = store
        self._box = Box(str(config.get("session.secret", "")))

    def covers(self, host: str) -> bool:
        return host == self.domain or host.endswith(f".{self.domain}")

    def id_in(self, header: str) -> str:
        """Return the session's id in a Cookie header, or nothing."""
        try:
            found = SimpleCookie(header).get(self.name)
        except CookieError:
            return ""
        return found.value if found else ""

    def get(self, id_: str) -> Session:
        if not id_:
            return Session()
        try:
            closed = self._store.get(_key(id_))
        except RedisError as error:
            raise SessionError(f"unable to retrieve the session: {error}") from error
        if closed is None:
            return Session()
        try:
            return Session(**json.loads(self._box.open(closed)))
        except (WrongKey, ValueError, TypeError) as error:
            raise SessionError("unable to decrypt the session") from error

    def put(self, id_: str, session: Session) -> str:
        """Keep a session, under a new id if it has none; return the Set-Cookie header."""
        life = self.remember_me if session.keep else self.expiration
        try:
            self._store.put(_key(id_), self._box.close(json.dumps(asdict(session)).encode()), life)
        except RedisError as error:
            raise SessionError(f"unable to save the session: {error}") from error
        return self._cookie(id_, time.time() + life)

    def drop(self, id_: str) -> str:
        if id_:
            try:
                self._store.drop(_key(id_))
            except RedisError as error:
                raise SessionError(f"unable to destroy the session: {error}") from error
        return self._cookie("", time.time() - 60)

    def _cookie(self, value: str, until: float) -> str:
        when = datetime.fromtimestamp(until, timezone.utc)
        return (
            f"{self.name}={value}; expires={when:%a, %d %b %Y %H:%M:%S} GMT; domain={self.domain}; path=/; HttpOnly; "
            f"secure; SameSite={self.same_site}"
        )


class Sessions:
    """All cookie domains, on one store."""

    def __init__(self, config: Config) -> None:
        self.redis = Redis(config) if config.has("session.redis") else None
        store: Store = self.redis or Memory()
        self.cookies = [Cookies(config, cookie, store) for cookie in config.get("session.cookies")]

    def of_host(self, host: str) -> Cookies | None:
        return next((cookies for cookies in self.cookies if cookies.covers(host.lower())), None)


def new_id() -> str:
    return secrets.token_urlsafe(_ID_LENGTH)[:_ID_LENGTH]


def _key(id_: str) -> str:
    return f"authelia-session:{id_}"
