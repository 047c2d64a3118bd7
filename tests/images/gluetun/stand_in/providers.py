# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What gluetun knows about each provider, as far as it decides which settings are accepted."""

from __future__ import annotations

ALIASES = {"pia": "private internet access"}

ALL = (
    "airvpn",
    "cyberghost",
    "expressvpn",
    "fastestvpn",
    "giganews",
    "hidemyass",
    "ipvanish",
    "ivpn",
    "mullvad",
    "nordvpn",
    "perfect privacy",
    "privado",
    "private internet access",
    "privatevpn",
    "protonvpn",
    "purevpn",
    "slickvpn",
    "surfshark",
    "torguard",
    "vpnsecure",
    "vpn unlimited",
    "vyprvpn",
    "windscribe",
    "custom",
)
WIREGUARD = (
    "airvpn",
    "fastestvpn",
    "ivpn",
    "mullvad",
    "nordvpn",
    "protonvpn",
    "surfshark",
    "windscribe",
    "custom",
)
DEFAULT_ADDRESSES = {"nordvpn": "10.5.0.2/32", "protonvpn": "10.2.0.2/32"}
ENDPOINT_PORT_REFUSED = ("fastestvpn", "nordvpn", "protonvpn", "surfshark")
ENDPOINT_PORTS = {
    "airvpn": (1637, 47107),
    "ivpn": (2049, 2050, 53, 30587, 41893, 48574, 58237),
    "windscribe": (53, 80, 123, 443, 1194, 65142),
}
PORT_FORWARDING = ("perfect privacy", "private internet access", "privatevpn", "protonvpn")
NO_OPENVPN_USER = ("custom", "airvpn", "vpnsecure")
OPENVPN_CERT = ("airvpn", "cyberghost", "vpnsecure", "vpn unlimited")
OPENVPN_KEY = ("airvpn", "cyberghost", "vpn unlimited")

RESOLVERS = {"cloudflare": ("1.1.1.1", "1.0.0.1"), "google": ("8.8.8.8", "8.8.4.4")}
OTHER_RESOLVERS = (
    "cira family",
    "cira private",
    "cira protected",
    "cleanbrowsing adult",
    "cleanbrowsing family",
    "cleanbrowsing security",
    "cloudflare family",
    "cloudflare security",
    "libredns",
    "opendns",
    "quad9",
    "quad9 secured",
    "quad9 unsecured",
    "quadrant",
)
