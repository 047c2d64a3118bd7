# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the picture of the wiring is of: who is where, who has a page, a way out, an open port. From the plan alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import front_door, metrics, wiring
from ansible_collections.homelab.media.plugins.module_utils.declaration import media
from ansible_collections.homelab.media.plugins.module_utils.relations import in_host_network

Services = Mapping[str, Mapping[str, Any]]

MEDIA, MONITORING = "media", "monitoring"
#: The kinds of zones, from the top to the bottom; those in one line stand side by side. Open ports come in from the
#: left and ways out lead to the right: between those who have the one and those who have the other, nothing but what is
#: the pod's own passes the pod.
BANDS = (("front", "sign_on"), ("media",), ("host", "pod", "shared", "alone"), ("monitoring",))
#: The same where the last of them have open ports as well.
APART = (("front", "sign_on"), ("media",), ("host", "pod"), ("shared", "alone"), ("monitoring",))
TITLES = {
    "front": "Front door",
    "sign_on": "Sign-on",
    "media": "Applications",
    "host": "In the host's own network",
    "alone": "By themselves",
    "pod": "VPN pod: one namespace",
    "monitoring": "Monitoring",
}


@dataclass(frozen=True)
class Node:
    """A box. Several containers of one kind are one box.

    page: what its page at the front door asks for; "visits" if it asks for pages itself. opens: ports that the home
    network reaches. out: a way out of its own. numbers: somebody asks it for its numbers by a network for that.
    """

    name: str
    names: tuple[str, ...]
    detail: str = ""
    page: str = ""
    opens: tuple[str, ...] = ()
    out: bool = False
    numbers: bool = False


@dataclass(frozen=True)
class Zone:
    """Boxes that share a place. network: the one that they share, if that is what they share."""

    kind: str
    title: str
    nodes: tuple[Node, ...]
    network: str = ""


@dataclass(frozen=True)
class House:
    """All that is drawn. tunnel: there is a VPN. pod_in_media: the pod is on the network of the applications."""

    domain: str
    bands: tuple[tuple[Zone, ...], ...]
    tunnel: bool = False
    pod_in_media: bool = False
    sign_on: str = ""
    door: str = ""


@dataclass
class _Known:
    services: Services
    networks: dict[str, set[str]] = field(default_factory=dict)  # of each service, its own or those of its namespace
    pages: dict[str, str] = field(default_factory=dict)
    door: str = ""
    sign_on: str = ""
    pod: str = ""


def house(plan: Mapping[str, Any]) -> House:
    """Return what the picture shows."""
    services = plan["services"]
    known = _Known(
        services,
        {name: joined(name, services) for name in services},
        {page["service"]: page["access"] for page in plan.get("pages") or () if page["service"]},
        front_door.front(services) or "",
        str((plan.get("sign_on") or {}).get("service") or ""),
        wiring.pod_name(services) or "",
    )
    zones: dict[tuple[str, str], list[str]] = {}
    for name in services:
        zones.setdefault(_zone_of(name, known), []).append(name)
    built = [
        Zone(kind, _title(kind, network), _nodes(kind, names, known), network)
        for (kind, network), names in sorted(zones.items())
    ]
    opened = any(node.opens for zone in built if zone.kind in ("shared", "alone") for node in zone.nodes)
    bands = (
        tuple(zone for kind in band for zone in built if zone.kind == kind) for band in (APART if opened else BANDS)
    )
    return House(
        str(plan.get("domain") or ""),
        tuple(band for band in bands if band),
        tunnel=bool(known.pod),
        pod_in_media=bool(known.pod) and MEDIA in known.networks[known.pod],
        sign_on=known.sign_on,
        door=known.door,
    )


def joined(name: str, services: Services) -> set[str]:
    """Return the networks that a service is on, by itself or by the namespace that it shares."""
    owner = str(services[name].get("network_mode") or "").partition("service:")[2]
    if owner in services and owner != name:
        return joined(owner, services)
    return set(services[name].get("networks") or ())


