# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The elevated session: changing one's own security settings needs a one-time code that came by message."""

from __future__ import annotations

import base64
import time
import uuid

from .context import FAILED, Answer, Context, bad, good
from .notifier import NotifierError, code_message
from .sessions import TWO_FACTOR, Session, SessionError

_BASE = "identity_validation.elevated_session"


def is_elevated(context: Context, session: Session) -> bool:
    return session.elevated_until > time.time() and session.elevated_for == context.ip


def elevated(context: Context, session: Session) -> Answer | None:
    """Return the refusal if the session is not elevated."""
    config = context.app.config
    if config.flag(f"{_BASE}.skip_second_factor") and session.level >= TWO_FACTOR:
        return None
    needs_second = config.flag(f"{_BASE}.require_second_factor") and session.level < TWO_FACTOR
    if needs_second and context.app.storage.totp(session.name):
        return bad(FAILED, 403, first_factor=False, second_factor=True, elevation=False)
    if is_elevated(context, session):
        return None
    return bad(FAILED, 403, first_factor=False, second_factor=False, elevation=True)


def _session(context: Context) -> Session | None:
    try:
        session = context.session()
    except SessionError as error:
        context.log("error", "Error occurred retrieving user session elevation state", error=error)
        return None
    return session if session.name and context.app.users.find(session.name) else None


def status(context: Context) -> Answer:
    if not (session := _session(context)):
        return bad(FAILED, 403)
    config = context.app.config
    second = session.level >= TWO_FACTOR
    has = context.app.storage.totp(session.name) is not None
    up = is_elevated(context, session)
    return good(
        {
            "require_second_factor": config.flag(f"{_BASE}.require_second_factor") and not second and has,
            "skip_second_factor": config.flag(f"{_BASE}.skip_second_factor") and second,
            "factor_knowledge": True,
            "elevated": up,
            "expires": int(session.elevated_until - time.time()) if up else 0,
        }
    )


def start(context: Context) -> Answer:
    if not (session := _session(context)):
        return bad(FAILED, 403)
    app = context.app
    user = app.users.find(session.name)
    assert user is not None
    expires = time.time() + app.config.seconds(f"{_BASE}.code_lifespan")
    code, public = app.storage.new_code(session.name, context.ip, app.config.number(f"{_BASE}.characters"), expires)
    delete_id = base64.urlsafe_b64encode(uuid.UUID(public).bytes).decode().rstrip("=")
    link = f"{context.cookies.portal}/revoke/one-time-code?id={delete_id}"
    try:
        context.renew(session)
        app.notifier.send(
            user.display,
            user.email,
            "Confirm your identity",
            code_message(user.display, context.cookies.domain, code, link),
        )
    except (NotifierError, SessionError) as error:
        context.log("error", "Error occurred creating user session elevation One-Time Code challenge", error=error)
        return bad(FAILED, 403)
    return good({"delete_id": delete_id})


def finish(context: Context) -> Answer:
    if not (session := _session(context)):
        return bad(FAILED, 403)
    code = (context.json() or {}).get("otc")
    if not isinstance(code, str) or len(code) > 20:
        return bad(FAILED, 400)
    app = context.app
    if not app.storage.use_code(session.name, context.ip, code.strip().upper(), time.time()):
        context.log(
            "error",
            f"Error occurred validating user session elevation One-Time Code challenge for user '{session.name}'",
            error="the code didn't match any recorded code challenges",
        )
        return bad(FAILED, 403)
    session.elevated_until = time.time() + app.config.seconds(f"{_BASE}.elevation_lifespan")
    session.elevated_for = context.ip
    context.renew(session)
    return good()


def revoke(context: Context, delete_id: str) -> Answer:
    try:
        public = str(uuid.UUID(bytes=base64.urlsafe_b64decode(delete_id + "=" * (-len(delete_id) % 4))))
    except ValueError:
        return bad(FAILED)
    return good() if context.app.storage.revoke_code(public) else bad(FAILED)
