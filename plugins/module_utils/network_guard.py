# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host's own rules around the networks of the stack: whoever is not on one gets in by a published port alone.

Docker leaves two ways open that these rules shut, whatever version it is and however it is set. Before version 28 a
machine of the home network that routes by this host reaches a published port at the container's own address, also one
that is published on 127.0.0.1. And without ip6tables, which is how versions before 27 come, nothing keeps one network
from another by IPv6.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any

TABLE = "media_networks"


def rules(networks: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the table in nft's language. Loading it replaces the one that is there in one step.

    networks: those of the stack, with their ranges.
    """
    drops = [line for name in sorted(networks) for line in _drops(name, networks[name])]
    own = [line for name in sorted(networks) for line in _own(name, networks[name])]
    return "\n".join(
        [
            f"table inet {TABLE}",
            f"delete table inet {TABLE}",
            f"table inet {TABLE} {{",
            "\tchain forward {",
            # Ahead of Docker's own rules; what they allow is no matter here.
            "\t\ttype filter hook forward priority filter - 5; policy accept;",
            "\t\tct state established,related accept",
            "\t\tct status dnat accept",
            *(f"\t\t{line}" for line in drops),
            "\t}",
            "\tchain input {",
            "\t\ttype filter hook input priority filter - 5; policy accept;",
            '\t\tiifname "lo" accept',
            *(f"\t\t{line}" for line in own),
            "\t}",
            "}",
            "",
        ]
    )


def _drops(name: str, network: Mapping[str, Any]) -> Iterable[str]:
    for item in (network.get("ipam") or {}).get("config") or ():
        subnet = ipaddress.ip_network(item["subnet"])
        word = "ip6" if subnet.version == 6 else "ip"
        yield f'{word} daddr {subnet} {word} saddr != {subnet} counter drop comment "{name}"'


def _own(name: str, network: Mapping[str, Any]) -> Iterable[str]:
    """What the host itself offers a network at its own address there is for those who are on it."""
    for item in (network.get("ipam") or {}).get("config") or ():
        subnet = ipaddress.ip_network(item["subnet"])
        word = "ip6" if subnet.version == 6 else "ip"
        gateway = item.get("gateway") or subnet[1]
        yield f'{word} daddr {gateway} {word} saddr != {subnet} counter drop comment "{name}"'
