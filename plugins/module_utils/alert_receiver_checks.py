# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with monitoring_receivers, all at once. Never repeats the value of a secret."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.homelab.media.plugins.module_utils.alert_receivers import (
    COMMON,
    NEEDED,
    NOBODY,
    OPTIONAL,
    SECRET,
    Receiver,
)
from ansible_collections.homelab.media.plugins.module_utils.alert_rule import DURATION, SEVERITIES
from ansible_collections.homelab.media.plugins.module_utils.alert_rule_checks import unknown
from ansible_collections.homelab.media.plugins.module_utils.alert_rules import RULES
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem
from ansible_collections.homelab.media.plugins.module_utils.proxy_words import EMAIL, placeholder

NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,22}[a-z0-9])?")
#: What a right value looks like, of each option that is a text with a form of its own.
FORMS = {
    "from": (rf"{EMAIL.pattern}|[^<>\n]*\S\s<{EMAIL.pattern}>", "an address such as Home <home@media.example.org>"),
    "server": (r"[A-Za-z0-9.-]+:\d{1,5}", "the mail server and its port, such as mail.example.org:587"),
    "topic": (r"[-_A-Za-z0-9]{1,64}", "the topic: letters, digits, - and _, hard to guess"),
    "token": (r"[!-~]{8,}", "the token, from a vault"),
    "webhook_url": (
        r"https://([a-z]+\.)?discord(app)?\.com/api/webhooks/\d+/[A-Za-z0-9_-]+",
        "the address that Discord shows for the webhook, such as https://discord.com/api/webhooks/...",
    ),
    "bot_token": (r"\d+:[A-Za-z0-9_-]{30,}", "the token that BotFather gave, such as 123456:ABC-DEF..."),
    "chat_id": (r"-?\d+", "the number of the chat, such as -1001234567890"),
    "username": (r"[^\n:]*[^\s:]", "a name"),
    "password": (r"[^\n]+", "a password on one line, from a vault"),
}
BOOLEAN = ("tls", "watchdog", "resolved")


def problems(receivers: Any) -> list[Problem]:
    """Return everything in it that cannot work, or was never filled in."""
    if not isinstance(receivers, list):
        expected = "a list such as [{name: phone, type: ntfy, topic: ...}]"
        return [Problem("monitoring_receivers", f"is a {type(receivers).__name__}", expected)]
    found: list[Problem] = []
    taken: set[str] = set()
    for index, receiver in enumerate(receivers):
        place = f"monitoring_receivers[{index}]"
        if not isinstance(receiver, Mapping):
            found.append(Problem(place, f"is {receiver!r}", "a dictionary with name, type and the type's options"))
            continue
        name = receiver.get("name")
        if isinstance(name, str) and name in taken:
            found.append(Problem(f"{place}.name", f"is {name!r}, as another one's is", "a name for each"))
        taken.add(str(name))
        found.extend(_receiver(place, receiver))
    return found


def _receiver(place: str, receiver: Receiver) -> Iterable[Problem]:
    name, kind = receiver.get("name"), receiver.get("type")
    if not isinstance(name, str) or not NAME.fullmatch(name) or name == NOBODY:
        expected = "up to 24 lower-case letters, digits and hyphens, such as phone"
        yield Problem(f"{place}.name", f"is {name!r}" if name else "is missing", expected)
    yield from _common(place, receiver)
    if kind not in NEEDED:
        reason = f"is {kind!r}" if kind else "is missing"
        yield Problem(f"{place}.type", reason, "one of " + ", ".join(NEEDED))
        return
    known = (*COMMON, *NEEDED[kind], *OPTIONAL[kind])
    for key in receiver:
        if key not in known:
            yield Problem(f"{place}.{key}", f"is no option of type {kind}", "one of " + ", ".join(known))
    for option in (*NEEDED[kind], *OPTIONAL[kind]):
        value = receiver.get(option)
        if value in (None, "", []):
            if option in NEEDED[kind]:
                yield Problem(f"{place}.{option}", f"is missing, and type {kind} needs it", _expected(option))
        elif option not in BOOLEAN:
            yield from _option(f"{place}.{option}", option, value, secret=option in SECRET[kind])
    yield from _login(place, receiver)


def _common(place: str, receiver: Receiver) -> Iterable[Problem]:
    wanted = receiver.get("severities", ["critical"])
    if not isinstance(wanted, list) or not wanted or not all(item in SEVERITIES for item in wanted):
        yield Problem(f"{place}.severities", f"is {wanted!r}", "a list of " + ", ".join(SEVERITIES))
    only = receiver.get("alerts", [])
    if not isinstance(only, list):
        yield Problem(f"{place}.alerts", f"is {only!r}", "a list of names of alerts, such as [TunnelDown]")
    else:
        yield from (unknown(f"{place}.alerts", alert) for alert in only if alert not in RULES)
    if "repeat" in receiver and not _is_time(receiver["repeat"]):
        yield Problem(f"{place}.repeat", f"is {receiver['repeat']!r}", "a duration with its unit, such as 12h")
    for key in BOOLEAN:
        if not isinstance(receiver.get(key, True), bool):
            yield Problem(f"{place}.{key}", f"is {receiver[key]!r}", "true or false")
    if receiver.get("watchdog") is True and (only or "severities" in receiver):
        reason = "is true, and such a receiver gets the Watchdog and nothing else"
        yield Problem(f"{place}.watchdog", reason, "a receiver of its own, without severities and alerts")


def _is_time(value: Any) -> bool:
    return bool(DURATION.fullmatch(str(value))) and str(value)[0] != "0"


def _expected(option: str) -> str:
    if option == "to":
        return "an address, or a list of addresses"
    return FORMS[option][1] if option in FORMS else "an address such as https://hooks.media.example.org/alerts"


def _option(place: str, option: str, value: Any, *, secret: bool) -> Iterable[Problem]:
    shown = "has not the form of one" if secret else f"is {value!r}"
    values = value if option == "to" and isinstance(value, list) else [value]
    if any(placeholder(item) for item in values):
        yield Problem(place, "still holds a placeholder", _expected(option))
    elif option == "to":
        if not all(isinstance(item, str) and EMAIL.fullmatch(item) for item in values):
            yield Problem(place, shown, _expected(option))
    elif option == "url":
        if not _is_url(value):
            yield Problem(place, shown, _expected(option))
    elif isinstance(value, bool) or not re.fullmatch(FORMS[option][0], str(value)):
        yield Problem(place, shown, _expected(option))


def _is_url(value: Any) -> bool:
    try:
        parts = urlsplit(str(value))
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and parts.port != 0
            and not placeholder(parts.hostname)
            and not re.search(r"\s", str(value))
        )
    except ValueError:
        return False


def _login(place: str, receiver: Receiver) -> Iterable[Problem]:
    username, password = receiver.get("username"), receiver.get("password")
    if username and not password:
        yield Problem(f"{place}.password", "is missing, and username is there", _expected("password"))
    if password and not username:
        yield Problem(f"{place}.username", "is missing, and password is there", _expected("username"))
    if receiver.get("token") and (username or password):
        yield Problem(f"{place}.token", "is there beside username and password", "one of the two")
    if receiver["type"] == "mail" and password and receiver.get("tls", True) is False:
        yield Problem(f"{place}.tls", "is false, and the password would go in clear text", "true")
