# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A user's own password: changed by who is signed in, or reset by a link that came by message."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time

from .context import FAILED, Answer, Context, bad, good
from .elevation import elevated
from .notifier import NotifierError, link_message
from .second_factor import current
from .sessions import SessionError

_BASE = "identity_validation.reset_password"
NO_RESET = "Unable to reset your password."
WEAK = "Your supplied password does not meet the password policy requirements"
_DIGESTS = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


def too_weak(context: Context, password: str) -> bool:
    config, base = context.app.config, "password_policy.standard"
    if not config.flag(f"{base}.enabled"):
        return not password
    rules = (
        len(password) >= config.number(f"{base}.min_length"),
        not config.number(f"{base}.max_length") or len(password) <= config.number(f"{base}.max_length"),
        not config.flag(f"{base}.require_uppercase") or any(each.isupper() for each in password),
        not config.flag(f"{base}.require_lowercase") or any(each.islower() for each in password),
        not config.flag(f"{base}.require_number") or any(each.isdigit() for each in password),
        not config.flag(f"{base}.require_special") or any(not each.isalnum() for each in password),
    )
    return not all(rules)


def change(context: Context) -> Answer:
    session = current(context)
    if not session:
        return bad(FAILED, 403)
    if context.app.config.flag("authentication_backend.password_change.disable"):
        return bad(FAILED, 404)
    if wanted := elevated(context, session):
        return wanted
    body = context.json() or {}
    old, new = body.get("old_password"), body.get("new_password")
    if body.get("username") != session.name or not isinstance(old, str) or not isinstance(new, str):
        return bad(FAILED, 400)
    if not context.app.users.check(session.name, old):
        context.log("error", f"Unable to change password for user '{session.name}'", error="incorrect password")
        return bad("Incorrect Password", 401)
    if too_weak(context, new) or new == old:
        return bad(WEAK, 400)
    context.app.users.set_password(session.name, new)
    context.app.tell(session.name, "Password changed successfully", "Your password was changed.")
    return good()


def start(context: Context) -> Answer:
    """Send the link, and answer the same whether or not there is such a user."""
    app = context.app
    user = app.users.find(str((context.json() or {}).get("username") or ""))
    if user is None:
        return good()
    expires = time.time() + app.config.seconds(f"{_BASE}.jwt_lifespan")
    jti = secrets.token_hex(16)
    app.storage.new_verification(jti, user.name, expires)
    token = _token(
        context, {"iss": "Authelia", "action": "ResetPassword", "username": user.name, "jti": jti, "exp": int(expires)}
    )
    try:
        portal = context.cookies.portal
        link, revoke = f"{portal}/reset-password/step2?token={token}", f"{portal}/revoke/reset-password?token={token}"
        app.notifier.send(user.display, user.email, "Reset your password", link_message(user.display, link, revoke))
    except (NotifierError, SessionError) as error:
        context.log("error", "Unable to start password reset", error=error)
        return bad(FAILED)
    return good()


def finish(context: Context) -> Answer:
    name = _redeemed(context)
    if not name:
        return bad("The identity verification token is invalid")
    try:
        session = context.session()
        session.resetting = name
        context.save(session)
    except SessionError as error:
        context.log("error", "Unable to keep the password reset", error=error)
        return bad(FAILED)
    return good()


def reset(context: Context) -> Answer:
    try:
        session = context.session()
    except SessionError:
        return bad(NO_RESET)
    password = (context.json() or {}).get("password")
    if not session.resetting or not isinstance(password, str):
        context.log("error", "No identity verification process has been initiated")
        return bad(NO_RESET)
    if too_weak(context, password):
        return bad(WEAK)
    context.app.users.set_password(session.resetting, password)
    context.log("debug", f"Password of user '{session.resetting}' has been reset")
    context.app.tell(session.resetting, "Password changed successfully", "Your password was changed.")
    session.resetting = ""
    context.save(session)
    return good()


def forget(context: Context) -> Answer:
    return good() if _redeemed(context) else bad(FAILED)


def _redeemed(context: Context) -> str:
    token = (context.json() or {}).get("token")
    claims = _claims(context, token) if isinstance(token, str) else {}
    if claims.get("action") != "ResetPassword":
        return ""
    return context.app.storage.use_verification(str(claims.get("jti")), time.time())


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _signature(context: Context, signed: str) -> str:
    config = context.app.config
    digest = _DIGESTS[str(config.get(f"{_BASE}.jwt_algorithm"))]
    return _part(hmac.new(str(config.get(f"{_BASE}.jwt_secret")).encode(), signed.encode(), digest).digest())


def _token(context: Context, claims: dict[str, object]) -> str:
    header = {"alg": context.app.config.get(f"{_BASE}.jwt_algorithm"), "typ": "JWT"}
    signed = ".".join(_part(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
    return f"{signed}.{_signature(context, signed)}"


def _claims(context: Context, token: str) -> dict[str, object]:
    signed, _dot, signature = token.rpartition(".")
    if not hmac.compare_digest(signature, _signature(context, signed)):
        return {}
    middle = signed.partition(".")[2]
    found = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    return found if isinstance(found, dict) else {}
