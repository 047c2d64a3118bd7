# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Authelia's configuration, as the data that configuration.yml holds. No secret is in it: those come in files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.homelab.media.plugins.module_utils.authelia import METRICS, PORT, STATE, Settings
from ansible_collections.homelab.media.plugins.module_utils.authelia_rules import rules
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Problem

#: Parts of the configuration that a person may lay something over. The others follow from variables and pages.
OPEN = (
    *("definitions", "identity_validation", "ntp", "password_policy", "privacy_policy"),
    *("totp", "webauthn"),
)

#: What a new password is hashed with; the same as of the declared ones (plugin_utils/authelia_hashes.py).
ARGON2 = {"iterations": 3, "memory": 65536, "parallelism": 4, "key_length": 32, "salt_length": 16}


def configuration(settings: Settings, plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return the whole configuration.

    plan: the fact media_plan, of which it takes domain, sign_on and pages.
    """
    domain, portal = plan["domain"], plan["sign_on"]["url"]
    score = int(settings["authelia_password_score"])
    own = settings["authelia_configuration"]
    built = {
        "theme": settings["authelia_theme"],
        "server": {
            "address": f"tcp://:{PORT}/",
            # The one way that the front door asks, and cookies alone: a password in a header would be a second door
            # for guesses, and would clash with applications that read that header themselves.
            "endpoints": {
                "authz": {
                    "auth-request": {"implementation": "AuthRequest", "authn_strategies": [{"name": "CookieSession"}]}
                }
            },
        },
        "log": {
            "level": settings["authelia_log_level"],
            "format": "text",
            "file_path": f"{STATE}/authelia.log",
            "keep_stdout": True,
        },
        "telemetry": {"metrics": {"enabled": True, "address": f"tcp://:{METRICS}/metrics"}},
        "totp": {"disable": False, "issuer": domain},
        "webauthn": {"disable": False, "display_name": domain},
        # Without a way out it would ask in vain; the host keeps the clock.
        "ntp": {"disable_startup_check": True, "disable_failure": True},
        "password_policy": {"zxcvbn": {"enabled": score > 0, **({"min_score": score} if score else {})}},
        "authentication_backend": {
            "password_reset": {"disable": not settings["authelia_password_reset"]},
            "file": {
                "path": f"{STATE}/users_database.yml",
                "watch": True,
                "search": {"email": False, "case_insensitive": True},
                "password": {"algorithm": "argon2", "argon2": {"variant": "argon2id", **ARGON2}},
            },
        },
        "access_control": {
            "default_policy": settings["authelia_default_policy"],
            "rules": rules(plan["pages"], str(urlsplit(portal).hostname), settings["authelia_rules"]),
        },
        "session": _session(settings, domain, portal),
        "regulation": {
            # By address: by name, anybody could shut out a person whose name is known.
            "modes": ["ip"],
            "max_retries": int(settings["authelia_max_retries"]),
            "find_time": settings["authelia_find_time"],
            "ban_time": settings["authelia_ban_time"],
        },
        "storage": _storage(settings),
        "notifier": _notifier(settings),
    }
    return {**built, **{key: _over(built.get(key) or {}, own[key]) for key in OPEN if key in own}}


def _session(settings: Settings, domain: str, portal: str) -> dict[str, Any]:
    cookie = {"domain": domain, "authelia_url": portal}
    home = settings["authelia_home"]
    if home:
        if home.rstrip("/") == portal.rstrip("/"):
            expected = f"a page below {domain} that is not the portal, or nothing"
            raise MediaError([Problem("authelia_home", f"is the portal itself, {home}", expected)])
        cookie["default_redirection_url"] = home
    return {
        "name": "authelia_session",
        "same_site": "lax",
        "inactivity": settings["authelia_session_inactivity"],
        "expiration": settings["authelia_session_expiration"],
        "remember_me": settings["authelia_session_remember_me"],
        "cookies": [cookie],
        "redis": {"host": "authelia-redis", "port": 6379, "database_index": 0},
    }


def _storage(settings: Settings) -> dict[str, Any]:
    if settings["authelia_storage"] == "postgres":
        address = "tcp://authelia-postgres:5432"
        return {"postgres": {"address": address, "database": "authelia", "username": "authelia"}}
    return {"local": {"path": f"{STATE}/db.sqlite3"}}


def _notifier(settings: Settings) -> dict[str, Any]:
    if settings["authelia_notifier"] != "smtp":
        return {"filesystem": {"filename": f"{STATE}/notification.txt"}}
    smtp = {
        "address": settings["authelia_smtp_address"],
        "sender": settings["authelia_smtp_sender"],
        "subject": settings["authelia_smtp_subject"],
    }
    if settings["authelia_smtp_username"]:
        smtp["username"] = settings["authelia_smtp_username"]
    # With the check, a mail server that is away for a while keeps Authelia from starting, and so everybody out.
    return {"disable_startup_check": not settings["authelia_smtp_startup_check"], "smtp": smtp}


def _over(built: Mapping[str, Any], own: Any) -> Any:
    """Return what a person says laid over what follows from the variables, key by key."""
    if not isinstance(own, Mapping):
        return own
    merged = dict(built)
    for key, value in own.items():
        inner = merged.get(key)
        merged[key] = _over(inner, value) if isinstance(inner, Mapping) else value
    return merged
