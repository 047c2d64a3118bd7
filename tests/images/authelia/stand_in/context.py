# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One request: who asks, for which cookie domain, with which session; and what is answered."""

from __future__ import annotations

import ipaddress
import json
from dataclasses import dataclass, field
from email.message import Message
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from .access import Subject
from .sessions import Cookies, Session, SessionError, new_id

if TYPE_CHECKING:
    from .app import App

FAILED = "Operation failed."
NOT_SIGNED_IN = "Authentication failed. Check your credentials."
NOT_CONFIRMED = "Authentication failed, please retry later."

_REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    429: "Too Many Requests",
}


@dataclass
class Answer:
    status: int
    body: bytes
    kind: str = "text/plain; charset=utf-8"
    headers: list[tuple[str, str]] = field(default_factory=list)


def plain(status: int, **headers: str) -> Answer:
    """Return an answer that says its status and nothing else."""
    body = f"{status} {_REASONS[status]}".encode()
    return Answer(status, body, headers=[(name.replace("_", "-"), value) for name, value in headers.items()])


def good(data: Any = None) -> Answer:
    said = {"status": "OK"} if data is None else {"status": "OK", "data": data}
    return Answer(200, json.dumps(said).encode(), "application/json; charset=utf-8")


def bad(message: str, status: int = 200, **more: Any) -> Answer:
    said = {"status": "KO", "message": message, **more}
    return Answer(status, json.dumps(said).encode(), "application/json; charset=utf-8")


class Context:
    def __init__(self, app: App, method: str, target: str, headers: Message, body: bytes, peer: str) -> None:
        self.app = app
        self.method = method
        self.headers = headers
        self.body = body
        parts = urlsplit(target)
        self.path = parts.path or "/"
        self.query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        self.ip = self._client(peer)
        self.extra: list[tuple[str, str]] = []

    def header(self, name: str) -> str:
        return str(self.headers.get(name) or "")

    def _client(self, peer: str) -> str:
        """Return the left-most X-Forwarded-For: there is no list of trusted proxies."""
        first = self.header("X-Forwarded-For").partition(",")[0].strip()
        for address in (first, peer.removeprefix("::ffff:")):
            try:
                return str(ipaddress.ip_address(address))
            except ValueError:
                continue
        return peer

    def log(self, level: str, message: str, **fields: Any) -> None:
        about = {"method": self.method, "path": self.path, "remote_ip": self.ip}
        self.app.log(level, message, **about, **{name: str(value) for name, value in fields.items()})

    def json(self) -> dict[str, Any] | None:
        """Return the body, or nothing if it is no JSON object."""
        try:
            found = json.loads(self.body or b"")
        except ValueError:
            return None
        return found if isinstance(found, dict) else None

    # the cookie domain, and the session in it

    @property
    def host(self) -> str:
        """The name under which the portal was called."""
        original = self.header("X-Original-URL")
        if original:
            return (urlsplit(original).hostname or "").lower()
        return (urlsplit(f"//{self.header('X-Forwarded-Host') or self.header('Host')}").hostname or "").lower()

    @property
    def cookies(self) -> Cookies:
        found = self.app.sessions.of_host(self.host)
        if found is None:
            raise SessionError(
                "unable to retrieve session cookie domain provider: no configured session cookie domain matches the "
                f"url 'https://{self.host}/'"
            )
        return found

    def session(self, cookies: Cookies | None = None) -> Session:
        cookies = cookies or self.cookies
        return cookies.get(cookies.id_in(self.header("Cookie")))

    def save(self, session: Session, cookies: Cookies | None = None) -> None:
        """Keep the session under the id that it has."""
        cookies = cookies or self.cookies
        id_ = cookies.id_in(self.header("Cookie")) or new_id()
        self.extra.append(("Set-Cookie", cookies.put(id_, session)))

    def renew(self, session: Session) -> None:
        """Keep the session under a new id; the old one is worth nothing any more."""
        cookies = self.cookies
        cookies.drop(cookies.id_in(self.header("Cookie")))
        self.extra.append(("Set-Cookie", cookies.put(new_id(), session)))

    def destroy(self, cookies: Cookies | None = None) -> None:
        cookies = cookies or self.cookies
        self.extra.append(("Set-Cookie", cookies.drop(cookies.id_in(self.header("Cookie")))))

    def subject(self, name: str) -> Subject:
        user = self.app.users.find(name) if name else None
        return Subject(user.name, user.groups, self.ip) if user else Subject(address=self.ip)

    def mark(self, good: bool, name: str, kind: str, banned_until: str = "", error: str = "") -> None:
        """Note an attempt to sign in, in the log and for regulation."""
        origin = {k: v[0] for k, v in parse_qs(urlsplit(self.header("Referer")).query).items()}
        self.app.attempted(good, bool(banned_until), kind)
        self.app.regulation.note(
            good, bool(banned_until), name, kind, self.ip, origin.get("rd", ""), origin.get("rm", "")
        )
        if good:
            self.log("debug", f"Successful {kind} authentication attempt made by user '{name}'")
            return
        start = f"Unsuccessful {kind} authentication attempt by user '{name}'"
        if error:
            self.log("error", start, error=error)
        elif banned_until:
            self.log("error", f"{start} and they are banned until {banned_until}")
        else:
            self.log("error", start)