def opens(service: Mapping[str, Any]) -> list[str]:
    """Return the ports of the host that the home network reaches."""
    if in_host_network(service):
        found = [(media(service).get("web") or {}).get("port"), *(media(service).get("listens") or ())]
        return [str(port) for port in found if port]
    published = [
        (port, protocol) for address, port, protocol in wiring.host_ports(service) if not address.startswith("127.")
    ]
    return [f"{port}/{protocol}" if protocol == "udp" else str(port) for port, protocol in sorted(set(published))]


def own_networks(services: Services) -> set[str]:
    """Return the networks that belong to one service: of its page, its numbers, its visits, its way out."""
    makers = (front_door.network_of, metrics.network_of, wiring.visits_of, wiring.uplink_of)
    return {maker(name) for maker in makers for name in services}


def _zone_of(name: str, known: _Known) -> tuple[str, str]:
    """Return the kind of zone that a service stands in, and the network that it is about."""
    service, networks = known.services[name], known.networks[name]
    if name == known.door:
        return "front", ""
    if in_host_network(service):
        return "host", ""
    if known.pod and (name == known.pod or service.get("network_mode") == f"service:{known.pod}"):
        return "pod", ""
    if MONITORING in networks:
        return "monitoring", MONITORING
    shared = networks - own_networks(known.services) - {MEDIA}
    signs = known.networks.get(known.sign_on, set()) & shared
    if name == known.sign_on or signs:
        return "sign_on", min(signs, default="")
    if MEDIA in networks:
        return "media", MEDIA
    met = [one for one in sorted(shared) if sum(one in others for others in known.networks.values()) > 1]
    return ("shared", met[0]) if met else ("alone", "")


def _title(kind: str, network: str) -> str:
    if kind == "shared":
        return f"Network {network}"
    return f"{TITLES[kind]}: network {network}" if network else TITLES[kind]


def _nodes(kind: str, names: Iterable[str], known: _Known) -> tuple[Node, ...]:
    """Return the boxes of a zone: those who stand for it first, and what tells others' numbers by its kind, last."""
    single = sorted(
        (name for name in names if not media(known.services[name]).get("exports")),
        key=lambda name: (_rank(name, known), name),
    )
    kinds: dict[str, list[str]] = {}
    for name in sorted(set(names) - set(single)):
        kinds.setdefault(name.removesuffix(f"-{media(known.services[name])['exports']}"), []).append(name)
    stacks = [
        Node(f"{maker} \u00d7 {len(made)}", tuple(made), "exporters", numbers=True)
        if len(made) > 1
        else Node(made[0], tuple(made), "exporter", numbers=True)
        for maker, made in sorted(kinds.items())
    ]
    return (*(_node(name, known) for name in single), *stacks)


def _rank(name: str, known: _Known) -> int:
    """Who a zone is named after stands first, then the VPN's client, then those with a page."""
    if name in (known.door, known.sign_on, known.pod):
        return 0
    if known.services[name].get("network_mode") == f"service:{known.pod}" and not wiring.is_tenant(
        known.services[name]
    ):
        return 1
    return 2 if name in known.pages else 3


def _node(name: str, known: _Known) -> Node:
    service, networks = known.services[name], known.networks[name]
    page = known.pages.get(name, "") if name not in (known.door, known.sign_on) else ""
    if wiring.visits_of(name) in networks:
        page = "visits"
    gathers = name == metrics.gatherer(known.services) and any(
        network == metrics.network_of(other) for network in networks for other in known.services
    )
    numbers = gathers or any(metrics.network_of(name) in others for others in known.networks.values())
    return Node(
        name,
        (name,),
        _detail(name, known),
        page,
        tuple(opens(service)),
        wiring.uplink_of(name) in networks,
        numbers,
    )


def _detail(name: str, known: _Known) -> str:
    service = known.services[name]
    if name == known.pod:
        return "the kill switch"
    inside = service.get("network_mode") == f"service:{known.pod}"
    if inside and not wiring.is_tenant(service):
        return "the tunnel"
    port = (media(service).get("web") or {}).get("port")
    return f"port {port}" if port else ""
