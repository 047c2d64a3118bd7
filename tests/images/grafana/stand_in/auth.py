# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who asks: by password, by the headers of the proxy, or by a session; in this order, as upstream has it."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import time
from collections import defaultdict
from collections.abc import Mapping
from email.message import Message
from http.cookies import SimpleCookie

from .settings import Settings
from .store import ROLES, Store, User

COOKIE = "grafana_session"
#: So many wrong passwords within so many seconds, and the name is shut out.
MOST, WITHIN = 5, 300


class AuthError(Exception):
    """Somebody is not who they say, with upstream's name for why."""

    def __init__(self, message_id: str, log: str, message: str = "Unauthorized") -> None:
        super().__init__(log)
        self.message_id, self.message = message_id, message


class Auth:
    """Knows people."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings, self._store = settings, store
        self._failed: defaultdict[str, list[float]] = defaultdict(list)

    def who(self, headers: Message, peer: str) -> User | None:
        """Return who asks, or nobody. Where one way fails the next is tried; the first failure is what is told."""
        first: AuthError | None = None
        for way in (self._basic, self._proxy, self._session):
            try:
                user = way(headers, peer)
            except AuthError as error:
                first = first or error
                continue
            if user:
                return user
        if first:
            raise first
        return None

    def password(self, name: str, password: str) -> User:
        now = time.monotonic()
        self._failed[name] = [at for at in self._failed[name] if now - at < WITHIN]
        wrong = "Invalid username or password"
        if len(self._failed[name]) >= MOST:
            raise AuthError("login-attempt.blocked", "too many consecutive incorrect login attempts for user", wrong)
        if not password:
            raise AuthError("password-auth.empty", "no password provided", wrong)
        user = self._store.find(name)
        if user is None:
            raise AuthError("password-auth.failed", "failed to authenticate identity: no user found", wrong)
        if not self._store.password_is(user, password):
            self._failed[name].append(now)
            raise AuthError("password-auth.failed", "failed to authenticate identity: invalid password", wrong)
        return user

    def _basic(self, headers: Message, peer: str) -> User | None:
        kind, _space, token = headers.get("Authorization", "").partition(" ")
        if kind != "Basic" or not self._settings.on("AUTH_BASIC_ENABLED"):
            return None
        try:
            name, _colon, password = base64.b64decode(token, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise AuthError("basic-auth.invalid", "failed to decode basic auth header") from None
        return self.password(name, password)

    def _proxy(self, headers: Message, peer: str) -> User | None:
        settings = self._settings
        name = headers.get(settings["AUTH_PROXY_HEADER_NAME"], "")
        if not settings.on("AUTH_PROXY_ENABLED") or not name:
            return None
        address = ipaddress.ip_address(peer)
        if settings.whitelist and not any(address in network for network in settings.whitelist):
            raise AuthError("auth-proxy.invalid-ip", "request ip is not in the configured accept list")
        said = self._said(headers)
        login = said.get("Login", name)
        email = said.get("Email", name if settings["AUTH_PROXY_HEADER_PROPERTY"] == "email" else "")
        if not self._store.find(login) and not settings.on("AUTH_PROXY_AUTO_SIGN_UP"):
            raise AuthError("user.sync.user-not-found", "user not found and sign up is off")
        # A role that there is none of counts as none that was said.
        role = said.get("Role", "") if said.get("Role") in ROLES else ""
        return self._store.sync(login, email, said.get("Name", ""), role)

    def _said(self, headers: Message) -> Mapping[str, str]:
        found = {field: headers.get(header, "") for field, header in self._settings.headers.items()}
        return {field: value for field, value in found.items() if value}

    def _session(self, headers: Message, peer: str) -> User | None:
        cookies = SimpleCookie(headers.get("Cookie", ""))
        return self._store.session(cookies[COOKIE].value) if COOKIE in cookies else None
