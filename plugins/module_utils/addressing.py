# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An address range for every network of the stack: by its name, and from then on always the same.

Left to itself the engine has room for some thirty networks, and gives them out in the order of their creation. Known
ranges are what others are told to trust: a proxy's address, the addresses that are never banned.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Container, Iterable, Mapping
from typing import Any

#: The length of each network's prefix: 62 containers.
LENGTH = 26
#: What media_ipv4_prefix may be: room for a hundred networks at least, and no more than a private range.
LONGEST, SHORTEST = 19, 8

_TOKEN = re.compile(r"@@(gateway|door):([a-z0-9][a-z0-9_-]*)@@")


def give(
    networks: Mapping[str, dict[str, Any]],
    prefix: str,
    prefix6: str = "",
    settled: Container[str] = (),
    known: Mapping[str, str] | None = None,
) -> None:
    """Add a range of the prefix to each network that declares none, and one of the IPv6 prefix if there is one.

    Two names that ask for the same place get neighbouring ones, in the order of the alphabet.
    settled: networks in which somebody has a fixed address; the engine gives others the first half of these.
    known: the ranges that the host's networks have already. They keep them, whoever comes or goes beside them.
    """
    whole = ipaddress.IPv4Network(prefix)
    places = 1 << (LENGTH - whole.prefixlen)
    without = {name: network for name, network in sorted(networks.items()) if "ipam" not in network}
    kept = _kept(without, whole, known or {})
    taken = set(kept.values())
    for name, network in without.items():
        place = kept.get(name, _number(name) % places)
        while name not in kept and place in taken:
            place = (place + 1) % places
        taken.add(place)
        subnet = _nth(prefix, LENGTH, place)
        ranges = [{"subnet": str(subnet)}]
        if name in settled:
            half = next(iter(subnet.subnets()))
            # Told the first half alone, the engine would look for its own address by itself.
            ranges = [{"subnet": str(subnet), "ip_range": str(half), "gateway": str(subnet[1])}]
        if prefix6 and network.setdefault("enable_ipv6", True):
            ranges.append({"subnet": str(_nth(prefix6, 64, _number(name)))})
        network["ipam"] = {"config": ranges}


def _kept(networks: Container[str], whole: ipaddress.IPv4Network, known: Mapping[str, str]) -> dict[str, int]:
    """Return the places below the prefix that networks have already; what is of another prefix counts no more."""
    found: dict[str, int] = {}
    for name, text in sorted(known.items()):
        try:
            subnet = ipaddress.IPv4Network(text)
        except ValueError:
            continue
        place = (int(subnet.network_address) - int(whole.network_address)) >> (32 - LENGTH)
        fits = subnet.prefixlen == LENGTH and subnet.subnet_of(whole)
        if name in networks and fits and place not in found.values():
            found[name] = place
    return found


def ranges(networks: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the IPv4 range of each network, as the host remembers it for the next run."""
    return {
        name: str(item["subnet"])
        for name, network in networks.items()
        for item in (network.get("ipam") or {}).get("config") or ()
        if ":" not in str(item["subnet"])
    }


def gateway(network: Mapping[str, Any]) -> str:
    """Return the host's own IPv4 address in a network, the first that the engine has; nothing if it has no range."""
    for item in (network.get("ipam") or {}).get("config") or ():
        subnet = ipaddress.ip_network(item["subnet"])
        if subnet.version == 4:
            return str(item.get("gateway") or subnet[1])
    return ""


def fixed(network: Mapping[str, Any]) -> list[str]:
    """Return the fixed address in a network in which somebody has one: IPv4, and IPv6 where the network has it."""
    subnets = [ipaddress.ip_network(item["subnet"]) for item in (network.get("ipam") or {}).get("config") or ()]
    # The last one of IPv4, which is in the other half. The engine counts IPv6 up from the bottom, and far from this.
    return [str(subnet[-2] if subnet.version == 4 else subnet[0xFFFE]) for subnet in subnets]


def settle(service: dict[str, Any], networks: Mapping[str, Mapping[str, Any]], settled: Iterable[str]) -> None:
    """Give a service its fixed address in each of these networks."""
    for name in settled:
        for address in fixed(networks[name]):
            key = "ipv6_address" if ":" in address else "ipv4_address"
            service["networks"][name] = {**(service["networks"][name] or {}), key: address}


def filled(value: Any, networks: Mapping[str, Mapping[str, Any]]) -> Any:
    """Return a copy of a service with the addresses that it asks for by token.

    ``@@gateway:NETWORK@@`` is the host's own address there, ``@@door:NETWORK@@`` the fixed ones, each as a
    range of one address, with commas between.
    """
    if isinstance(value, Mapping):
        return {key: filled(item, networks) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [filled(item, networks) for item in value]
    if isinstance(value, str):
        return _TOKEN.sub(lambda found: _address(found[1], networks.get(found[2]) or {}), str(value))
    return value


def _address(kind: str, network: Mapping[str, Any]) -> str:
    # Each with its length: Grafana took an IPv6 address without one for a /32, in which everybody is (CVE-2026-33376).
    return gateway(network) if kind == "gateway" else ",".join(str(ipaddress.ip_network(a)) for a in fixed(network))


def unknown_tokens(value: Any, networks: Container[str]) -> list[str]:
    """Return the tokens in a service that name a network which is not there."""
    if isinstance(value, Mapping):
        return [token for item in value.values() for token in unknown_tokens(item, networks)]
    if isinstance(value, (list, tuple)):
        return [token for item in value for token in unknown_tokens(item, networks)]
    if isinstance(value, str):
        return [found[0] for found in _TOKEN.finditer(value) if found[2] not in networks]
    return []


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:2], "big")


def _nth(prefix: str, length: int, place: int) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """Return the network of this length at this place below the prefix."""
    whole = ipaddress.ip_network(prefix)
    first = int(whole.network_address) + (place << (whole.max_prefixlen - length))
    return ipaddress.ip_network((first, length))
