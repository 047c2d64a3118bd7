# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may be reached, from outside the host and from each container: what was declared, and what is so.

Pure functions. What there is to see is seen by exposure_probe.py.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem
from ansible_collections.homelab.media.plugins.module_utils.relations import in_host_network
from ansible_collections.homelab.media.plugins.module_utils.wiring import container_ports, host_ports

#: Networks with this option do not let their members talk to each other.
_TALK = "com.docker.network.bridge.enable_icc"
_EVERYWHERE = ("0.0.0.0", "::")


@dataclass(frozen=True, order=True)
class Opening:
    """A port of the host that a service answers on."""

    service: str
    address: str
    port: int
    protocol: str

    def __str__(self) -> str:
        address = f"[{self.address}]" if ":" in self.address else self.address
        return f"{address}:{self.port}/{self.protocol}"


@dataclass(frozen=True)
class Space:
    """A network namespace: the services in it, their addresses, and where they listen."""

    services: tuple[str, ...]
    pid: int
    addresses: tuple[str, ...]
    listening: tuple[tuple[str, int], ...]  # address and TCP port

    @property
    def name(self) -> str:
        return " + ".join(self.services)

    def targets(self) -> list[tuple[str, int]]:
        """Return each address and port on which somebody from outside the namespace may find a listener."""
        found = {
            (own, port)
            for own in self.addresses
            for bound, port in self.listening
            if bound == own or bound == "::" or (bound == "0.0.0.0" and ":" not in own)
        }
        return sorted(found)


@dataclass(frozen=True, order=True)
class Reach:
    """A connection that was taken."""

    source: str
    target: str
    address: str
    port: int


@dataclass
class Seen:
    """What there is to see on the host."""

    published: list[Opening] = field(default_factory=list)
    listening: list[Opening] = field(default_factory=list)  # by services in the host's own network
    spaces: list[Space] = field(default_factory=list)
    reached: list[Reach] = field(default_factory=list)
    strangers: list[tuple[str, str]] = field(default_factory=list)  # network, container


def expected(services: Mapping[str, Mapping[str, Any]], networks: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return what was declared, from the compiled services and networks of a plan, as plain data.

    published: the ports of the host; listening: those of services in the host's own network; neighbours: for each
    service those that it shares a network with on which members may talk to each other.
    """
    joined = {name: _networks(name, services, networks) for name in services}
    return {
        "published": [
            {"service": name, "address": address, "port": port, "protocol": protocol}
            for name, service in services.items()
            for address, port, protocol in host_ports(service)
        ],
        "listening": {
            name: sorted(set(container_ports(service)))
            for name, service in services.items()
            if in_host_network(service)
        },
        "neighbours": {
            name: sorted(other for other in services if other != name and joined[name] & joined[other])
            for name in services
        },
    }


def _networks(
    name: str, services: Mapping[str, Mapping[str, Any]], networks: Mapping[str, Mapping[str, Any]]
) -> set[str]:
    """Return the networks on which a service meets others; those of the namespace's owner, where it has none."""
    mode = str(services[name].get("network_mode") or "")
    owner = mode.partition("service:")[2]
    if owner in services and owner != name:
        return _networks(owner, services, networks)
    return {network for network in services[name].get("networks") or {} if _members_talk(networks.get(network) or {})}


def _members_talk(network: Mapping[str, Any]) -> bool:
    return str((network.get("driver_opts") or {}).get(_TALK, "true")).lower() != "false"


def judge(declared: Mapping[str, Any], seen: Seen, *, complete: bool = False) -> list[Problem]:
    """Return what is not as declared. complete: what is declared has to be reachable as well."""
    found = _openings(declared, seen)
    found += _strangers(seen)
    found += _reached(declared["neighbours"], seen)
    if complete:
        found += _unreached(declared["neighbours"], seen)
    return sorted(set(found))


def _openings(declared: Mapping[str, Any], seen: Seen) -> list[Problem]:
    published = [Opening(**item) for item in declared["published"]]
    found = [
        Problem(one.service, f"publishes {one}, which it does not declare", "127.0.0.1, or an entry in its ports")
        for one in seen.published
        if not _loopback(one.address) and not any(_covers(given, one) for given in published)
    ]
    return found + [
        Problem(
            one.service,
            f"listens on {one} in the host's network, which it does not declare",
            "127.0.0.1, or x-media: {listens: [" + str(one.port) + "]}",
        )
        for one in seen.listening
        if one.protocol == "tcp"
        and not _loopback(one.address)
        and one.port not in declared["listening"].get(one.service, ())
    ]


def _covers(given: Opening, found: Opening) -> bool:
    same = (given.service, given.port, given.protocol) == (found.service, found.port, found.protocol)
    return same and (given.address == found.address or {given.address, found.address} <= set(_EVERYWHERE))


def _loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _strangers(seen: Seen) -> list[Problem]:
    return [
        Problem(network, f"has {container} on it, which is none of the stack's", "the stack's own containers alone")
        for network, container in seen.strangers
    ]


def _reached(neighbours: Mapping[str, Sequence[str]], seen: Seen) -> list[Problem]:
    spaces = {space.name: space for space in seen.spaces}
    undeclared: dict[tuple[str, str], list[str]] = {}
    for reach in seen.reached:
        if not _related(neighbours, spaces[reach.source], spaces[reach.target]):
            where = f"{reach.address} port {reach.port}"
            undeclared.setdefault((reach.source, reach.target), []).append(where)
    return [
        Problem(
            source,
            f"reaches {target}, which is none of its neighbours ({', '.join(places)})",
            "no network that both are on",
        )
        for (source, target), places in undeclared.items()
    ]


def _unreached(neighbours: Mapping[str, Sequence[str]], seen: Seen) -> list[Problem]:
    found = {(reach.source, reach.target) for reach in seen.reached}
    return [
        Problem(source.name, f"does not reach {target.name}, its neighbour", "a network that both are on")
        for source in seen.spaces
        for target in seen.spaces
        if source is not target
        and target.targets()
        and _related(neighbours, source, target)
        and (source.name, target.name) not in found
    ]


def _related(neighbours: Mapping[str, Sequence[str]], source: Space, target: Space) -> bool:
    return any(other in target.services for name in source.services for other in neighbours.get(name, ()))


def pairs(spaces: Iterable[Space]) -> list[tuple[str, str]]:
    """Return who was tried from where."""
    listed = list(spaces)
    return [(one.name, other.name) for one in listed for other in listed if one is not other and other.targets()]
