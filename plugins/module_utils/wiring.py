# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which networks a service is on, and how a service with ``egress: vpn`` moves into the VPN pod.

The pod is the one service with ``egress: pod``. It owns what a network namespace owns: published ports, names,
networks. Its tenants, and the VPN client, share that namespace and have none of their own.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import metrics
from ansible_collections.homelab.media.plugins.module_utils.declaration import is_port, is_published, media
from ansible_collections.homelab.media.plugins.module_utils.families import FAMILIES, NO_FAMILY
from ansible_collections.homelab.media.plugins.module_utils.front_door import front, network_of
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem

Service = dict[str, Any]
Services = dict[str, Service]

#: Rights that would let a tenant change the pod's rules or routes, or mark its packets as the tunnel's own.
FORBIDDEN_RIGHTS = frozenset({"ALL", "NET_ADMIN", "NET_RAW", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE"})

#: Compose keys that a tenant may not have: each can undo the policy that it is shut in by.
FORBIDDEN_KEYS = (
    "privileged",
    "network_mode",
    "cap_drop",
    "security_opt",
    "devices",
    "pid",
    "ipc",
    "userns_mode",
    "cgroup",
)

#: Compose keys of a namespace: a tenant may not have them, because the pod has them for all.
NAMESPACE_KEYS = ("network_mode", "networks", "ports", "hostname", "domainname", "dns", "dns_search", "extra_hosts")


def is_tenant(service: Mapping[str, Any]) -> bool:
    """Tell whether the service lives in the VPN pod's namespace."""
    return media(service).get("egress") == "vpn"


def pod_name(services: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Return the name of the service that holds the VPN's namespace, if one is declared."""
    return next((name for name, service in services.items() if media(service).get("egress") == "pod"), None)


def attach(services: Services) -> Services:
    """Return the services with their networks, each on those that its declared relations need, no more."""
    talked_to = {other for service in services.values() for other in media(service).get("talks_to") or ()}
    closed = closed_networks(services)
    attached = copy.deepcopy(services)
    for name, service in attached.items():
        if "network_mode" in service:
            continue
        declared = service.get("networks") or {}
        wanted: dict[str, dict[str, Any]] = {network: dict(given or {}) for network, given in declared.items()}
        for network, members in closed.items():
            if name in members:
                wanted.setdefault(network, {})
        if media(service).get("talks_to") or name in talked_to:
            wanted.setdefault("media", {})
        if media(service).get("egress") == "direct":
            wanted.setdefault(uplink_of(name), {})
        service["networks"] = wanted
    return attached


def closed_networks(services: Services) -> dict[str, set[str]]:
    """Return the networks without a way out that follow from what services say of each other, and who is on each.

    One for every page, with its service and the front door; one for whoever visits the pages; those of the numbers.
    """
    door = front(services)
    found: dict[str, set[str]] = {}
    for name, service in services.items():
        if "network_mode" in service or name == door:
            continue
        if media(service).get("web"):
            found.setdefault(network_of(name), set()).update({name, door or name})
        if media(service).get("visits_pages"):
            found.setdefault(visits_of(name), set()).update({name, door or name})
    for network, members in metrics.networks(services):
        found.setdefault(network, set()).update(members)
    return found


def visits_of(name: str) -> str:
    """Return the network on which a service asks for the published names at the front door."""
    return f"visits-{name}"


def is_settled(network: str) -> bool:
    """Tell whether the front door has a fixed address in the network, by which others know it."""
    return network.startswith((network_of(""), visits_of("")))


def uplink_of(name: str) -> str:
    """Return the network by which a service with ``egress: direct`` gets out, and which nobody else is on.

    On one for all of them everybody would reach everybody, or be found there by a name and not be reached.
    """
    return f"uplink-{name}"


def uplinks(services: Services) -> dict[str, dict[str, Any]]:
    """Return the ways out of those that have one."""
    return {
        uplink_of(name): {}
        for name, service in services.items()
        if media(service).get("egress") == "direct" and "network_mode" not in service
    }


def publish(services: Services) -> Services:
    """Return the services with their web port published on the host's loopback, where wiring reaches it."""
    published = copy.deepcopy(services)
    for service in published.values():
        web = media(service).get("web")
        if web and is_published(service) and "network_mode" not in service:
            entry = f"127.0.0.1:{web.get('loopback') or web['port']}:{web['port']}"
            service["ports"] = [*service.get("ports", ()), entry]
    return published


def join_pod(services: Services, networks: Mapping[str, Any]) -> tuple[Services, list[Problem]]:
    """Move every tenant into the pod: its ports, names and networks go there, and it waits for the kill switch.

    A tenant waits for the pod to be healthy, which is when the kill switch is in force, and not for the client: with
    the provider down it runs, shut in, and has its way out as soon as the tunnel is back.
    """
    tenants = [name for name, service in services.items() if is_tenant(service)]
    if not tenants:
        return services, []
    pod = pod_name(services)
    if pod is None:
        expected = "vpn in media_services, or egress: direct for this service"
        return services, [Problem(f"{name}.x-media.egress", "is vpn, but no VPN is on", expected) for name in tenants]
    found = _rights_problems(services, tenants) + _port_problems(services, tenants, pod)
    found += _network_problems(services, networks, tenants)
    if found:
        return services, found
    joined = copy.deepcopy(services)
    for name in tenants:
        tenant = joined[name]
        _move_networks(tenant, joined[pod], name)
        joined[pod].setdefault("ports", []).extend(tenant.get("ports", ()))
        for key in NAMESPACE_KEYS:
            tenant.pop(key, None)
        tenant["network_mode"] = f"service:{pod}"
        tenant.setdefault("depends_on", {})[pod] = {"condition": "service_healthy"}
    return joined, []


def _move_networks(tenant: Service, pod: Service, name: str) -> None:
    """Put the pod on the tenant's networks, where it answers to the tenant's name."""
    for network, options in tenant.get("networks", {}).items():
        entry = pod.setdefault("networks", {}).setdefault(network, {})
        aliases = [*entry.get("aliases", ()), name, *(options or {}).get("aliases", ())]
        entry["aliases"] = list(dict.fromkeys(aliases))


def _rights_problems(services: Services, tenants: Iterable[str]) -> list[Problem]:
    found = []
    for name in tenants:
        service = services[name]
        family = FAMILIES.get(media(service).get("family") or "", NO_FAMILY)
        rights = [*service.get("cap_add", ()), *family.capabilities]
        asked = FORBIDDEN_RIGHTS & {str(right).upper().removeprefix("CAP_") for right in rights}
        if asked:
            reason = f"asks for {', '.join(sorted(asked))}, with which it could leave the tunnel"
            found.append(Problem(f"{name}.cap_add", reason, "none of these rights behind the VPN"))
        found += [
            Problem(
                f"{name}.{key}",
                "is set behind the VPN, and could undo what shuts it in",
                f"no {key}, or egress: direct",
            )
            for key in FORBIDDEN_KEYS
            if service.get(key)
        ]
    return found


def _network_problems(services: Services, networks: Mapping[str, Any], tenants: Iterable[str]) -> list[Problem]:
    """Refuse a tenant's network that is not closed: the pod would get a second way out by it."""
    return [
        Problem(
            f"{name}.networks", f"names {network}, which has a way out of its own", "closed networks behind the VPN"
        )
        for name in tenants
        for network in services[name].get("networks") or {}
        if not networks.get(network, {"internal": True}).get("internal")
    ]


def intruders(services: Services) -> list[Problem]:
    """Refuse whoever would enter the pod, or another container's namespace, without being a tenant."""
    pod = pod_name(services)
    client = media(services[pod]).get("part_of") if pod else None
    found = []
    for name, service in services.items():
        for key in ("network_mode", "pid", "ipc"):
            joined = str(service.get(key) or "")
            enters_pod = joined == f"service:{pod}" and name != client
            if (
                joined.startswith("container:")
                or enters_pod
                or (key != "network_mode" and joined == f"service:{client}")
            ):
                expected = "egress: vpn for a service behind the VPN"
                found.append(Problem(f"{name}.{key}", f"is {joined!r}, past the checks that a tenant has", expected))
    return found


def _port_problems(services: Services, tenants: Iterable[str], pod: str) -> list[Problem]:
    """Return a problem for each port that two services of the one namespace would both listen on."""
    taken: dict[int, str] = {}
    found = []
    for name in [*_residents(services, pod), *tenants]:
        for port in sorted(set(container_ports(services[name]))):
            if port in taken:
                reason = f"listens on {port} in the VPN pod, which {taken[port]} listens on already"
                found.append(Problem(f"{name}.x-media.web.port", reason, "a port that nobody else in the pod has"))
            taken.setdefault(port, name)
    return found


def _residents(services: Services, pod: str) -> list[str]:
    """Return the pod itself and those that share its namespace by their own declaration (the VPN client)."""
    return [
        name for name, service in services.items() if name == pod or service.get("network_mode") == f"service:{pod}"
    ]


def container_ports(service: Mapping[str, Any]) -> list[int]:
    """Return the ports that a service listens on inside its namespace, as far as it declares them."""
    web = media(service).get("web") or {}
    told = (media(service).get("metrics") or {}).get("port")
    declared = [web.get("port"), told, *(media(service).get("listens") or ())]
    mapped = [str(entry).partition("/")[0].rsplit(":", 1)[-1] for entry in service.get("ports", ())]
    return [int(port) for port in [*declared, *mapped] if is_port(port)]


def host_ports(service: Mapping[str, Any]) -> list[tuple[str, int, str]]:
    """Return what a service publishes on the host as (address, port, protocol); long-form entries included."""
    found = []
    for entry in service.get("ports", ()):
        if isinstance(entry, dict):
            host, protocol = entry.get("published"), entry.get("protocol", "tcp")
            address = entry.get("host_ip", "0.0.0.0")
        else:
            text, _slash, protocol = str(entry).partition("/")
            *outside, _container = text.rsplit(":", 2) if text.count(":") > 1 else text.split(":")
            host = outside[-1] if outside else None
            address = outside[0] if len(outside) > 1 else "0.0.0.0"
        if is_port(host):
            found.append((str(address), int(str(host)), protocol or "tcp"))
    return found


def host_port_problems(services: Mapping[str, Mapping[str, Any]]) -> list[Problem]:
    """Return a problem for each port that two services would publish on the same address of the host."""
    taken: dict[tuple[int, str], list[tuple[str, str]]] = {}
    found = []
    for name, service in services.items():
        for address, port, protocol in host_ports(service):
            holders = taken.setdefault((port, protocol), [])
            for other, at in holders:
                if at == address or "0.0.0.0" in (at, address):
                    reason = f"publishes {address}:{port}/{protocol}, which {other} publishes already"
                    found.append(Problem(f"{name}.ports", reason, "a free port, such as web: {loopback: ...}"))
            holders.append((name, address))
    return found
