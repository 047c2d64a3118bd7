# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where to go after a sign-in: only to https addresses inside a cookie domain."""

from __future__ import annotations

from urllib.parse import urlsplit

from .access import Target
from .context import Answer, Context, bad, good


def is_safe(context: Context, url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("https", "wss") and context.app.sessions.of_host(parts.hostname or "") is not None
    except ValueError:
        return False


def is_url(url: str) -> bool:
    try:
        return bool(urlsplit(url).scheme) or url.startswith("/")
    except ValueError:
        return False


def after_first_factor(context: Context, url: str, method: str, name: str) -> Answer:
    home = context.cookies.home
    rules = context.app.rules
    if not url:
        return good({"redirect": home}) if not rules.second_factor and home else good()
    if not is_url(url):
        return bad("Authentication failed. Check your credentials.")
    if rules.decide(context.subject(name), Target(url, method)).policy == "two_factor":
        context.log("info", f"{url} requires 2FA, cannot be redirected yet")
        return good()
    if not is_safe(context, url):
        return good({"redirect": home}) if not rules.second_factor and home else good()
    return good({"redirect": url})


def after_second_factor(context: Context, url: str) -> Answer:
    home = context.cookies.home
    if not url:
        return good({"redirect": home}) if home else good()
    return good({"redirect": url}) if is_safe(context, url) else good()
