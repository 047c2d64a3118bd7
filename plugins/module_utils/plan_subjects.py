# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom a change is about: from its subject, as the modules tell it, to a service; or to the host itself.

Modules tell of paths, of pages, of entries that begin with a service's or a program's name. What belongs to whom is in
``media_plan``; nothing here knows the name of a service.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

#: What is about no service: accounts, folders of all, units, packages.
HOST = ""

#: Roles whose tasks are about the host, unless a path or a name says whose it is.
OF_THE_HOST = ("", "host", "stack")

#: What a module adds to the path of a folder when it tells of all that is in it.
CONTENTS = " (contents)"


@dataclass(frozen=True)
class House:
    """What belongs to whom on one host."""

    root: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)  # service -> role
    main: Mapping[str, str] = field(default_factory=dict)  # role -> the service that it is about
    state: Mapping[str, str] = field(default_factory=dict)  # folder below root -> service
    mounts: Mapping[str, frozenset[str]] = field(default_factory=dict)  # path on the host -> services that see it
    secrets: Mapping[str, frozenset[str]] = field(default_factory=dict)  # name -> services that are opened with it
    pages: Mapping[str, str] = field(default_factory=dict)  # published name -> service

    @classmethod
    def of(cls, plan: Mapping[str, Any], gone: Iterable[str] = ()) -> House:
        """Read the fact media_plan. gone: services that the run takes away, which are in no plan any more."""
        services: Mapping[str, Mapping[str, Any]] = plan.get("services") or {}
        given: Mapping[str, str] = plan.get("roles") or {}
        gone = [name for name in gone if name not in given]
        return cls(
            root=_root(services),
            roles={**dict.fromkeys(gone, ""), **given},
            main=_main(services, given),
            state={folder: name for name, service in services.items() for folder in _media(service).get("state") or ()},
            mounts=_by_key((source, name) for name, service in services.items() for source in _sources(service)),
            secrets=_by_key((secret, name) for name, service in services.items() for secret in _opened_with(service)),
            pages={
                **{f"{name}.{plan.get('domain') or ''}": name for name in gone},
                **{
                    str(host).lower(): str(page["service"])
                    for page in plan.get("pages") or ()
                    if page.get("service") in given
                    for host in page.get("names") or ()
                },
            },
        )


def about(subject: str, role: str, house: House) -> str:
    """Return the service that the subject of a change is about, or HOST.

    role: the role whose task has told it, without the collection's name; empty for a task of no role.
    """
    if subject in house.roles:
        return subject
    if subject.startswith("/"):
        return _of_path(subject, house)
    before, colon, _rest = subject.partition(": ")
    if colon and before in house.roles:
        return before
    if role in OF_THE_HOST:
        return HOST
    return _of_page(subject, house) or _of_program(subject, house) or house.main.get(role, HOST)


def failed(message: str, role: str, house: House) -> list[str]:
    """Return the services that a failed task speaks of; HOST where it speaks of none.

    Modules tell all problems at once, each in a line that begins with a dash and the variable or service.
    """
    lines = message.splitlines()
    told = [line.strip()[2:] for line in lines if re.match(r"\s*- ", line)] or lines[:1] or [""]
    return sorted({_of_problem(line, role, house) for line in told})


def _of_problem(line: str, role: str, house: House) -> str:
    name = line.partition(": ")[0]
    return about(name if name in house.roles or name.startswith("/") else line, role, house)


def _of_path(subject: str, house: House) -> str:
    path = subject[: -len(CONTENTS)] if subject.endswith(CONTENTS) else subject
    if not house.root or not path.startswith(f"{house.root}/"):
        return HOST
    place = path[len(house.root) + 1 :]
    kind, _slash, rest = place.partition("/")
    name = rest.partition("/")[0]
    if kind == "secrets":
        return _of_secret(name, house)
    if kind == "compose":
        return _only(house, name.rpartition(".")[0])
    if kind not in ("config", "state") or not name:
        return HOST
    for folder in _upwards(place):
        if folder in house.state:
            return house.state[folder]
    if name in house.roles:
        return name
    for folder in _upwards(path):
        seen_by = house.mounts.get(folder, frozenset())
        if len(seen_by) == 1:
            return next(iter(seen_by))
    return house.main.get(name, HOST)


def _of_secret(name: str, house: House) -> str:
    """Return the service that is opened with a secret; of several, or of none, the one that its name names."""
    users = house.secrets.get(name, frozenset())
    if len(users) == 1:
        return next(iter(users))
    named = [service for service in users or house.roles if f"_{service.replace('-', '_')}_" in f"_{name}_"]
    return max(named, key=len, default=HOST)


def _of_page(subject: str, house: House) -> str:
    for word in subject.split():
        name = house.pages.get(word.strip(",:").lower())
        if name:
            return name
    return HOST


def _of_program(subject: str, house: House) -> str:
    """Return the service whose name a subject begins with, in whatever spelling: NZBGet, Grafana's."""
    first = (subject.split() or [""])[0].rstrip(":").lower()
    first = first[:-2] if first.endswith("'s") else first
    return first if first in house.roles else HOST


def _main(services: Mapping[str, Mapping[str, Any]], roles: Mapping[str, str]) -> dict[str, str]:
    """Return, by role, the service of its name, or the only one that is no part of another."""
    found = {}
    for role in set(roles.values()):
        whole = [name for name in roles if roles[name] == role and not _media(services.get(name) or {}).get("part_of")]
        if role in whole or len(whole) == 1:
            found[role] = role if role in whole else whole[0]
    return found


def _only(house: House, role: str) -> str:
    """Return the service of a role that has one alone: what is written for a role is for all of its services."""
    names = [name for name, owner in house.roles.items() if owner == role]
    return names[0] if len(names) == 1 else HOST


def _upwards(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(len(parts), 0, -1)]


def _root(services: Mapping[str, Mapping[str, Any]]) -> str:
    """Return media_root: what is before a service's own state folder where the service has it mounted."""
    for service in services.values():
        for folder in _media(service).get("state") or ():
            for source in _sources(service):
                if source.endswith(f"/{folder}"):
                    return source[: -len(folder) - 1]
    return ""


def _sources(service: Mapping[str, Any]) -> list[str]:
    """Return the paths of the host that a service has mounted."""
    volumes = service.get("volumes") or ()
    found = [
        str(volume.get("source") or "") if isinstance(volume, Mapping) else str(volume).partition(":")[0]
        for volume in volumes
    ]
    return [source for source in found if source.startswith("/")]


def _opened_with(service: Mapping[str, Any]) -> list[str]:
    """Return the names of the secrets that a service has mounted, or that open its API."""
    mounted = service.get("secrets") or ()
    names = [str(secret.get("source") or "") if isinstance(secret, Mapping) else str(secret) for secret in mounted]
    api = _media(service).get("api") or {}
    return [*names, *(str(api[key]) for key in ("key", "password", "token") if api.get(key))]


def _media(service: Mapping[str, Any]) -> Mapping[str, Any]:
    return service.get("x-media") or {}


def _by_key(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for key, name in pairs:
        found.setdefault(key, set()).add(name)
    return {key: frozenset(names) for key, names in found.items()}
