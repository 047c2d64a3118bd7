# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is published at the front door, under which name, and who may see it.

The front door is the service with ``api: {kind: proxy_manager}``, the sign-on the one with ``api: {kind: authelia}``.
Every service with a page (``web``) is published, and asks for two factors unless it, or a person, says otherwise: what
nobody thought of is shut.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.declaration import ACCESS, media
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem
from ansible_collections.homelab.media.plugins.module_utils.relations import in_host_network, providers
from ansible_collections.homelab.media.plugins.module_utils.selection import unknown

Services = Mapping[str, Mapping[str, Any]]

#: The kinds of API by which the two are known.
DOOR, SIGN_ON = KINDS = ("proxy_manager", "authelia")
DEFAULT_ACCESS = "two_factor"
#: The access of the sign-on's own page.
PORTAL = "portal"
#: Access for which somebody has to be signed in.
SIGNED_IN = ("one_factor", "two_factor")

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_GROUP = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Rules:
    """What a person says of the pages (variables media_domain, media_names, media_access, media_exempt)."""

    domain: str = ""
    names: Mapping[str, Any] = field(default_factory=dict)
    access: Mapping[str, Any] = field(default_factory=dict)
    exempt: Mapping[str, Any] = field(default_factory=dict)


def network_of(name: str) -> str:
    """Return the closed network on which the front door reaches a service, and which nobody else is on."""
    return f"proxy-{name}"


def front(services: Services) -> str | None:
    """Return the service that is the front door, if one is on."""
    return next(iter(providers(services, DOOR)), None)


def sign_on(services: Services, rules: Rules) -> dict[str, Any]:
    """Return the service that signs people in, and its address; nothing where none is on."""
    for name in providers(services, SIGN_ON):
        names = _names(name, services[name], rules)
        return {"service": name, "url": f"https://{names[0]}", "host": name, "port": _port(services[name])}
    return {}


def pages(
    services: Services, rules: Rules, gateway: str, others: Sequence[Mapping[str, Any]] = ()
) -> list[dict[str, Any]]:
    """Return every page that the front door publishes; none while there is no front door.

    gateway: the host's address as the front door reaches it, for what runs in the host's own network.
    others: pages without a service: static ones, and those of other machines.
    """
    door = front(services)
    if door is None:
        return []
    own = [
        _page(name, service, rules, "127.0.0.1" if name == door else gateway if in_host_network(service) else name)
        for name, service in services.items()
        if media(service).get("web")
    ]
    return [*own, *(_static(page, rules) if is_static(page) else dict(page) for page in others)]


def is_static(page: Mapping[str, Any]) -> bool:
    """Tell whether the front door serves the page itself, from folders of the host."""
    return bool(page.get("static"))


def place(page: Mapping[str, Any], prefix: str) -> str:
    """Return where the front door sees the folder that a static page serves under a prefix."""
    return f"/pages/{page['service']}/{sorted(page['static']).index(prefix)}"


def _static(page: Mapping[str, Any], rules: Rules) -> dict[str, Any]:
    """Return a static page as it is published: the door is its own neighbour."""
    name = str(page["service"])
    policy, groups = _said(rules.access.get(name), page.get("access") or DEFAULT_ACCESS, page.get("groups") or ())
    return {
        "service": name,
        "names": _full(rules.names.get(name) or page.get("names") or name, rules),
        "scheme": "http",
        "host": "127.0.0.1",
        "port": 80,
        "path": "/",
        "access": policy,
        "groups": groups,
        "exempt": [],
        "static": dict(page["static"]),
    }


def mount_static(services: Services, others: Iterable[Mapping[str, Any]], root: str) -> dict[str, dict[str, Any]]:
    """Return the services with the folders of all static pages mounted into the front door, read-only."""
    found = {name: dict(service) for name, service in services.items()}
    door = front(services)
    if door is not None:
        mounts = [
            f"{root}/{folder}:{place(page, prefix)}:ro"
            for page in others
            if is_static(page)
            for prefix, folder in sorted(page["static"].items())
        ]
        found[door]["volumes"] = [*(found[door].get("volumes") or ()), *mounts]
    return found


def _page(name: str, service: Mapping[str, Any], rules: Rules, host: str) -> dict[str, Any]:
    web = media(service)["web"]
    access, groups = access_of(name, service, rules)
    return {
        "service": name,
        "names": _names(name, service, rules),
        "scheme": web.get("scheme") or "http",
        "host": host,
        "port": int(web["port"]),
        "path": web.get("path") or "/",
        "access": access,
        "groups": groups,
        "exempt": list(rules.exempt.get(name) or ()) if access in SIGNED_IN else [],
    }


def access_of(name: str, service: Mapping[str, Any], rules: Rules) -> tuple[str, list[str]]:
    """Return the policy of a service's page and the groups that may see it, none of which means everybody."""
    if (media(service).get("api") or {}).get("kind") == SIGN_ON:
        return PORTAL, []
    policy, groups = media(service).get("access") or DEFAULT_ACCESS, media(service).get("groups") or ()
    return _said(rules.access.get(name), policy, groups)


def _said(said: Any, policy: str, groups: Iterable[str]) -> tuple[str, list[str]]:
    """Return the policy and the groups of a page with what a person says laid over what was declared."""
    if isinstance(said, str):
        return said, list(groups)
    if isinstance(said, Mapping):
        return said.get("policy") or policy, list(said.get("groups", groups) or ())
    return policy, list(groups)


