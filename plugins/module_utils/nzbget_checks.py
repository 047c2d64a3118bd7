# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the role's variables, all at once. Never repeats the value of a secret."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import nzbget_names
from ansible_collections.homelab.media.plugins.module_utils.nzbget import (
    Settings,
    given,
    secret_name,
    server_name,
    text,
)
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem

SERVER_KEYS = nzbget_names.words(
    "name host port encryption username password connections level optional group retention active "
    "cert_verification ip_version"
)
CATEGORY_KEYS = ["name", "aliases", "unpack"]
BOOLEANS = ("yes", "no", "true", "false")

#: The range of each whole number that NZBGet takes.
NUMBERS = {
    "nzbget_port": (1, 65535),
    "nzbget_article_cache": (0, 65536),
    "nzbget_disk_space": (0, 10_000_000),
    "nzbget_download_rate": (0, 10_000_000),
    "nzbget_keep_history": (1, 25000),
}
SERVER_NUMBERS = {
    "port": (1, 65535),
    "connections": (1, 999),
    "level": (0, 99),
    "group": (0, 99),
    "retention": (0, 100_000),
}
SERVER_CHOICES = {"cert_verification": ("strict", "minimal", "none"), "ip_version": ("auto", "ipv4", "ipv6")}
HEALTH_CHECKS = ("park", "pause", "delete", "none")

#: Options that have a variable of their own, or that hold what a plain variable must not.
ELSEWHERE = {
    "controlusername": "nzbget_username",
    "controlpassword": "nzbget_password",
    "controlport": "nzbget_port",
    "restrictedusername": "nzbget_restricted_username",
    "restrictedpassword": "nzbget_restricted_password",
    "umask": "media_umask",
}
NUMBERED_ELSEWHERE = {"Server": "nzbget_news_servers", "Category": "nzbget_categories"}

_PLACEHOLDER = re.compile(
    r"change[ _-]?(me|this|it)|^<.*>$|^\{\{.*\}\}$|placeholder|^x{3,}$|^\*{3,}$|^todo$|^(your|my)[ ._-]|"
    r"(^|\.)example\.(com|net|org)$|^tegbzn6789$",
    re.IGNORECASE,
)
_MEMORY = re.compile(r"^(\d+)\s*([kmg])b?$", re.IGNORECASE)
_MEGABYTES = {"k": 1 / 1024, "m": 1, "g": 1024}


def problems(settings: Settings) -> list[Problem]:
    """Return everything in the role's variables that cannot work, or was never filled in."""
    return [
        *_access(settings),
        *(p for name, limits in NUMBERS.items() for p in _number(name, settings.get(name), limits)),
        *_umask(settings.get("media_umask")),
        *_choice("nzbget_health_check", settings.get("nzbget_health_check"), HEALTH_CHECKS),
        *_boolean("nzbget_direct_unpack", settings.get("nzbget_direct_unpack")),
        *_memory(settings),
        *_servers(settings.get("nzbget_news_servers")),
        *_categories(settings.get("nzbget_categories"), settings.get("media_categories") or ()),
        *_options(settings.get("nzbget_options")),
    ]


def _access(settings: Settings) -> Iterable[Problem]:
    users = ("nzbget_username", "nzbget_restricted_username")
    for variable in users:
        value = text(settings.get(variable))
        if not re.fullmatch(r"[^\s:]+", value):
            yield Problem(variable, f"is {value!r}", "a user name without blanks and colons, such as nzbget")
        else:
            yield from _line(variable, settings.get(variable))
    if text(settings.get(users[0])) == text(settings.get(users[1])):
        yield Problem(users[1], f"is the same as {users[0]}", "a name of its own, such as apps")
    for variable in ("nzbget_password", "nzbget_restricted_password"):
        if given(settings.get(variable)):
            yield from _password(variable, settings[variable])


def _password(variable: str, value: Any) -> Iterable[Problem]:
    wanted = "the password itself, from a vault, on one line and without blanks around it"
    if isinstance(value, (dict, list, bool)):
        yield Problem(variable, f"is a {type(value).__name__}", wanted)
    elif _PLACEHOLDER.search(str(value)):
        yield Problem(variable, "still holds a placeholder or a password that everybody knows", wanted)
    elif _unkeepable(str(value)):
        yield Problem(variable, "has blanks around it or more than one line, which NZBGet's file cannot keep", wanted)
    elif "${" in str(value):
        yield Problem(variable, "contains ${, which NZBGet takes for a reference to an option", wanted)


def _unkeepable(value: str) -> bool:
    line = value.rstrip("\r\n")  # the line end of a YAML block is not meant, and not stored
    return line != line.strip() or "\n" in line or "\r" in line


def _line(variable: str, value: Any) -> Iterable[Problem]:
    """Check text that is no secret: filled in, and on one line."""
    if isinstance(value, (dict, list)):
        yield Problem(variable, f"is a {type(value).__name__}", "one value")
    elif _PLACEHOLDER.search(text(value)):
        yield Problem(variable, f"still holds the placeholder {text(value)!r}", "your own value")
    elif re.search(r"[\r\n]", text(value)):
        yield Problem(variable, "has more than one line, which NZBGet's file cannot keep", "one line")


def _number(variable: str, value: Any, limits: tuple[int, int]) -> Iterable[Problem]:
    low, high = limits
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,9}", text(value)) or not low <= int(text(value)) <= high:
        yield Problem(variable, f"is {value!r}", f"a whole number from {low} to {high}")


