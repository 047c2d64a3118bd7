# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the variables of Organizr, all at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.declaration import is_port
from ansible_collections.homelab.media.plugins.module_utils.organizr import BRANCHES, Settings
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem

#: How a tab may be asked to open.
TYPES = ("frame", "window")
#: Organizr's groups that may be given to one of the sign-on: 0 is its owner, 999 who is not signed in.
GROUPS = range(1, 5)
#: Settings that follow from elsewhere, or hold a secret, which no variable of this kind may.
CLOSED = re.compile(r"authProxy|^(branch|driver|uuid|license)$|^(db|log)|password|token|secret|hash|api", re.IGNORECASE)

_USER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


def problems(settings: Settings) -> list[Problem]:
    """Return everything that cannot work; nothing while Organizr is off."""
    if not settings["portal_organizr"]:
        return []
    return [
        *_choice(settings, "portal_organizr_branch", BRANCHES),
        *_port(settings["portal_organizr_port"]),
        *_administrator(settings),
        *_entries(settings, "portal_organizr_types", TYPES.__contains__, f"one of {', '.join(TYPES)}"),
        *_entries(settings, "portal_organizr_groups", _is_group, f"a number from {GROUPS[0]} to {GROUPS[-1]}"),
        *_config(settings["portal_organizr_config"]),
        *_seconds(settings["portal_organizr_timeout"]),
    ]


def _choice(settings: Settings, name: str, choices: tuple[str, ...]) -> Iterable[Problem]:
    if settings[name] not in choices:
        yield Problem(name, f"is {settings[name]!r}", "one of " + ", ".join(choices))


def _port(value: Any) -> Iterable[Problem]:
    if not is_port(value):
        yield Problem("portal_organizr_port", f"is {value!r}", "a port from 1 to 65535")


def _administrator(settings: Settings) -> Iterable[Problem]:
    name, email = settings["portal_organizr_admin"], settings["portal_organizr_email"]
    if not isinstance(name, str) or not _USER.fullmatch(name):
        expected = "the name of an administrator, such as your own at the sign-on"
        yield Problem("portal_organizr_admin", f"is {name!r}", expected)
    if email and not _EMAIL.fullmatch(str(email)):
        yield Problem("portal_organizr_email", f"is {email!r}", "an address such as home@example.org, or nothing")
    if not email and not settings["media_domain"]:
        reason = "is empty, and so is media_domain, which the address would be of"
        yield Problem("portal_organizr_email", reason, "an address such as home@example.org")


def _entries(settings: Settings, name: str, is_right: Any, expected: str) -> Iterable[Problem]:
    value = settings[name]
    if not isinstance(value, Mapping):
        yield Problem(name, f"is a {type(value).__name__}", "a dictionary")
        return
    for key, entry in value.items():
        if not is_right(entry):
            yield Problem(f"{name}.{key}", f"is {entry!r}", expected)


def _is_group(value: Any) -> bool:
    return not isinstance(value, bool) and str(value).isdigit() and int(value) in GROUPS


def _config(value: Any) -> Iterable[Problem]:
    if not isinstance(value, Mapping):
        yield Problem("portal_organizr_config", f"is a {type(value).__name__}", "a dictionary of Organizr's settings")
        return
    for key, entry in value.items():
        place = f"portal_organizr_config.{key}"
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            yield Problem(place, "is no name of a setting", "a name such as title")
        elif CLOSED.search(key):
            reason = "is not yours to set there: it follows from elsewhere, or holds a secret"
            yield Problem(place, reason, "a setting such as title")
        elif not isinstance(entry, (bool, int, str)):
            yield Problem(place, f"is a {type(entry).__name__}", "text, a number, true or false")


def _seconds(value: Any) -> Iterable[Problem]:
    if isinstance(value, bool) or not str(value).isdigit() or int(value) < 1:
        yield Problem("portal_organizr_timeout", f"is {value!r}", "a number of seconds")
