# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the proxy role's lists: hosts of other machines, redirections, access lists, options of pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.declaration import ACCESS, SCHEMES, is_port
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem
from ansible_collections.homelab.media.plugins.module_utils.proxy import Settings, user_secret
from ansible_collections.homelab.media.plugins.module_utils.proxy_words import (
    LABEL,
    SIZE,
    TIME,
    is_host,
    is_network,
    names,
    placeholder,
    unknown,
)

EXTRA_KEYS = ("names", "scheme", "host", "port", "access", "groups", "access_list", "max_body", "timeout", "any_path")
OPTION_KEYS = ("access_list", "max_body", "timeout", "any_path", "server", "location")
LIST_KEYS = ("name", "allow", "deny", "users", "satisfy_any")
REDIRECTION_KEYS = ("names", "to", "scheme", "code", "keep_path")
CODES = (300, 301, 302, 303, 307, 308)


def problems(settings: Settings) -> Iterable[Problem]:
    """Return everything in the lists that cannot work."""
    lists = _named(settings["proxy_access_lists"])
    taken: dict[str, str] = {}
    yield from _access_lists(settings["proxy_access_lists"])
    for place, entry in _entries("proxy_extra_hosts", settings["proxy_extra_hosts"]):
        yield from _extra_host(place, entry, lists, str(settings["media_domain"]))
        yield from _once(f"{place}.names", entry.get("names"), taken)
    for place, entry in _entries("proxy_redirections", settings["proxy_redirections"]):
        yield from _redirection(place, entry)
        yield from _once(f"{place}.names", entry.get("names"), taken)
    for index, value in enumerate(settings["proxy_dead_hosts"]):
        yield from names(f"proxy_dead_hosts[{index}]", value)
        yield from _once(f"proxy_dead_hosts[{index}]", value, taken)
    for service, entry in settings["proxy_host_options"].items():
        place = f"proxy_host_options.{service}"
        if not isinstance(entry, Mapping):
            yield Problem(place, f"is a {type(entry).__name__}", f"a dictionary with {', '.join(OPTION_KEYS)}")
            continue
        yield from unknown(place, entry, OPTION_KEYS)
        yield from _options(place, entry, lists)


def page_problems(
    pages: Iterable[Mapping[str, Any]], sign_on: Mapping[str, Any], settings: Settings
) -> Iterable[Problem]:
    """Return what opens a page behind a sign-on: that there is none, or a list by which somebody passes it."""
    pages, lists = list(pages), _named(settings["proxy_access_lists"])
    services = sorted({str(page["service"]) for page in pages} - {""})
    for service in settings["proxy_host_options"]:
        if service not in services:
            yield Problem(f"proxy_host_options.{service}", "has no page", f"one of {', '.join(services)}")
    for page in pages:
        if page["access"] in ("one_factor", "two_factor") and not sign_on:
            yield Problem(", ".join(page["names"]), f"is {page['access']}, without a sign-on", "the role authelia")
        yield from _passes(page, lists, settings["proxy_host_options"].get(page["service"]) or {})


def certificate_problems(names_in_it: Iterable[str], settings: Settings) -> Iterable[Problem]:
    """Return the names that the host's own authority cannot sign for."""
    domain = str(settings["media_domain"]).lower()
    if settings["proxy_certificate"] != "self_signed":
        return []
    expected = f"a name below {domain}, or proxy_certificate: own or letsencrypt"
    reason = "is not below media_domain, and the authority of this host signs for nothing else"
    return [Problem(name, reason, expected) for name in names_in_it if not f".{name}".endswith(f".{domain}")]


def _passes(
    page: Mapping[str, Any], lists: Mapping[str, Mapping[str, Any]], options: Mapping[str, Any]
) -> Iterable[Problem]:
    entry = lists.get(str(options.get("access_list") or ""))
    if entry and page["access"] not in ("bypass", "portal") and (entry.get("users") or entry.get("satisfy_any")):
        reason = f"is the list of {', '.join(page['names'])}, which has a sign-on, and has passwords of its own"
        expected = "a list of addresses alone, or access: bypass for the page"
        yield Problem(f"proxy_access_lists: {entry['name']}", reason, expected)


def _entries(variable: str, value: Any) -> Iterable[tuple[str, Mapping[str, Any]]]:
    return [(f"{variable}[{index}]", entry) for index, entry in enumerate(value) if isinstance(entry, Mapping)]


def _named(value: Any) -> dict[str, Mapping[str, Any]]:
    return {str(entry.get("name")): entry for _place, entry in _entries("", value)}


def _once(place: str, value: Any, taken: dict[str, str]) -> Iterable[Problem]:
    for name in [value] if isinstance(value, str) else value or ():
        if str(name).lower() in taken:
            yield Problem(place, f"has {name}, as {taken[str(name).lower()]} has", "each name once")
        taken[str(name).lower()] = place


