# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The portal's pages: the stand-in's own design, for a browser to sign in with."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

from .context import Answer, Context

_FILES = Path(__file__).parent / "pages"
_STATIC = {"/static/portal.js": "text/javascript; charset=utf-8", "/static/portal.css": "text/css; charset=utf-8"}
# The portal finds out by itself what to show on which of its paths.
_PAGES = (
    *("/", "/2fa", "/2fa/one-time-password", "/2fa/webauthn", "/2fa/push-notification", "/authenticated", "/logout"),
    *("/settings", "/settings/two-factor-authentication", "/reset-password/step1", "/reset-password/step2"),
    *("/revoke/one-time-code", "/revoke/reset-password"),
)
_CSP = (
    "default-src 'self'; base-uri 'self'; connect-src 'self'; frame-ancestors 'none'; frame-src 'none'; "
    "object-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'"
)


def page(path: str) -> Callable[[Context], Answer] | None:
    """Return what serves a path of the portal."""
    if path in _STATIC:
        return lambda _context: Answer(200, (_FILES / Path(path).name).read_bytes(), _STATIC[path])
    return _html if path in _PAGES else None


def _html(context: Context) -> Answer:
    template = context.app.config.get("server.headers.csp_template")
    nonce = secrets.token_urlsafe(16)
    policy = str(template).replace("${NONCE}", nonce) if template else _CSP.format(nonce=nonce)
    body = (_FILES / "portal.html").read_bytes()
    headers = [("Content-Security-Policy", policy), ("Cache-Control", "no-store")]
    return Answer(200, body, "text/html; charset=utf-8", headers)