def _choice(variable: str, value: Any, choices: Iterable[str]) -> Iterable[Problem]:
    if value not in choices:
        yield Problem(variable, f"is {value!r}", "one of " + ", ".join(choices))


def _boolean(variable: str, value: Any) -> Iterable[Problem]:
    if text(value).lower() not in BOOLEANS:
        yield Problem(variable, f"is {value!r}", "true or false")


def _umask(value: Any) -> Iterable[Problem]:
    if not re.fullmatch(r"[0-7]{3,4}", text(value)) or int(text(value), 8) > 0o777:
        yield Problem("media_umask", f"is {value!r}", 'an octal mask in quotes, such as "002"')


def _memory(settings: Settings) -> Iterable[Problem]:
    limit = _MEMORY.match(text(settings.get("nzbget_memory")))
    cache = text(settings.get("nzbget_article_cache"))
    if limit and cache.isdigit() and int(cache) * 2 > int(limit[1]) * _MEGABYTES[limit[2].lower()]:
        reason = f"is {cache} MB, more than half of nzbget_memory ({settings['nzbget_memory']})"
        yield Problem("nzbget_article_cache", reason, "at most half of it: unpacking and repair need the rest")


def _servers(servers: Any) -> Iterable[Problem]:
    if not isinstance(servers, list):
        yield Problem("nzbget_news_servers", f"is a {type(servers).__name__}", "a list of news servers")
        return
    for index, server in enumerate(servers):
        variable = f"nzbget_news_servers[{index}]"
        if isinstance(server, Mapping):
            yield from _server(variable, server)
        else:
            yield Problem(variable, f"is a {type(server).__name__}", "a news server: host, username, password ...")
    names: set[str] = set()
    for index, server in enumerate(servers):
        if isinstance(server, Mapping):
            name = secret_name(server)
            if name in names:
                reason = f"is {server_name(server)!r}, too much like the name of another server"
                yield Problem(f"nzbget_news_servers[{index}].name", reason, "a name that no other server has")
            names.add(name)


def _server(variable: str, server: Mapping[str, Any]) -> Iterable[Problem]:
    for key in server:
        if key not in SERVER_KEYS:
            yield Problem(f"{variable}.{key}", "is no key of a news server", "one of " + ", ".join(SERVER_KEYS))
    host = text(server.get("host"))
    if not host:
        yield Problem(f"{variable}.host", "is missing", "the address that your provider gives")
    elif not re.fullmatch(r"[A-Za-z0-9._:-]+", host) and not _PLACEHOLDER.search(host):
        yield Problem(f"{variable}.host", f"is {host!r}", "a host name or an IP address, with no port or scheme")
    for key in ("name", "host", "username"):
        yield from _line(f"{variable}.{key}", server.get(key))
    for key, limits in SERVER_NUMBERS.items():
        if key in server:
            yield from _number(f"{variable}.{key}", server[key], limits)
    for key, choices in SERVER_CHOICES.items():
        if key in server:
            yield from _choice(f"{variable}.{key}", server[key], choices)
    for key in ("encryption", "optional", "active"):
        if key in server:
            yield from _boolean(f"{variable}.{key}", server[key])
    if given(server.get("password")):
        yield from _password(f"{variable}.password", server["password"])
    for key, other in (("username", "password"), ("password", "username")):
        if given(server.get(other)) and not given(server.get(key)):
            yield Problem(f"{variable}.{key}", f"is missing, and {other} is set", "both, or none of the two")


def _categories(categories: Any, known: Iterable[str]) -> Iterable[Problem]:
    if not isinstance(categories, list):
        yield Problem("nzbget_categories", f"is a {type(categories).__name__}", "a list of {name, aliases, unpack}")
        return
    seen: set[str] = set()
    for index, category in enumerate(categories):
        variable = f"nzbget_categories[{index}]"
        if not isinstance(category, Mapping):
            yield Problem(variable, f"is a {type(category).__name__}", "a category: {name: tv, aliases: [TV*]}")
            continue
        name = text(category.get("name"))
        if name not in known:
            expected = "one of media_categories (" + ", ".join(known) + "); its folders come from there"
            yield Problem(f"{variable}.name", f"is {name!r}", expected)
        elif name in seen:
            yield Problem(f"{variable}.name", f"is {name!r} a second time", "one entry for a category")
        seen.add(name)
        for key in category:
            if key not in CATEGORY_KEYS:
                yield Problem(f"{variable}.{key}", "is no key of a category", "one of " + ", ".join(CATEGORY_KEYS))
        if "unpack" in category:
            yield from _boolean(f"{variable}.unpack", category["unpack"])
        if not isinstance(category.get("aliases", []), list):
            yield Problem(f"{variable}.aliases", f"is {category['aliases']!r}", 'a list, such as ["TV*"]')


def _options(options: Any) -> Iterable[Problem]:
    if not isinstance(options, Mapping):
        yield Problem("nzbget_options", f"is a {type(options).__name__}", "a dictionary of NZBGet's options")
        return
    for key, value in options.items():
        name = str(key)
        variable = f"nzbget_options.{name}"
        numbered = nzbget_names.entry(name)
        instead = NUMBERED_ELSEWHERE.get(numbered[0]) if numbered else ELSEWHERE.get(name.lower())
        if instead:
            yield Problem(variable, "has a variable of its own", f"the value in {instead}")
        elif not nzbget_names.is_known(name):
            yield Problem(variable, "is no option of NZBGet", nzbget_names.suggestion(name))
        elif nzbget_names.is_secret(name):
            yield Problem(variable, "holds a secret", "the value on NZBGet's own settings page, where it is kept")
        else:
            yield from _line(variable, value)
