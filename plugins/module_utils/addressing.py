# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An address range for every network of the stack, always the same for its name.

Left to itself the engine has room for some thirty networks, and gives them out in the order of their creation. Known
ranges are what others are told to trust: a proxy's address, the addresses that are never banned.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Mapping
from typing import Any

#: The length of each network's prefix: 62 containers.
LENGTH = 26
#: What media_ipv4_prefix may be: room for a hundred networks at least, and no more than a private range.
LONGEST, SHORTEST = 19, 8


def give(networks: Mapping[str, dict[str, Any]], prefix: str, prefix6: str = "") -> None:
    """Add a range of the prefix to each network that declares none, and one of the IPv6 prefix if there is one.

    Two names that ask for the same place get neighbouring ones, in the order of the alphabet.
    """
    places = 1 << (LENGTH - ipaddress.IPv4Network(prefix).prefixlen)
    taken: set[int] = set()
    for name, network in sorted(networks.items()):
        if "ipam" in network:
            continue
        place = _number(name) % places
        while place in taken:
            place = (place + 1) % places
        taken.add(place)
        ranges = [{"subnet": str(_nth(prefix, LENGTH, place))}]
        if prefix6 and network.setdefault("enable_ipv6", True):
            ranges.append({"subnet": str(_nth(prefix6, 64, _number(name)))})
        network["ipam"] = {"config": ranges}


def gateway(network: Mapping[str, Any]) -> str:
    """Return the host's own IPv4 address in a network, the first that the engine has; nothing if it has no range."""
    for item in (network.get("ipam") or {}).get("config") or ():
        subnet = ipaddress.ip_network(item["subnet"])
        if subnet.version == 4:
            return str(item.get("gateway") or subnet[1])
    return ""


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:2], "big")


def _nth(prefix: str, length: int, place: int) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """Return the network of this length at this place below the prefix."""
    whole = ipaddress.ip_network(prefix)
    first = int(whole.network_address) + (place << (whole.max_prefixlen - length))
    return ipaddress.ip_network((first, length))
