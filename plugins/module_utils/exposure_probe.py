# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look at what the host and the containers of a project answer to, from outside and from each other."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import docker_socket, host_ports
from ansible_collections.homelab.media.plugins.module_utils.containers import (
    LABEL_COMPOSE_PROJECT,
    LABEL_COMPOSE_SERVICE,
)
from ansible_collections.homelab.media.plugins.module_utils.exposure import Opening, Reach, Seen, Space
from ansible_collections.homelab.media.plugins.module_utils.reach import Inside

#: Ports from here on are what the kernel gives to those who only ask.
_PASSING = 32768


def observe(project: str, timeout: float) -> Seen:
    """Return what there is to see of the project's containers that run."""
    containers = _containers(project)
    bridged = [item for item in containers if item["HostConfig"]["NetworkMode"] != "host"]
    found = spaces(bridged)
    return Seen(
        published=published(containers),
        listening=_in_host_network([item for item in containers if item not in bridged]),
        spaces=found,
        reached=reached(found, timeout),
        strangers=_strangers(project, {item["Id"] for item in containers}),
    )


def _containers(project: str) -> list[dict[str, Any]]:
    filters = urllib.parse.quote(json.dumps({"label": [f"{LABEL_COMPOSE_PROJECT}={project}"]}))
    listed = docker_socket.get(f"/containers/json?filters={filters}")
    inspected = [docker_socket.get(f"/containers/{entry['Id']}/json") for entry in listed]
    return [item for item in inspected if item["State"]["Pid"]]


def published(containers: Iterable[Mapping[str, Any]]) -> list[Opening]:
    """Return the ports that Docker publishes, as the engine tells of them."""
    return sorted(
        Opening(_service(item), binding["HostIp"] or "0.0.0.0", int(binding["HostPort"]), port.partition("/")[2])
        for item in containers
        for port, bindings in ((item.get("NetworkSettings") or {}).get("Ports") or {}).items()
        for binding in bindings or ()
    )


def _in_host_network(containers: Iterable[Mapping[str, Any]]) -> list[Opening]:
    """Return where the containers in the host's own network listen; of UDP, what is no passing question."""
    services = {item["Id"]: _service(item) for item in containers}
    sockets = [
        one for one in (host_ports.listening() if services else ()) if one.protocol == "tcp" or one.port < _PASSING
    ]
    owners = host_ports.owners_of({one.inode for one in sockets})
    found = []
    for one in sockets:
        container = host_ports.container_of(_text(f"/proc/{owners.get(one.inode, 0)}/cgroup"))
        if container in services:
            found.append(Opening(services[container], one.address, one.port, one.protocol))
    return sorted(set(found))


def spaces(containers: Iterable[Mapping[str, Any]]) -> list[Space]:
    """Return the network namespaces that the containers are in. Some share one; its owner has the addresses."""
    together: dict[int, list[Mapping[str, Any]]] = {}
    for item in containers:
        together.setdefault(Path(f"/proc/{item['State']['Pid']}/ns/net").stat().st_ino, []).append(item)
    found = []
    for items in together.values():
        pid = items[0]["State"]["Pid"]
        addresses = {address for item in items for address in _addresses(item)}
        services = tuple(sorted(_service(item) for item in items))
        found.append(Space(services, pid, tuple(sorted(addresses)), _listening(pid)))
    return sorted(found, key=lambda space: space.name)


def _addresses(item: Mapping[str, Any]) -> list[str]:
    networks = (item.get("NetworkSettings") or {}).get("Networks") or {}
    return [
        network[key] for network in networks.values() for key in ("IPAddress", "GlobalIPv6Address") if network.get(key)
    ]


def _listening(pid: int) -> tuple[tuple[str, int], ...]:
    found = {
        (one.address, one.port)
        for family in ("tcp", "tcp6")
        for one in host_ports.parse_sockets(_text(f"/proc/{pid}/net/{family}"), "tcp")
    }
    return tuple(sorted(found))


def reached(found: Iterable[Space], timeout: float) -> list[Reach]:
    """Try from each namespace to connect to every listener of every other, all at once."""
    listed = list(found)
    owners = {target: space.name for space in listed for target in space.targets()}
    inside = {
        source.name: Inside(source.pid, [target for target, owner in owners.items() if owner != source.name], timeout)
        for source in listed
    }
    return sorted(Reach(name, owners[target], *target) for name, child in inside.items() for target in child.answered())


def _strangers(project: str, ours: set[str]) -> list[tuple[str, str]]:
    """Return the containers on the project's networks that are none of the project's."""
    filters = urllib.parse.quote(json.dumps({"label": [f"{LABEL_COMPOSE_PROJECT}={project}"]}))
    networks = [
        docker_socket.get(f"/networks/{entry['Id']}") for entry in docker_socket.get(f"/networks?filters={filters}")
    ]
    return sorted(
        (network["Name"], item["Name"])
        for network in networks
        for container, item in (network.get("Containers") or {}).items()
        if container not in ours
    )


def _service(item: Mapping[str, Any]) -> str:
    return str((item["Config"].get("Labels") or {}).get(LABEL_COMPOSE_SERVICE, ""))


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""  # a kernel without IPv6, or a process that has ended
