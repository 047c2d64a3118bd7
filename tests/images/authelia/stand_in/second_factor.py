# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One-time passwords: asked for, set up and removed; and what a user has of second factors."""

from __future__ import annotations

import time
from dataclasses import asdict

from . import redirect
from .context import NOT_CONFIRMED, Answer, Context, bad, good, plain
from .elevation import elevated
from .sessions import TWO_FACTOR, Session, SessionError
from .totp import Totp, generate

KIND = "TOTP"
NO_SETUP = "Unable to set up one-time passwords."
NO_REMOVAL = "Unable to delete one-time password."
_METHODS = ("totp", "webauthn", "mobile_push")


def current(context: Context) -> Session | None:
    """Return the session of who has passed the first factor."""
    try:
        session = context.session()
    except SessionError as error:
        context.log("error", "Error occurred retrieving user session", error=error)
        return None
    return session if session.name and context.app.users.find(session.name) else None


def show(context: Context) -> Answer:
    if not (session := current(context)):
        return bad(NOT_CONFIRMED, 403)
    totp = context.app.storage.totp(session.name)
    if totp is None:
        return bad("Could not find TOTP Configuration for user.", 404)
    return good({"period": totp.period, "digits": totp.digits})


def sign(context: Context) -> Answer:
    refused = bad(NOT_CONFIRMED, 403)
    if not (session := current(context)):
        return refused
    body = context.json()
    token = (body or {}).get("token")
    start = f"Error occurred validating a TOTP authentication for user '{session.name}':"
    if body is None or not isinstance(token, str):
        context.log("error", f"{start} error parsing the request body")
        return refused
    if len(token) not in (6, 8):
        context.log(
            "error",
            f"{start} expected code length is 6 or 8 but the user provided code was {len(token)} characters in length",
        )
        return bad(NOT_CONFIRMED, 400)
    app = context.app
    totp = app.storage.totp(session.name)
    if totp is None:
        context.log("error", f"{start} error occurred retrieving the configuration from the storage backend")
        return refused
    step = totp.step(token, time.time(), app.config.number("totp.skew"))
    if step is None:
        wrong = "error occurred validating the user input"
        context.log("error", f"{start} {wrong}", error="the user input wasn't valid")
        context.mark(False, session.name, KIND)
        return refused
    if not app.storage.use_step(session.name, step) and not app.config.flag("totp.disable_reuse_security_policy"):
        reused = "the user has already used this code recently and will not be permitted to reuse it"
        context.log("error", f"{start} error occurred satisfying security policies", error=reused)
        return refused
    context.mark(True, session.name, KIND)
    session.level, session.last_activity = TWO_FACTOR, time.time()
    try:
        context.renew(session)
    except SessionError as error:
        context.log("error", f"{start} error occurred saving the user session data", error=error)
        return refused
    return redirect.after_second_factor(context, str(body.get("targetURL") or ""))


def remove(context: Context) -> Answer:
    if not (session := current(context)):
        return bad(NO_REMOVAL, 403)
    if wanted := elevated(context, session):
        return wanted
    if not context.app.storage.drop_totp(session.name):
        context.log("error", f"Error occurred deleting a TOTP configuration for user '{session.name}'")
        return bad(NO_REMOVAL, 403)
    context.app.tell(session.name, "Second Factor Method Removed", "A one-time password was removed.")
    return good()


def options(context: Context) -> Answer:
    if not current(context):
        return bad("Unable to obtain options for one-time passwords.", 403)
    config = context.app.config
    algorithm, digits, period = config.get("totp.algorithm"), config.number("totp.digits"), config.number("totp.period")
    return good(
        {
            "algorithm": algorithm,
            "algorithms": config.texts("totp.allowed_algorithms") or [algorithm],
            "length": digits,
            "lengths": [int(each) for each in config.texts("totp.allowed_digits")] or [digits],
            "period": period,
            "periods": [int(each) for each in config.texts("totp.allowed_periods")] or [period],
        }
    )


def begin(context: Context) -> Answer:
    """Make a one-time password and keep it in the session until a code has shown that it arrived."""
    if not (session := current(context)):
        return bad(NO_SETUP, 403)
    if wanted := elevated(context, session):
        return wanted
    body = context.json()
    if body is None:
        return bad(NO_SETUP, 400)
    config = context.app.config
    permitted = {
        "algorithm": config.texts("totp.allowed_algorithms") or [str(config.get("totp.algorithm"))],
        "length": config.texts("totp.allowed_digits") or [str(config.get("totp.digits"))],
        "period": config.texts("totp.allowed_periods") or [str(config.get("totp.period"))],
    }
    if any(str(body.get(name)) not in values for name, values in permitted.items()):
        context.log(
            "error",
            f"Validation failed for TOTP registration because the input options were not permitted by "
            f"the configuration for user '{session.name}'",
        )
        return bad(NO_SETUP, 400)
    totp = generate(config, session.name, algorithm=body["algorithm"], digits=body["length"], period=body["period"])
    session.new_totp = asdict(totp)
    context.save(session)
    return good({"base32_secret": totp.secret, "otpauth_url": totp.uri})


def finish(context: Context) -> Answer:
    if not (session := current(context)):
        return bad(NO_SETUP, 403)
    if wanted := elevated(context, session):
        return wanted
    token = (context.json() or {}).get("token")
    if not isinstance(token, str):
        return bad(NO_SETUP, 400)
    if not session.new_totp:
        return bad(NO_SETUP, 403)
    totp = Totp(**session.new_totp)
    step = totp.step(token, time.time(), context.app.config.number("totp.skew"))
    if step is None:
        context.log(
            "error",
            f"Error occurred validating a TOTP registration session for user '{session.name}'",
            error="the user input wasn't valid",
        )
        return bad(NO_SETUP, 403)
    # The code that has shown that it arrived is a used one.
    context.app.storage.use_step(session.name, step)
    context.app.storage.put_totp(totp)
    session.new_totp = {}
    context.save(session)
    context.app.tell(session.name, "Second Factor Method Added", "A one-time password was added.")
    return good()


def forget(context: Context) -> Answer:
    if not (session := current(context)):
        return bad(NO_SETUP, 403)
    session.new_totp = {}
    context.save(session)
    return good()


def user_info(context: Context) -> Answer:
    if not (session := current(context)):
        return plain(403)
    app = context.app
    user = app.users.find(session.name)
    has_totp = app.storage.totp(session.name) is not None
    method = app.storage.method(session.name)
    if context.method == "POST" and method not in app.methods:
        method = next(iter(app.methods), "")
        app.storage.put_method(session.name, method)
    return good(
        {
            "display_name": user.display if user else "",
            "method": method or str(app.config.get("default_2fa_method") or "totp"),
            "has_webauthn": False,
            "has_totp": has_totp,
            "has_duo": False,
        }
    )


def prefer(context: Context) -> Answer:
    if not (session := current(context)):
        return plain(403)
    method = (context.json() or {}).get("method")
    if method not in context.app.methods:
        context.log("error", f"unknown or unavailable method '{method}', it should be one of {', '.join(_METHODS)}")
        return bad("Operation failed.")
    context.app.storage.put_method(session.name, method)
    return good()


def not_configured(context: Context) -> Answer:
    """Security keys: they need a real authenticator, which the stand-in cannot play."""
    if not current(context):
        return bad(NOT_CONFIRMED, 403)
    context.log("error", "Error occurred in WebAuthn: the stand-in has no security keys")
    return bad("not configured: the stand-in has no security keys", 403)
