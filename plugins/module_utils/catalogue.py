# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The catalogue: every declared service of a host in one place, checked as a whole, and compiled to Compose.

declarations of the roles -> choose -> relate -> attach networks -> publish -> join the pod -> policy -> fragments
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import (
    addressing,
    front_door,
    metrics,
    own_services,
    relations,
    selection,
    updates,
    wiring,
)
from ansible_collections.homelab.media.plugins.module_utils import policy as shared_policy
from ansible_collections.homelab.media.plugins.module_utils.compose_forms import normal
from ansible_collections.homelab.media.plugins.module_utils.declaration import declaration_problems, media
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem
from ansible_collections.homelab.media.plugins.module_utils.settings import prefix4_problems, prefix_problems

Declarations = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Settings:
    """What the whole host has in common."""

    root: str
    services: Any
    disabled: Sequence[str]
    ipv4_prefix: str
    ipv6: bool
    ipv6_prefix: str
    policy: shared_policy.Policy
    rules: front_door.Rules = field(default_factory=front_door.Rules)
    whole: bool = True  # the declarations are all that the host has
    ranges: Mapping[str, str] = field(default_factory=dict)  # what the host's networks have already


@dataclass
class Catalogue:
    """The chosen services as Compose will see them, and what belongs to them."""

    services: dict[str, dict[str, Any]] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    networks: dict[str, dict[str, Any]] = field(default_factory=dict)
    secrets: dict[str, dict[str, Any]] = field(default_factory=dict)
    units: list[dict[str, Any]] = field(default_factory=list)
    packages: list[str] = field(default_factory=list)  # of the host's distribution
    pages: list[dict[str, Any]] = field(default_factory=list)  # without a service: static, and of other machines
    exporters: dict[str, dict[str, Any]] = field(default_factory=dict)  # templates, by kind
    active: set[str] = field(default_factory=set)  # the roles with a chosen service, or with no services at all
    problems: list[Problem] = field(default_factory=list)

    def fragments(self, root: str) -> dict[str, dict[str, Any]]:
        """Return the Compose fragment of each role that has services.

        A network is in one fragment alone: Compose joins the ranges of one that is in several to a list of no use. In
        the first by its name, whichever role this run began with.
        """
        found: dict[str, dict[str, Any]] = {}
        placed: set[str] = set()
        for name, service in sorted(self.services.items(), key=lambda item: (self.roles[item[0]], item[0])):
            fragment = found.setdefault(self.roles[name], {"services": {}, "networks": {}, "secrets": {}})
            fragment["services"][name] = service
            for network in service.get("networks", {}):
                if network not in placed:
                    fragment["networks"][network] = self.networks[network]
                    placed.add(network)
            for secret in secret_names(service):
                fragment["secrets"][secret] = {"file": f"{root}/secrets/{secret}"}
        return {role: {key: value for key, value in parts.items() if value} for role, parts in found.items()}

    def fingerprint(self, name: str) -> str:
        """Return a digest of all that makes the container of a service, its networks included.

        What x-media says of the container is in Compose's words by now; the rest of it tells others.
        """
        service = {key: value for key, value in self.services[name].items() if key != "x-media"}
        networks = {network: self.networks[network] for network in service.get("networks", {})}
        text = json.dumps([service, networks], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def build(declarations: Declarations, settings: Settings) -> Catalogue:
    """Check the declarations of all roles and compile the chosen services; problems are listed, not raised."""
    catalogue = Catalogue()
    malformed = [
        problem for role, declaration in declarations.items() for problem in declaration_problems(role, declaration)
    ]
    if malformed:
        # Which services were meant cannot be told; what every role has found wrong may well be the cause.
        told = [problem for declaration in declarations.values() for problem in _declared_problems(declaration)]
        catalogue.problems = malformed + told
        catalogue.active = set(declarations)
        return catalogue
    services, roles = _gather(declarations, catalogue.problems)
    chosen, found = selection.choose(services, settings.services, settings.disabled, whole=settings.whole)
    catalogue.problems += found + selection.needs_problems(services, chosen)
    catalogue.active = {role for name, role in roles.items() if name in chosen}
    catalogue.active |= {role for role, declaration in declarations.items() if not declaration.get("services")}
    catalogue.active |= {role for role, declaration in declarations.items() if _has_static_page(declaration)}
    catalogue.active |= {"stack"} & set(declarations)  # it has the shared networks, whatever services a person adds
    catalogue.problems += _part_problems(services) + own_services.clashes(declarations)
    catalogue.problems += own_services.undeclared(declarations) if settings.whole else []
    for role, declaration in declarations.items():
        if role in catalogue.active:
            _take(catalogue, role, declaration)
    chosen_services = {name: service for name, service in services.items() if name in chosen}
    exporters = _add_exporters(catalogue, declarations, chosen_services)
    picked = relations.resolve({**chosen_services, **exporters})
    names = [*selection.known_names(services), *(page["service"] for page in catalogue.pages if page["service"])]
    known = {problem.variable for problem in catalogue.problems}
    found = front_door.problems(picked, settings.rules, names, catalogue.pages, whole=settings.whole)
    catalogue.problems += [problem for problem in found if problem.variable not in known]
    picked = relations.mount_auth_logs(front_door.behind_sign_on(picked, settings.rules), settings.root)
    picked = front_door.mount_static(picked, catalogue.pages, settings.root)
    if any(other not in {**services, **exporters} for service in picked.values() for other in _relations(service)):
        return catalogue
    catalogue.roles.update({name: roles[name] for name in chosen})
    catalogue.problems += wiring.intruders(picked) + selection.cycle_problems(picked)
    for name in wiring.closed_networks(picked):
        # A role may say more of such a network, but not that it is open.
        catalogue.networks[name] = {**catalogue.networks.get(name, {}), "internal": True}
    catalogue.networks.update(wiring.uplinks(picked))
    compiled, found = wiring.join_pod(wiring.publish(wiring.attach(picked)), catalogue.networks)
    # A port clash inside the pod shows on the host too: it is told once, where its cause is.
    clashing = {problem.variable.split(".")[0] for problem in found}
    outside = [p for p in wiring.host_port_problems(compiled) if p.variable.split(".")[0] not in clashing]
    catalogue.problems += found + outside + _network_problems(compiled, catalogue.networks)
    catalogue.problems += _token_problems(compiled, catalogue.networks)
    catalogue.problems += updates.problems(compiled, services, whole=settings.whole)
    if not catalogue.problems:
        _finish(catalogue, updates.labelled(compiled), settings)
    return catalogue


def _add_exporters(
    catalogue: Catalogue, declarations: Declarations, services: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """Return the exporters that the chosen services ask for, which belong to the roles that declare their kinds."""
    found = {}
    for role in sorted(catalogue.active):
        templates = {kind: normal(service) for kind, service in declarations[role].get("exporters", {}).items()}
        catalogue.exporters.update(templates)
        for name, service in metrics.made(services, templates).items():
            found[name] = service
            catalogue.roles[name] = role
    catalogue.problems += metrics.exporter_problems(services, catalogue.exporters)
    return found


def _gather(declarations: Declarations, problems: list[Problem]) -> tuple[dict[str, Any], dict[str, str]]:
    services: dict[str, Any] = {}
    roles: dict[str, str] = {}
    # A person's own services come last: where two clash, theirs is the one that can give way.
    for role, declaration in sorted(declarations.items(), key=lambda item: item[0] == "stack"):
        for name, service in declaration.get("services", {}).items():
            if name in services:
                reason = f"is declared by {roles[name]} and by {role}"
                problems.append(Problem(name, reason, "one name for one service"))
            services[name] = normal(service)
            roles[name] = role
    return services, roles


def _has_static_page(declaration: Mapping[str, Any]) -> bool:
    return any(front_door.is_static(page) for page in declaration.get("pages", ()))


def _part_problems(services: Mapping[str, Any]) -> list[Problem]:
    return [
        Problem(f"{name}.x-media.part_of", f"names {whole!r}, which no role declares", "a declared service")
        for name, service in services.items()
        for whole in [(service.get("x-media") or {}).get("part_of")]
        if whole is not None and whole not in services
    ]


def _relations(service: Mapping[str, Any]) -> list[str]:
    extension = service.get("x-media") or {}
    return [*(extension.get("needs") or ()), *(extension.get("talks_to") or ())]


def _take(catalogue: Catalogue, role: str, declaration: Mapping[str, Any]) -> None:
    """Add to the catalogue what a role with chosen services declares beside them."""
    catalogue.problems += _declared_problems(declaration)
    catalogue.secrets.update(declaration.get("secrets", {}))
    catalogue.networks.update(copy.deepcopy(dict(declaration.get("networks", {}))))
    catalogue.packages += declaration.get("packages", ())
    catalogue.pages += declaration.get("pages", ())
    catalogue.units += [{**unit, "role": role} for unit in declaration.get("units", ())]


def _declared_problems(declaration: Mapping[str, Any]) -> list[Problem]:
    return [item if isinstance(item, Problem) else Problem(**item) for item in declaration.get("problems", ())]


def _network_problems(services: Mapping[str, Any], networks: Mapping[str, Any]) -> list[Problem]:
    return [
        Problem(f"{name}.networks", f"names {network!r}, which no role declares", "one of " + ", ".join(networks))
        for name, service in services.items()
        for network in service.get("networks", {})
        if network not in networks
    ]


def _token_problems(services: Mapping[str, Any], networks: Mapping[str, Any]) -> list[Problem]:
    return [
        Problem(name, f"has {token}, which is no network", "one of " + ", ".join(sorted(networks)))
        for name, service in services.items()
        for token in addressing.unknown_tokens(service, networks)
    ]


def _finish(catalogue: Catalogue, compiled: dict[str, Any], settings: Settings) -> None:
    ruled = shared_policy.apply(compiled, catalogue.roles, settings.policy)
    for service in ruled.values():
        _drop_absent_secrets(service, catalogue.secrets)
        if "networks" in service and not service["networks"]:
            del service["networks"]
            service["network_mode"] = "none"
    catalogue.services = ruled
    if prefix4_problems("media_ipv4_prefix", settings.ipv4_prefix):
        return
    right6 = settings.ipv6 and not prefix_problems("media_ipv6_prefix", settings.ipv6_prefix)
    door = front_door.front(ruled)
    settled = [name for name in ruled[door].get("networks", {}) if wiring.is_settled(name)] if door else []
    prefix6 = settings.ipv6_prefix if right6 else ""
    addressing.give(catalogue.networks, settings.ipv4_prefix, prefix6, settled=settled, known=settings.ranges)
    if door:
        addressing.settle(ruled[door], catalogue.networks, settled)
        _show_door(catalogue, ruled, settings)
    catalogue.services = {name: addressing.filled(service, catalogue.networks) for name, service in ruled.items()}


def _show_door(catalogue: Catalogue, services: Mapping[str, dict[str, Any]], settings: Settings) -> None:
    """Let those who visit the pages find every published name at the front door, on the network that they share."""
    published = front_door.pages(services, settings.rules, "", catalogue.pages)
    for name, service in services.items():
        if media(service).get("visits_pages") and "network_mode" not in service:
            address = addressing.fixed(catalogue.networks[wiring.visits_of(name)])[0]
            entries = [f"{host}:{address}" for page in published for host in page["names"]]
            service["extra_hosts"] = [*(service.get("extra_hosts") or ()), *entries]


def secret_names(service: Mapping[str, Any]) -> list[str]:
    """Return the names of the secrets that a service mounts."""
    return [entry["source"] if isinstance(entry, dict) else entry for entry in service.get("secrets", ())]


def _drop_absent_secrets(service: dict[str, Any], declared: Mapping[str, Any]) -> None:
    """Leave out secrets that the settings do not call for: a role lists all that its image can take."""
    if "secrets" not in service:
        return
    kept = [e for e in service["secrets"] if (e["source"] if isinstance(e, dict) else e) in declared]
    if kept:
        service["secrets"] = kept
    else:
        del service["secrets"]