def behind_sign_on(services: Services, rules: Rules) -> dict[str, dict[str, Any]]:
    """Return the services with what they declare for the case that a sign-on stands before their page."""
    guarded = front(services) is not None and bool(providers(services, SIGN_ON))
    found = {}
    for name, service in services.items():
        found[name] = dict(service)
        extra = (media(service).get("behind_sign_on") or {}).get("environment")
        if guarded and extra and access_of(name, service, rules)[0] in SIGNED_IN:
            found[name]["environment"] = {**(service.get("environment") or {}), **extra}
    return found


def problems(
    services: Services, rules: Rules, known: Sequence[str], others: Sequence[Mapping[str, Any]] = (), *, whole: bool
) -> list[Problem]:
    """Return what is wrong with the names and rules of the pages.

    known: all services that a person may name, chosen or not; whole: there are no others.
    others: pages of other machines.
    """
    found = _form_problems(rules)
    if whole:
        for variable, said in (
            ("media_names", rules.names),
            ("media_access", rules.access),
            ("media_exempt", rules.exempt),
        ):
            found += unknown(variable, set(said) - set(known), known)
    if found or front(services) is None:
        return found
    if not rules.domain:
        expected = "a domain of yours such as media.example.org, or no proxy in media_services"
        return [Problem("media_domain", "is empty, and every page is published below it", expected)]
    published = pages(services, rules, "", others)
    signing = [name for name in providers(services, SIGN_ON) if name in rules.access]
    return [
        *(
            Problem(f"media_access.{name}", "is for the sign-on itself, which everybody has to see", "no such entry")
            for name in signing
        ),
        *_name_problems(published, rules.domain),
        *_exempt_problems(services, rules),
        *_unguarded(services, published),
    ]


def _form_problems(rules: Rules) -> list[Problem]:
    found = []
    for name, said in rules.names.items():
        names = [said] if isinstance(said, str) else said
        if not isinstance(names, list) or not names or not all(_is_name(item) for item in names):
            expected = "a name such as tv, or a list of names; one with a dot is a whole name"
            found.append(Problem(f"media_names.{name}", f"is {said!r}", expected))
    for name, said in rules.access.items():
        policy, groups = (said.get("policy"), said.get("groups")) if isinstance(said, Mapping) else (said, None)
        if isinstance(said, Mapping) and not set(said) <= {"policy", "groups"}:
            found.append(Problem(f"media_access.{name}", f"has {', '.join(map(str, said))}", "policy and groups"))
        if policy is not None and policy not in ACCESS:
            found.append(Problem(f"media_access.{name}", f"is {policy!r}", "one of " + ", ".join(ACCESS)))
        if groups is not None and not _are_groups(groups):
            found.append(Problem(f"media_access.{name}.groups", f"is {groups!r}", "a list of groups, such as [family]"))
    for name, said in rules.exempt.items():
        if not isinstance(said, list) or not all(isinstance(item, str) for item in said):
            found.append(Problem(f"media_exempt.{name}", f"is {said!r}", "a list of paths such as [/api/]"))
    return found


def _exempt_problems(services: Services, rules: Rules) -> list[Problem]:
    """Only what an application guards by a key of its own may be let past the sign-on."""
    found = []
    for name, paths in rules.exempt.items():
        keyed = list((media(services[name]).get("web") or {}).get("keyed") or ()) if name in services else paths
        expected = "one of " + ", ".join(keyed) if keyed else "nothing: this service guards no path by a key of its own"
        found += [
            Problem(f"media_exempt.{name}", f"names {path!r}, which the service does not guard itself", expected)
            for path in paths
            if path not in keyed
        ]
    return found


def _name_problems(published: Iterable[Mapping[str, Any]], domain: str) -> list[Problem]:
    found = []
    taken: dict[str, str] = {}
    for page in published:
        place = f"media_names.{page['service']}" if page["service"] else str(page["names"][0])
        for name in page["names"]:
            if name in taken:
                reason = f"{name} is the name of {taken[name]} already"
                found.append(Problem(place, reason, "a name that no other page has"))
            taken.setdefault(name, page["service"] or "another machine")
            if not name.endswith(f".{domain}") and page["access"] in (*SIGNED_IN, PORTAL):
                reason = f"{name} is outside of {domain}, where nobody can be signed in"
                found.append(Problem(place, reason, f"a name below {domain}"))
    return found


def _unguarded(services: Services, published: Iterable[Mapping[str, Any]]) -> list[Problem]:
    """Nothing is published without the sign-on that it asks for."""
    wanting = [page["service"] or page["names"][0] for page in published if page["access"] in SIGNED_IN]
    if providers(services, SIGN_ON) or not wanting:
        return []
    reason = f"has the front door and no sign-on, which these pages ask for: {', '.join(wanting)}"
    return [Problem("media_services", reason, "authelia too, or media_access: {NAME: bypass or deny} for each of them")]


def _names(name: str, service: Mapping[str, Any], rules: Rules) -> list[str]:
    return _full(rules.names.get(name) or (media(service).get("web") or {}).get("name") or name, rules)


def _full(said: Any, rules: Rules) -> list[str]:
    """Return whole names: one without a dot is below the domain."""
    names = [said] if isinstance(said, str) else list(said)
    return [item if "." in item else f"{item}.{rules.domain}" for item in names]


def _port(service: Mapping[str, Any]) -> int:
    return int((media(service).get("web") or {}).get("port") or 0)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and all(_LABEL.fullmatch(label) for label in value.split("."))


def _are_groups(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and _GROUP.fullmatch(item) for item in value)
