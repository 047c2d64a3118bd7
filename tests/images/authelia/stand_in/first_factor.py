# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Name and password; the end of a session; and what the portal asks about both."""

from __future__ import annotations

import time

from . import redirect
from .context import FAILED, NOT_SIGNED_IN, Answer, Context, bad, good, plain
from .sessions import ONE_FACTOR, Session, SessionError

KIND = "1FA"


def health(_context: Context) -> Answer:
    return good()


def state(context: Context) -> Answer:
    try:
        session, home = context.session(), context.cookies.home
    except SessionError as error:
        context.log("error", "Error occurred retrieving user session", error=error)
        return plain(403)
    said = {
        "username": session.name,
        "authentication_level": session.level,
        "factor_knowledge": session.level > 0,
    }
    return good({**said, "default_redirection_url": home} if home else said)


def sign_in(context: Context) -> Answer:
    begun = time.monotonic()
    answer = _sign_in(context)
    context.app.metrics.took("authelia_authn_duration", time.monotonic() - begun, success=answer.status == 200)
    return answer


def _sign_in(context: Context) -> Answer:
    """Check a password and begin a session. Whatever is wrong, the answer is the same."""
    refused = bad(NOT_SIGNED_IN, 401)
    body = context.json()
    name, password = (body or {}).get("username"), (body or {}).get("password")
    if not body or not isinstance(name, str) or not isinstance(password, str) or not name or not password:
        context.log("error", f"Failed to parse {KIND} request body: unable to validate body")
        return refused
    app = context.app
    user = app.users.find(name)
    if user is None:
        context.mark(False, "", KIND, error="user not found")
        context.log(
            "error",
            f"Error occurred getting details for user with username input '{name}' which usually indicates they do "
            "not exist",
            error="user not found",
        )
        return refused
    if banned := app.regulation.banned(user.name, context.ip):
        context.mark(False, user.name, KIND, banned_until=banned.until)
        return refused
    if not app.users.check(user.name, password):
        context.mark(False, user.name, KIND)
        return refused
    context.mark(True, user.name, KIND)
    now = time.time()
    try:
        keep = bool(body.get("keepMeLoggedIn")) and context.cookies.remember_me >= 0
        session = Session(user.name, ONE_FACTOR, keep, now)
        context.renew(session)
        return redirect.after_first_factor(
            context, str(body.get("targetURL") or ""), str(body.get("requestMethod") or ""), user.name
        )
    except SessionError as error:
        context.log("error", f"Could not save session during {KIND} authentication for user '{user.name}'", error=error)
        context.extra.clear()
        return refused


def sign_out(context: Context) -> Answer:
    body = context.json()
    if body is None:
        return bad(FAILED)
    try:
        context.destroy()
    except SessionError as error:
        context.log("error", "Unable to destroy session during logout", error=error)
        return bad(FAILED)
    return good({"safeTargetURL": redirect.is_safe(context, str(body.get("targetURL") or ""))})


def safe_redirection(context: Context) -> Answer:
    try:
        session = context.session()
    except SessionError as error:
        context.log("error", "Error occurred retrieving user session", error=error)
        return plain(401)
    if not session.name:
        return plain(401)
    url = (context.json() or {}).get("uri")
    if not isinstance(url, str) or not redirect.is_url(url):
        return bad(FAILED)
    return good({"ok": redirect.is_safe(context, url)})


def configuration(context: Context) -> Answer:
    if not _signed_in(context):
        return plain(403)
    config = context.app.config
    return good(
        {
            "available_methods": context.app.methods,
            "passkey_login": False,
            "password_change_disabled": config.flag("authentication_backend.password_change.disable"),
            "password_reset_disabled": config.flag("authentication_backend.password_reset.disable"),
        }
    )


def password_policy(context: Context) -> Answer:
    config = context.app.config
    mode = next((name for name in ("standard", "zxcvbn") if config.flag(f"password_policy.{name}.enabled")), "disabled")
    base = "password_policy.standard"
    return good(
        {
            "mode": mode,
            "min_length": config.number(f"{base}.min_length"),
            "max_length": config.number(f"{base}.max_length"),
            "min_score": config.number("password_policy.zxcvbn.min_score"),
            **{f"require_{kind}": config.flag(f"{base}.require_{kind}") for kind in _KINDS},
        }
    )


_KINDS = ("uppercase", "lowercase", "number", "special")


def _signed_in(context: Context) -> bool:
    try:
        return bool(context.session().name)
    except SessionError:
        return False
