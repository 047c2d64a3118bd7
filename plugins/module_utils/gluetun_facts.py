# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Facts of gluetun v3.41: its providers, what each of them asks for, and the words that its settings take."""

from __future__ import annotations

from dataclasses import dataclass, field

WIREGUARD = "wireguard"
OPENVPN = "openvpn"
CUSTOM = "custom"

#: The mark that gluetun puts on WireGuard's encrypted packets, and that OpenVPN is told to put on its own.
FIREWALL_MARK = 51820

#: The tunnel's device, for both kinds.
TUNNEL_DEVICE = "tun0"


@dataclass(frozen=True)
class Provider:
    """What one provider asks for.

    kinds: the tunnels that it has.
    preshared_key: WireGuard needs one.
    addresses: gluetun knows the WireGuard address, the same for all customers.
    wireguard_port: a port may be chosen; wireguard_ports: only one of these, any where empty.
    login: OpenVPN needs a user and a password.
    certificate, key, encrypted_key: OpenVPN needs them.
    tcp: OpenVPN goes over TCP too.
    openvpn_port: a port may be chosen; udp_ports, tcp_ports: only one of these, any where empty.
    only: the server filters "nothing but" (variable vpn_server_only) that it knows.
    """

    kinds: tuple[str, ...] = (OPENVPN,)
    preshared_key: bool = False
    addresses: bool = False
    wireguard_port: bool = True
    wireguard_ports: tuple[int, ...] = ()
    login: bool = True
    certificate: bool = False
    key: bool = False
    encrypted_key: bool = False
    tcp: bool = True
    openvpn_port: bool = True
    udp_ports: tuple[int, ...] = ()
    tcp_ports: tuple[int, ...] = ()
    only: frozenset[str] = field(default_factory=frozenset)


_BOTH = (WIREGUARD, OPENVPN)

PROVIDERS: dict[str, Provider] = {
    "airvpn": Provider(
        _BOTH,
        preshared_key=True,
        wireguard_ports=(1637, 47107),
        login=False,
        certificate=True,
        key=True,
        udp_ports=(53, 80, 443, 1194, 2018, 41185),
        tcp_ports=(53, 80, 443, 1194, 2018, 41185),
    ),
    "custom": Provider(_BOTH, login=False),
    "cyberghost": Provider(certificate=True, key=True),
    "expressvpn": Provider(openvpn_port=False),
    "fastestvpn": Provider(_BOTH, wireguard_port=False, openvpn_port=False),
    "giganews": Provider(tcp=False, openvpn_port=False),
    "hidemyass": Provider(),
    "ipvanish": Provider(tcp=False, openvpn_port=False),
    "ivpn": Provider(
        _BOTH,
        wireguard_ports=(2049, 2050, 53, 30587, 41893, 48574, 58237),
        udp_ports=(53, 1194, 2049, 2050),
        tcp_ports=(80, 443, 1143),
    ),
    # Its OpenVPN servers were switched off in January 2026.
    "mullvad": Provider((WIREGUARD,), only=frozenset({"owned"})),
    "nordvpn": Provider(_BOTH, addresses=True, wireguard_port=False, openvpn_port=False),
    "perfect privacy": Provider(tcp=False, udp_ports=(44, 443, 4433)),
    "privado": Provider(udp_ports=(443, 1194, 8080, 8443), tcp_ports=(443, 1194, 8080, 8443)),
    "private internet access": Provider(
        udp_ports=(53, 1194, 1197, 1198, 8080, 9201),
        tcp_ports=(80, 110, 443),
        only=frozenset({"port_forward"}),
    ),
    "privatevpn": Provider(),
    "protonvpn": Provider(
        _BOTH,
        addresses=True,
        wireguard_port=False,
        udp_ports=(80, 443, 1194, 4569, 5060, 51820),
        tcp_ports=(443, 5995, 8443),
        only=frozenset({"free", "stream", "secure_core", "tor", "port_forward"}),
    ),
    "purevpn": Provider(openvpn_port=False),
    "slickvpn": Provider(udp_ports=(443, 8080, 8888), tcp_ports=(443, 8080, 8888)),
    "surfshark": Provider(_BOTH, wireguard_port=False, openvpn_port=False, only=frozenset({"multihop"})),
    "torguard": Provider(),
    "vpn unlimited": Provider(certificate=True, key=True, openvpn_port=False, only=frozenset({"free", "stream"})),
    "vpnsecure": Provider(
        login=False, certificate=True, encrypted_key=True, openvpn_port=False, only=frozenset({"premium"})
    ),
    "vyprvpn": Provider(tcp=False, openvpn_port=False),
    "windscribe": Provider(
        _BOTH,
        wireguard_ports=(53, 80, 123, 443, 1194, 65142),
        udp_ports=(53, 80, 123, 443, 1194, 54783),
        tcp_ports=(21, 22, 80, 123, 143, 443, 587, 1194, 3306, 8080, 54783),
    ),
}

ALIASES = {"pia": "private internet access"}

#: The provider under whose rules a port is forwarded.
PORT_FORWARDING = ("perfect privacy", "private internet access", "privatevpn", "protonvpn")

#: The server filters "nothing but", by the name that they have in vpn_server_only.
SERVER_ONLY = {
    "owned": "OWNED_ONLY",
    "free": "FREE_ONLY",
    "stream": "STREAM_ONLY",
    "secure_core": "SECURE_CORE_ONLY",
    "tor": "TOR_ONLY",
    "multihop": "MULTIHOP_ONLY",
    "premium": "PREMIUM_ONLY",
    "port_forward": "PORT_FORWARD_ONLY",
}

RESOLVERS = (
    "cira family",
    "cira private",
    "cira protected",
    "cleanbrowsing adult",
    "cleanbrowsing family",
    "cleanbrowsing security",
    "cloudflare",
    "cloudflare family",
    "cloudflare security",
    "google",
    "libredns",
    "opendns",
    "quad9",
    "quad9 secured",
    "quad9 unsecured",
    "quadrant",
)


def provider_name(value: object) -> str:
    """Return a provider's name as gluetun's lists have it."""
    name = str(value or "").strip().lower()
    return ALIASES.get(name, name)
