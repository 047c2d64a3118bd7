# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the proxy asks before each request: may this one pass?"""

from __future__ import annotations

import base64
import html
import re
import time
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from .access import Target
from .context import Answer, Context, plain
from .sessions import ANONYMOUS, ONE_FACTOR, TWO_FACTOR, Cookies, Session, SessionError
from .users import User

_METHOD = re.compile(r"[A-Z]+")
_BASIC = 'Basic realm="Authorization Required"'


class AuthzError(Exception):
    """Whoever asks cannot be told apart; nobody is let in for that."""


@dataclass(frozen=True)
class Asker:
    user: User | None = None
    level: int = ANONYMOUS
    by_header: bool = False


def auth_request(context: Context) -> Answer:
    answer = _decide(context)
    context.app.metrics.count("authelia_authz", code=answer.status)
    return answer


def _decide(context: Context) -> Answer:
    url, method = context.header("X-Original-URL"), context.header("X-Original-Method")
    try:
        parts = urlsplit(url)
        scheme, host = parts.scheme, (parts.hostname or "").lower()
    except ValueError:
        scheme = host = ""
    if not url or not scheme or not host or not _METHOD.fullmatch(method):
        wrong = "header 'X-Original-URL' is empty" if not url else "header 'X-Original-Method' is empty or invalid"
        context.log("error", "Error getting Target URL and Request Method", error=wrong)
        return plain(400)
    if scheme not in ("https", "wss"):
        context.log(
            "error",
            f"Target URL '{url}' has an insecure scheme '{scheme}', only the 'https' and 'wss' schemes are supported "
            "so session cookies can be transmitted securely",
        )
        return plain(400)
    cookies = context.app.sessions.of_host(host)
    if cookies is None:
        context.log(
            "error",
            "Target URL does not appear to have a relevant session cookies configuration",
            error=f"no configured session cookie domain matches the url '{url}'",
            target_url=url,
        )
        return plain(400)
    asker, wrong = _asker(context, cookies)
    name = asker.user.name if asker.user else ""
    decision = context.app.rules.decide(context.subject(name), Target(url, method))
    if wrong and decision.policy != "bypass":
        context.log("error", "Error occurred while attempting to authenticate a request", error=wrong)
        return plain(401, WWW_Authenticate=_BASIC) if asker.by_header else plain(401)
    shown = f"'{name}'" if name else "<anonymous>"
    # Who has not signed in might still be the one that a rule's subject means.
    if decision.policy == "deny" and (name or not decision.has_subject):
        context.log("info", f"Access to '{url}' is forbidden to user {shown}")
        return plain(403)
    wanted = {"bypass": ANONYMOUS, "one_factor": ONE_FACTOR, "two_factor": TWO_FACTOR}.get(decision.policy, 99)
    if asker.level >= wanted:
        return _passed(asker.user)
    return _portal(context, cookies, url, method, name or "<anonymous>")


def _asker(context: Context, cookies: Cookies) -> tuple[Asker, str]:
    """Return who asks, and what went wrong in finding out."""
    try:
        asker = _from_header(context)
        return (asker, "") if asker else (_from_cookie(context, cookies), "")
    except SessionError as error:
        return Asker(), str(error)
    except AuthzError as error:
        return Asker(by_header=True), str(error)


def _from_header(context: Context) -> Asker | None:
    header = context.header("Authorization")
    if not header:
        return None
    scheme, _space, rest = header.partition(" ")
    if scheme.lower() != "basic":
        raise AuthzError(f"failed to parse content of Authorization header: unexpected scheme '{scheme}'")
    try:
        name, colon, password = base64.b64decode(rest, validate=True).decode().partition(":")
    except ValueError as error:
        raise AuthzError("failed to parse content of Authorization header: invalid base64") from error
    if not colon or not name or not password:
        raise AuthzError("failed to parse content of Authorization header: no user or no password")
    app = context.app
    user = app.users.find(name)
    if user and (banned := app.regulation.banned(user.name, context.ip)):
        context.mark(False, user.name, "1FA", banned_until=banned.until)
        raise AuthzError(f"failed to validate the credentials of user '{name}': user is banned")
    if user is None or not app.users.check(user.name, password):
        context.mark(False, user.name if user else "", "1FA")
        raise AuthzError(f"failed to validate the credentials of user '{name}' parsed from the Authorization header")
    context.mark(True, user.name, "1FA")
    return Asker(user, ONE_FACTOR, by_header=True)


def _from_cookie(context: Context, cookies: Cookies) -> Asker:
    session = context.session(cookies)
    if not session.name:
        return Asker()
    user = context.app.users.find(session.name)
    now = time.time()
    if user is None:
        context.log(
            "error",
            f"Error occurred while attempting to update user details for user '{session.name}': the user was not found "
            "indicating they were deleted, disabled, or otherwise no longer authorized to login",
        )
        context.destroy(cookies)
        return Asker()
    if _idle(session, cookies, now):
        context.log(
            "info",
            f"Session for user '{session.name}' not marked as remembered has exceeded configured session inactivity",
        )
        context.destroy(cookies)
        return Asker()
    if not session.keep:
        session.last_activity = now
        context.save(session, cookies)
    return Asker(user, session.level)


def _idle(session: Session, cookies: Cookies, now: float) -> bool:
    return not session.keep and cookies.inactivity > 0 and session.last_activity + cookies.inactivity < now


def _passed(user: User | None) -> Answer:
    answer = plain(200)
    if user:
        answer.headers += [
            ("Remote-User", user.name),
            ("Remote-Groups", ",".join(user.groups)),
            ("Remote-Name", user.display),
            ("Remote-Email", user.email),
        ]
    return answer


def _portal(context: Context, cookies: Cookies, url: str, method: str, name: str) -> Answer:
    location = f"{cookies.portal}/?{urlencode({'rd': url, 'rm': method})}"
    context.log(
        "info",
        f"Access to {url} (method {method}) is not authorized to user {name}, responding with status code 401 with "
        f"location redirect to {location}",
    )
    body = f'<a href="{html.escape(location)}">401 Unauthorized</a>'
    return Answer(401, body.encode(), "text/html; charset=utf-8", [("Location", location)])
