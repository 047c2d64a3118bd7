# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the variables of the fail2ban role, all at once."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import fail2ban
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem

Settings = Mapping[str, Any]

LEVELS = ("CRITICAL", "ERROR", "WARNING", "NOTICE", "INFO", "DEBUG")
MODES = ("auto", "nft", "legacy")
DURATIONS = ("bantime", "bantime_maximum", "findtime", "recidive_bantime", "recidive_findtime", "database_age")
NUMBERS = {"maxretry": (1, 1000), "recidive_maxretry": (1, 1000), "look_every": (1, 3600)}
#: Options of a jail that have to be one value for all of them, or that come from what its service declares.
DERIVED = ("logpath", "filter", "action", "banaction", "banaction_allports")

_FILE = re.compile(r"^(/[^/\s:*?\[\]]+){2,}$")
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]*$")
_LENGTH = "a duration such as 10m, 1h or 2w"


def problems(settings: Settings) -> list[Problem]:
    """Return everything in the role's variables that cannot work."""
    return [
        *(problem for name in DURATIONS for problem in _duration(settings, f"fail2ban_{name}")),
        *(problem for name, limits in NUMBERS.items() for problem in _number(settings, f"fail2ban_{name}", limits)),
        *_choice(settings, "fail2ban_log_level", LEVELS),
        *_choice(settings, "fail2ban_iptables_mode", MODES),
        *_sshd(settings.get("fail2ban_sshd")),
        *_ignore(settings.get("fail2ban_ignore")),
        *_memory_problems(settings),
        *_filters(settings.get("fail2ban_extra_filters")),
        *_jails(settings.get("fail2ban_jails")),
    ]


def _duration(settings: Settings, variable: str) -> Iterable[Problem]:
    value = settings.get(variable)
    if not fail2ban.seconds(value):
        yield Problem(variable, f"is {value!r}", _LENGTH)


def _number(settings: Settings, variable: str, limits: tuple[int, int]) -> Iterable[Problem]:
    value, (low, high) = settings.get(variable), limits
    if isinstance(value, bool) or not str(value).isdigit() or not low <= int(str(value)) <= high:
        yield Problem(variable, f"is {value!r}", f"a whole number from {low} to {high}")


def _choice(settings: Settings, variable: str, choices: tuple[str, ...]) -> Iterable[Problem]:
    if settings.get(variable) not in choices:
        yield Problem(variable, f"is {settings.get(variable)!r}", "one of " + ", ".join(choices))


def _sshd(value: Any) -> Iterable[Problem]:
    if value not in (fail2ban.JOURNAL, *fail2ban.OFF) and not _FILE.match(str(value)):
        yield Problem("fail2ban_sshd", f"is {value!r}", "journal, off, or a file such as /var/log/auth.log")


def _ignore(value: Any) -> Iterable[Problem]:
    expected = "a list of addresses and networks, such as [203.0.113.7, 2001:db8::/48]"
    if not isinstance(value, list):
        yield Problem("fail2ban_ignore", f"is {value!r}", expected)
        return
    for entry in value:
        try:
            network = ipaddress.ip_network(str(entry), strict=False)
        except ValueError:
            yield Problem("fail2ban_ignore", f"has {entry!r}", expected)
            continue
        if network.prefixlen == 0:
            yield Problem("fail2ban_ignore", f"has {entry!r}, which is everybody", expected)


def _memory_problems(settings: Settings) -> Iterable[Problem]:
    """A ban outlives a restart only for as long as it is remembered."""
    age = fail2ban.seconds(settings.get("fail2ban_database_age"))
    names = ["fail2ban_bantime"]
    names += ["fail2ban_bantime_maximum"] if settings.get("fail2ban_bantime_increment") else []
    names += ["fail2ban_recidive_bantime", "fail2ban_recidive_findtime"] if settings.get("fail2ban_recidive") else []
    for name in names:
        length = fail2ban.seconds(settings.get(name))
        if age and length and length > age:
            reason = f"is {settings['fail2ban_database_age']!r}, and {name} is {settings[name]!r}"
            yield Problem("fail2ban_database_age", reason, "at least as long as the longest ban")
    shortest, longest = (fail2ban.seconds(settings.get(f"fail2ban_{name}")) for name in ("bantime", "bantime_maximum"))
    if settings.get("fail2ban_bantime_increment") and shortest and longest and longest < shortest:
        reason = f"is {settings['fail2ban_bantime_maximum']!r}, less than fail2ban_bantime"
        yield Problem("fail2ban_bantime_maximum", reason, "the longest that a ban may grow to, such as 4w")


def _filters(value: Any) -> Iterable[Problem]:
    expected = "{name: the text of a filter, with [Definition] and failregex}"
    if not isinstance(value, dict):
        yield Problem("fail2ban_extra_filters", f"is {value!r}", expected)
        return
    for name, text in value.items():
        place = f"fail2ban_extra_filters.{name}"
        if not _NAME.match(str(name)):
            yield Problem(place, "is no name of a filter", "letters, digits, - and _")
        elif name in (*fail2ban.FILTERS, "sshd"):
            yield Problem(place, "is a filter of this role", "another name")
        if not isinstance(text, str) or "[Definition]" not in text or "failregex" not in text:
            yield Problem(place, "is no filter", expected)
        elif "<HOST>" not in text and "<ADDR>" not in text:
            yield Problem(place, "does not say where the address is", "<ADDR> in its failregex")


def _jails(value: Any) -> Iterable[Problem]:
    expected = "{service: {maxretry: 3}}, in Fail2Ban's own options"
    if not isinstance(value, dict):
        yield Problem("fail2ban_jails", f"is {value!r}", expected)
        return
    for name, options in value.items():
        if not isinstance(options, dict):
            yield Problem(f"fail2ban_jails.{name}", f"is {options!r}", expected)
            continue
        for key, option in options.items():
            place = f"fail2ban_jails.{name}.{key}"
            if key in DERIVED:
                yield Problem(place, "is not a person's to set", "the auth_log of the service, in its x-media")
            elif isinstance(option, (dict, list)) or "\n" in str(option):
                yield Problem(place, f"is {option!r}", "one value")
