# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Watchtower may do about the image of each service: nothing, tell of a new one, or take it.

The service with ``api: {kind: watchtower, updates: MODE, modes: {...}}`` says what holds for plain services. Others are
kept out of it by what they are, not by their names: whoever shares a network namespace, or lends one; the sign-on and
the front door; what is part of another service, such as its database; and Watchtower itself. A service may say in its
own declaration, ``updates: MODE``, how far Watchtower goes with it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.declaration import media
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem
from ansible_collections.homelab.media.plugins.module_utils.relations import providers
from ansible_collections.homelab.media.plugins.module_utils.selection import known_names, unknown

Services = Mapping[str, Mapping[str, Any]]

KIND = "watchtower"
#: From nothing to everything.
MODES = ("off", "notify", "update")
#: The variables of the role that has Watchtower.
DEFAULT, MODES_BY_NAME = "maintenance_updates", "maintenance_update_modes"

LABELS = "com.centurylinklabs.watchtower"
#: By this Watchtower leaves the containers of others alone, whatever labels they have.
SCOPE = "homelab.media"

#: Kinds of API that everybody stands behind, and what has them.
_GATES = {"authelia": "is the sign-on", "proxy_manager": "is the front door", KIND: "is Watchtower itself"}
#: Keys of Compose by which a service lives in a namespace of another one.
_NAMESPACES = ("network_mode", "pid", "ipc")


def word(value: Any) -> Any:
    """Return a mode as it was meant: YAML makes a boolean of off."""
    return "off" if value is False else value


def updater(services: Services) -> str | None:
    """Return the name of the service that updates others, if there is one."""
    return next(iter(providers(services, KIND)), None)


def kept_out(services: Services) -> dict[str, str]:
    """Return the services that Watchtower never renews, each with the reason.

    Watchtower makes a container anew from what the engine tells of it: it knows no health and no kill switch, and a
    namespace that others share is another one afterwards.
    """
    found: dict[str, str] = {}
    for name, service in services.items():
        egress, kind = media(service).get("egress"), (media(service).get("api") or {}).get("kind")
        lenders = list(_lenders(service))
        if egress == "pod" or (egress == "vpn" and not lenders):
            found[name] = "is behind the VPN"
        elif lenders:
            found[name] = f"shares a namespace with {lenders[0]}"
        elif kind in _GATES:
            found[name] = _GATES[str(kind)]
        elif media(service).get("part_of"):
            found[name] = f"is part of {media(service)['part_of']}"
        for lender in lenders:
            found.setdefault(lender, f"lends {name} a namespace")
    return {name: reason for name, reason in found.items() if name in services}


def _lenders(service: Mapping[str, Any]) -> Iterator[str]:
    for key in _NAMESPACES:
        kind, _colon, name = str(service.get(key) or "").partition(":")
        if kind in ("service", "container"):
            yield name


def modes(services: Services) -> dict[str, str]:
    """Return what holds for each service; what is not among the modes counts as the least."""
    name = updater(services)
    if name is None:
        return dict.fromkeys(services, "off")
    told, out = media(services[name])["api"], kept_out(services)
    found = {}
    for other, service in services.items():
        named = (told.get("modes") or {}).get(other)
        default = "off" if other in out else told.get("updates")
        wanted = [word(value) for value in (named, media(service).get("updates"), default) if value is not None]
        least = _rank(_ceiling(service, out.get(other))[0])
        found[other] = MODES[min(_rank(wanted[0]) if wanted else 0, least)]
    return found


def _rank(value: Any) -> int:
    return MODES.index(value) if value in MODES else 0


def _ceiling(service: Mapping[str, Any], out: str | None) -> tuple[str, str]:
    """Return how far Watchtower may go with a service, and why not further."""
    if out:
        return "notify", out
    declared = word(media(service).get("updates"))
    return (declared, f"is declared with {declared}") if declared in MODES else ("update", "")


def problems(services: Services, declared: Services, *, whole: bool) -> list[Problem]:
    """Return what was asked of Watchtower and is never done, and labels that would go round this.

    services: the chosen ones, as Compose has them. declared: all that there are, if whole.
    """
    out, name = kept_out(services), updater(services)
    found = [
        problem
        for other, service in services.items()
        for problem in _declared_problems(other, service, out.get(other), name is not None)
    ]
    told = media(services[name])["api"].get("modes") if name else None
    if not isinstance(told, Mapping):
        return found
    if whole:
        found += unknown(MODES_BY_NAME, set(told) - set(declared), known_names(declared))
    for other, value in told.items():
        if other in services:
            most, reason = _ceiling(services[other], out.get(other))
            if _rank(word(value)) > _rank(most):
                found.append(_refusal(f"{MODES_BY_NAME}.{other}", str(word(value)), other, most, reason))
    return found


def _declared_problems(name: str, service: Mapping[str, Any], out: str | None, watched: bool) -> Iterable[Problem]:
    declared = word(media(service).get("updates"))
    if declared is not None and declared not in MODES:
        yield Problem(f"{name}.x-media.updates", f"is {declared!r}", "one of " + ", ".join(MODES))
    elif out and declared == "update":
        yield _refusal(f"{name}.x-media.updates", declared, name, "notify", out)
    for label in service.get("labels") or ():
        if watched and str(label).startswith(LABELS):
            yield Problem(f"{name}.labels", f"has {label}", f"updates in x-media, or {MODES_BY_NAME}")


def _refusal(variable: str, value: str, name: str, most: str, reason: str) -> Problem:
    expected = " or ".join(MODES[: _rank(most) + 1])
    return Problem(variable, f"is {value}, and {name} {reason}: Watchtower does not renew it", expected)


def labelled(services: Services) -> dict[str, dict[str, Any]]:
    """Return the services with the labels that Watchtower goes by.

    What is kept out says so whether there is a Watchtower or not: it may be somebody else's, and switching ours on and
    off is then no reason to renew the VPN.
    """
    found = {name: copy.deepcopy(dict(service)) for name, service in services.items()}
    out, name = kept_out(services), updater(services)
    for other, mode in modes(services).items():
        if name is not None or other in out:
            found[other]["labels"] = {**(found[other].get("labels") or {}), **_labels(mode, itself=other == name)}
    return found


def _labels(mode: str, *, itself: bool) -> dict[str, str]:
    # Watchtower removes others of its kind that are of the same scope, and it has to be of one to know that.
    scope = {f"{LABELS}.scope": SCOPE} if itself or mode != "off" else {}
    if mode == "off":
        return {f"{LABELS}.enable": "false", **scope}
    return {f"{LABELS}.enable": "true", f"{LABELS}.monitor-only": str(mode == "notify").lower(), **scope}
