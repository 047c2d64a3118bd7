# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kill switch as text: the rules of the pod's own namespace, and those of the host around it.

Two layers that do not know of each other. The pod's rules tell the tunnel's packets by their mark and are put back
within a second when another hand removes them. The host's rules see no mark, so they go by address, port and
protocol; they are there before Docker starts, and close the moments in which the pod has no rules.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from ansible_collections.homelab.media.plugins.module_utils.gluetun_facts import FIREWALL_MARK, TUNNEL_DEVICE

#: The pod's chain, in the mangle table of its namespace.
CHAIN = "MEDIA-KILL-SWITCH"

#: The host's table, and the bridge that the pod has its way out by.
GUARD_TABLE = "media_guard"
BRIDGE = "media-vpn"

#: Where Docker's name server is told to pass on what it does not know itself: nowhere. It knows the names of the
#: containers, and whatever else it were to ask would be asked outside the tunnel, or be passed in a circle with the
#: VPN client's own name server. An address of a network that is reserved for documentation.
NOBODY = "192.0.2.53"

#: DNS and DNS over TLS. Never a way out, neither to a neighbour nor to the home network.
NAME_PORTS = (53, 853)

#: Neighbour solicitation and advertisement, and the multicast reports that they need: what ARP is to IPv4. Without
#: NET_RAW nobody can send any of them but the kernel.
_NEIGHBOUR_DISCOVERY = (135, 136, 143)


@dataclass(frozen=True)
class Endpoint:
    """Where the encrypted packets go, as far as it is declared.

    protocol: udp or tcp. address, port: empty and 0 where gluetun picks a server from its own list.
    """

    protocol: str
    address: str = ""
    port: int = 0


def pod_rules(family: int, endpoint: Endpoint, lan: Iterable[str]) -> str:
    """Return the rules of one family for the pod, without those of its networks, which it adds itself.

    family: 4 or 6. lan: the networks that the pod may reach outside the tunnel.
    """
    tunnel = _marked_rules(family, endpoint)
    names = [
        f"-p {protocol} -m {protocol} --dport {port} -j DROP" for port in NAME_PORTS for protocol in ("udp", "tcp")
    ]
    discovery = [f"-p ipv6-icmp -m icmp6 --icmpv6-type {kind} -j RETURN" for kind in _NEIGHBOUR_DISCOVERY]
    rules = [
        "-o lo -j RETURN",
        *([f"-d {NOBODY}/32 -j DROP"] if family == 4 else []),
        f"-o {TUNNEL_DEVICE} -j RETURN",
        # A declared server may listen on port 53. An undeclared one may not: nothing would tell it from a resolver.
        *(tunnel if endpoint.address else []),
        "@replies@",
        *names,
        *([] if endpoint.address else tunnel),
        *(discovery if family == 6 else []),
        "@neighbours@",
        *(f"-d {subnet} -j RETURN" for subnet in _of_family(family, lan)),
        "-j DROP",
    ]
    return "".join(f"{rule}\n" if rule.startswith("@") else f"-A {CHAIN} {rule}\n" for rule in rules)


def _marked_rules(family: int, endpoint: Endpoint) -> list[str]:
    """Return the rule that lets the tunnel's encrypted packets out; none where the server is of the other family."""
    if endpoint.address and not _of_family(family, [endpoint.address]):
        return []
    where = f"-d {ipaddress.ip_network(endpoint.address)} " if endpoint.address else ""
    port = f" -m {endpoint.protocol} --dport {endpoint.port}" if endpoint.port else ""
    return [f"{where}-p {endpoint.protocol}{port} -m mark --mark {FIREWALL_MARK:#x} -j RETURN"]


def guard(endpoint: Endpoint, lan: Iterable[str]) -> str:
    """Return the host's rules, in nft's language. Loading them replaces those that are there in one step."""
    subnets = list(lan)
    reachable = [
        f"{word} daddr {{ {', '.join(found)} }} accept"
        for word, family in (("ip", 4), ("ip6", 6))
        if (found := _of_family(family, subnets))
    ]
    names = ", ".join(str(port) for port in NAME_PORTS)
    drop_names = f"meta l4proto {{ tcp, udp }} th dport {{ {names} }} counter drop"
    tunnel = _guard_tunnel(endpoint)
    leaving = [
        "ct direction reply accept",
        *([tunnel, drop_names] if endpoint.address else [drop_names, tunnel]),
        *reachable,
        "counter drop",
    ]
    to_host = [
        "ct direction reply accept",
        # What a network namespace says by itself when it comes up, before anybody could load rules in it.
        "icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert, mld2-listener-report } accept",
        "counter drop",
    ]
    return "\n".join(
        [
            f"table inet {GUARD_TABLE}",
            f"delete table inet {GUARD_TABLE}",
            f"table inet {GUARD_TABLE} {{",
            *_chain("leaving", leaving),
            *_chain("to_host", to_host),
            *_chain("forward", _hook("forward", "leaving")),
            *_chain("input", _hook("input", "to_host")),
            "}",
            "",
        ]
    )


def _guard_tunnel(endpoint: Endpoint) -> str:
    words = []
    if endpoint.address:
        version = ipaddress.ip_address(endpoint.address).version
        words.append(f"{'ip6' if version == 6 else 'ip'} daddr {endpoint.address}")
    words.append(f"{endpoint.protocol} dport {endpoint.port}" if endpoint.port else f"meta l4proto {endpoint.protocol}")
    return " ".join([*words, "accept"])


def _hook(name: str, target: str) -> list[str]:
    # Ahead of Docker's own rules and of a person's; what they allow is no matter here.
    return [f"type filter hook {name} priority filter - 10; policy accept;", f'iifname "{BRIDGE}" jump {target}']


def _chain(name: str, rules: Iterable[str]) -> list[str]:
    return [f"\tchain {name} {{", *(f"\t\t{rule}" for rule in rules), "\t}"]


def _of_family(family: int, networks: Iterable[str]) -> list[str]:
    """Return the networks of one family, in the kernel's spelling."""
    found = [ipaddress.ip_network(network) for network in networks]
    return [str(network) for network in found if network.version == family]