def _extra_host(
    place: str, entry: Mapping[str, Any], lists: Mapping[str, Mapping[str, Any]], domain: str
) -> Iterable[Problem]:
    yield from unknown(place, entry, EXTRA_KEYS)
    yield from names(f"{place}.names", entry.get("names"))
    if not is_host(entry.get("host") or ""):
        yield Problem(f"{place}.host", f"is {entry.get('host')!r}", "the address or the name of a machine")
    if not is_port(entry.get("port")):
        yield Problem(f"{place}.port", f"is {entry.get('port')!r}", "a port from 1 to 65535")
    if entry.get("scheme", "http") not in SCHEMES:
        yield Problem(f"{place}.scheme", f"is {entry['scheme']!r}", f"one of {', '.join(SCHEMES)}")
    access = entry.get("access", "two_factor")
    if access not in ACCESS:
        yield Problem(f"{place}.access", f"is {access!r}", f"one of {', '.join(ACCESS)}")
    if not isinstance(entry.get("groups", []), list):
        yield Problem(f"{place}.groups", f"is {entry['groups']!r}", "a list of groups")
    given = entry.get("names")
    for name in [given] if isinstance(given, str) else given or ():
        # The sign-on's cookie reaches no further.
        if access in ("one_factor", "two_factor") and not f".{str(name).lower()}".endswith(f".{domain.lower()}"):
            yield Problem(f"{place}.names", f"has {name}, where no sign-on reaches", f"a name below {domain}")
    yield from _options(place, entry, lists)
    wanted = {"names": [str(given)], "access": access}
    yield from _passes(wanted, lists, entry)


def _options(place: str, entry: Mapping[str, Any], lists: Mapping[str, Any]) -> Iterable[Problem]:
    name = entry.get("access_list")
    if name and str(name) not in lists:
        expected = f"one of {', '.join(lists)}" if lists else "a list of proxy_access_lists"
        yield Problem(f"{place}.access_list", f"is {name!r}", expected)
    if entry.get("max_body") is not None and not SIZE.fullmatch(str(entry["max_body"])):
        yield Problem(f"{place}.max_body", f"is {entry['max_body']!r}", "a size such as 500m, or 0 for any")
    if entry.get("timeout") is not None and not TIME.fullmatch(str(entry["timeout"])):
        yield Problem(f"{place}.timeout", f"is {entry['timeout']!r}", "a time such as 60s")


def _redirection(place: str, entry: Mapping[str, Any]) -> Iterable[Problem]:
    yield from unknown(place, entry, REDIRECTION_KEYS)
    yield from names(f"{place}.names", entry.get("names"))
    if not is_host(str(entry.get("to") or "").partition("/")[0]):
        yield Problem(f"{place}.to", f"is {entry.get('to')!r}", "the name that it leads to")
    if entry.get("scheme", "auto") not in ("auto", *SCHEMES):
        yield Problem(f"{place}.scheme", f"is {entry['scheme']!r}", "auto, http or https")
    if entry.get("code", 301) not in CODES:
        yield Problem(f"{place}.code", f"is {entry['code']!r}", f"one of {', '.join(map(str, CODES))}")


def _access_lists(value: Any) -> Iterable[Problem]:
    seen: dict[str, str] = {}
    secrets: dict[str, str] = {}
    for place, entry in _entries("proxy_access_lists", value):
        yield from unknown(place, entry, LIST_KEYS)
        name = str(entry.get("name") or "")
        if not LABEL.fullmatch(name):
            yield Problem(f"{place}.name", f"is {entry.get('name')!r}", "letters, digits, blanks, and . _ -")
        if name in seen:
            yield Problem(f"{place}.name", f"is {name!r}, as {seen[name]} is", "a name for each")
        seen[name] = place
        if not any(entry.get(key) for key in ("allow", "users")):
            yield Problem(place, "lets nobody in", "allow or users")
        for key in ("allow", "deny"):
            addresses = entry.get(key) or []
            bad = (
                [entry for entry in addresses if not is_network(entry)] if isinstance(addresses, list) else [addresses]
            )
            yield from (Problem(f"{place}.{key}", f"has {one!r}", "addresses such as 192.168.1.0/24") for one in bad)
        users = entry.get("users") or {}
        if not isinstance(users, Mapping):
            yield Problem(f"{place}.users", f"is a {type(users).__name__}", "passwords by their users")
            continue
        for user, password in users.items():
            if ":" in str(user) or not str(user).strip():
                yield Problem(f"{place}.users", f"has {user!r}", "names without a colon")
            if not isinstance(password, str) or not password.strip() or placeholder(password):
                expected = "the password itself, from a vault"
                yield Problem(f"{place}.users.{user}", "is no text, or still holds a placeholder", expected)
            secret = user_secret(name, str(user))
            if secret in secrets:
                yield Problem(f"{place}.users.{user}", f"is too like {secrets[secret]}", "other letters or digits")
            secrets[secret] = f"{place}.users.{user}"
