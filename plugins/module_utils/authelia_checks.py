# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the authelia role's variables, all at once. Never repeats the value of a secret."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.homelab.media.plugins.module_utils import authelia_rule_checks, authelia_user_checks
from ansible_collections.homelab.media.plugins.module_utils.authelia import Settings
from ansible_collections.homelab.media.plugins.module_utils.authelia_config import OPEN
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem

CHOICES = {
    "authelia_storage": ("sqlite", "postgres"),
    "authelia_notifier": ("file", "smtp"),
    # Not "bypass": what nobody thought of would be open.
    "authelia_default_policy": ("two_factor", "one_factor", "deny"),
    "authelia_theme": ("auto", "light", "dark", "grey", "oled"),
    "authelia_log_level": ("error", "warn", "info", "debug", "trace"),
}
NUMBERS = {"authelia_max_retries": (1, 100), "authelia_password_score": (0, 4)}
DURATIONS = (
    *("authelia_session_inactivity", "authelia_session_expiration", "authelia_session_remember_me"),
    *("authelia_find_time", "authelia_ban_time"),
)
#: The first of each pair may not be longer than the second.
ORDERED = (
    ("authelia_find_time", "authelia_ban_time"),
    ("authelia_session_inactivity", "authelia_session_expiration"),
)

_PART = re.compile(r"(\d+)\s*(ms|y|M|w|d|h|m|s)")
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "M": 2592000, "y": 31536000}
_SMTP = re.compile(r"(smtp|submissions?)://[A-Za-z0-9.-]+(:\d{1,5})?")
_SENDER = re.compile(rf"{authelia_user_checks.EMAIL}|[^<>\n]*\S\s<{authelia_user_checks.EMAIL}>")


def problems(settings: Settings) -> list[Problem]:
    """Return everything in the role's variables that cannot work, or was never filled in."""
    return [
        *_domain(settings["media_domain"]),
        *(problem for name, choices in CHOICES.items() for problem in _choice(settings, name, choices)),
        *(problem for name, limits in NUMBERS.items() for problem in _number(settings, name, limits)),
        *_durations(settings),
        *_smtp(settings),
        *_home(settings["authelia_home"], settings["media_domain"]),
        *_open(settings["authelia_configuration"]),
        *authelia_rule_checks.problems(settings["authelia_rules"]),
        *authelia_user_checks.problems(settings["authelia_users"]),
    ]


def seconds(value: Any) -> float | None:
    """Return how long a duration in Authelia's words is; None where it is none."""
    if not isinstance(value, str) or not re.fullmatch(rf"{_PART.pattern}(\s*{_PART.pattern})*", value):
        return None
    return sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(value))


def _domain(value: Any) -> Iterable[Problem]:
    """Whether it is one, is checked for all roles."""
    if not value:
        expected = "a domain of yours such as media.example.org, below which every page is"
        yield Problem("media_domain", "is empty, and nobody can be signed in without a domain", expected)


def _choice(settings: Settings, name: str, choices: tuple[str, ...]) -> Iterable[Problem]:
    if settings[name] not in choices:
        yield Problem(name, f"is {settings[name]!r}", "one of " + ", ".join(choices))


def _number(settings: Settings, name: str, limits: tuple[int, int]) -> Iterable[Problem]:
    value, (low, high) = settings[name], limits
    if isinstance(value, bool) or not str(value).isdigit() or not low <= int(str(value)) <= high:
        yield Problem(name, f"is {value!r}", f"a whole number from {low} to {high}")


def _durations(settings: Settings) -> Iterable[Problem]:
    lengths = {name: seconds(settings[name]) for name in DURATIONS}
    for name, length in lengths.items():
        if not length:
            yield Problem(name, f"is {settings[name]!r}", "a duration with its unit, such as 15m, 8h or 1M (a month)")
    for short, long in ORDERED:
        if (lengths[short] or 0) > (lengths[long] or float("inf")):
            reason = f"is {settings[short]}, which is longer than {long} ({settings[long]})"
            yield Problem(short, reason, f"{settings[long]} or less")


def _smtp(settings: Settings) -> Iterable[Problem]:
    if settings["authelia_notifier"] != "smtp":
        return
    address, sender = settings["authelia_smtp_address"], settings["authelia_smtp_sender"]
    username, password = settings["authelia_smtp_username"], settings["authelia_smtp_password"]
    if not isinstance(address, str) or not _SMTP.fullmatch(address):
        expected = "the mail server, such as submissions://mail.example.org:465"
        yield Problem("authelia_smtp_address", f"is {address!r}", expected)
    if not isinstance(sender, str) or not _SENDER.fullmatch(sender):
        yield Problem("authelia_smtp_sender", f"is {sender!r}", "an address such as Home <home@example.org>")
    if username and not password:
        expected = "the password of the mail account, from a vault"
        yield Problem("authelia_smtp_password", "is empty, and authelia_smtp_username is set", expected)
    elif password and not username:
        yield Problem(
            "authelia_smtp_username", "is empty, and authelia_smtp_password is set", "the mail account's name"
        )
    elif password and authelia_user_checks.PLACEHOLDER.search(str(password)):
        yield Problem("authelia_smtp_password", "still holds a placeholder", "the password, from a vault")


def _home(value: Any, domain: Any) -> Iterable[Problem]:
    """Authelia sends people there who came to the portal with nowhere to go; it refuses other sites."""
    if not value:
        return
    parts = urlsplit(str(value))
    if parts.scheme != "https" or not f".{parts.hostname or ''}".endswith(f".{domain}"):
        yield Problem("authelia_home", f"is {value!r}", f"a page below the domain, such as https://home.{domain}")


def _open(value: Any) -> Iterable[Problem]:
    if not isinstance(value, Mapping):
        yield Problem("authelia_configuration", f"is a {type(value).__name__}", "a dictionary in Authelia's own keys")
        return
    for key in value:
        if key not in OPEN:
            reason = "is not yours to set there: it follows from other variables, or may hold a secret"
            yield Problem(f"authelia_configuration.{key}", reason, "one of " + ", ".join(OPEN))
