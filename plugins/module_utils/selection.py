# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of the declared services a host runs, and which of them this run is about."""

from __future__ import annotations

import difflib
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.declaration import media
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem

Services = Mapping[str, Mapping[str, Any]]

#: The phases of a run, in order; each is a tag.
PHASES = ("declare", "render", "up", "wire", "verify")


def owner(name: str, services: Services) -> str:
    """Return the service that a person names to mean this one: itself, or what it is part of."""
    return str(media(services[name]).get("part_of") or name)


def known_names(services: Services) -> list[str]:
    """Return the names that a person may use: those of services that are not part of another."""
    return sorted(name for name in services if owner(name, services) == name)


def choose(
    services: Services, wanted: Any, disabled: Sequence[str], *, whole: bool = True
) -> tuple[list[str], list[Problem]]:
    """Return the names of the services to run, and what is wrong with the choice.

    wanted: media_services, the word "all" or a list of names.
    disabled: media_services_disabled, names taken out again.
    whole: these are all services that there are. A role by itself cannot tell whether another has a name.
    """
    known = known_names(services)
    found: list[Problem] = []
    if wanted == "all":
        picked = set(known)
    elif isinstance(wanted, (list, tuple)) and all(isinstance(name, str) for name in wanted):
        picked = set(wanted)
        found.extend(unknown("media_services", picked - set(known), known) if whole else ())
    else:
        return [], [Problem("media_services", f"is {wanted!r}", 'the word "all" or a list of service names')]
    found.extend(unknown("media_services_disabled", set(disabled) - set(known), known) if whole else ())
    picked -= set(disabled)
    return sorted(name for name in services if owner(name, services) in picked), found


def unknown(variable: str, names: Iterable[str], known: Sequence[str]) -> list[Problem]:
    """Return a problem for each name that no role declares, with the nearest name that one does."""
    found = []
    for name in sorted(names):
        near = difflib.get_close_matches(str(name), known, n=1)
        hint = f"did you mean {near[0]}? Known: " if near else "one of "
        found.append(Problem(variable, f"names {name!r}, which no role declares", hint + ", ".join(known)))
    return found


def needs_problems(services: Services, chosen: Sequence[str]) -> list[Problem]:
    """Return a problem for each service that needs one that is unknown or not chosen."""
    found = []
    for name in chosen:
        for key in ("needs", "talks_to"):
            wanted = list(media(services[name]).get(key) or ())
            found.extend(unknown(f"{name}.x-media.{key}", set(wanted) - set(services), known_names(services)))
            if key == "needs":
                off = [other for other in wanted if other in services and other not in chosen]
                found.extend(
                    Problem(f"{name}.x-media.needs", f"{other} is switched off", f"{other} in media_services")
                    for other in off
                )
    return found


def cycle_problems(services: Services) -> list[Problem]:
    """Return a problem for each circle of services that wait for each other: none of them could ever start."""
    found: dict[frozenset[str], Problem] = {}
    for name in sorted(services):
        circle = _circle(name, services)
        if circle and frozenset(circle) not in found:
            way = " -> ".join([*circle, circle[0]])
            found[frozenset(circle)] = Problem(
                f"{name}.x-media.needs", f"goes round in a circle: {way}", "an end to it"
            )
    return list(found.values())


def _circle(start: str, services: Services) -> list[str]:
    """Return the shortest way by which a service waits for itself, beginning with it."""
    ways = deque([[start]])
    seen: set[str] = set()
    while ways:
        way = ways.popleft()
        for other in _waits_for(services[way[-1]]):
            if other == start:
                return way
            if other in services and other not in seen:
                seen.add(other)
                ways.append([*way, other])
    return []


def _waits_for(service: Mapping[str, Any]) -> list[str]:
    return [*(media(service).get("needs") or ()), *(service.get("depends_on") or ())]


def phases(run_tags: Sequence[str], skip_tags: Sequence[str]) -> list[str]:
    """Return the phases that the tags of this run ask for; tags that name services alone ask for all of them."""
    asked = [phase for phase in PHASES if phase in run_tags] or list(PHASES)
    if "up" in asked and "render" not in asked:
        asked = ["render", *asked]  # what has to be up is known by what was rendered
    return [phase for phase in asked if phase not in skip_tags]


def scope(
    services: Services,
    roles: Mapping[str, str],
    chosen: Sequence[str],
    run_tags: Sequence[str],
    doors: Sequence[str] = (),
) -> list[str]:
    """Return the chosen services that the tags of this run are about: all, unless tags name roles or services.

    roles: the role of each service. doors: services that stand before every page, and come along with each.
    """
    named = [name for name in chosen if {name, owner(name, services), roles[name]} & set(run_tags)]
    speaks_of_services = set(run_tags) & ({*services} | {*roles.values()})
    if not speaks_of_services:
        return list(chosen)
    pages = any(media(services[name]).get("web") for name in named)
    return [name for name in chosen if name in named or (pages and owner(name, services) in doors)]
