# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every fixed name and address of the bed, in one place.

    media-demo ---+                        +--- media-internet
    (other hosts) +--- media-router -------+    (default route of the router: answers for the whole world)
    media-registry+    (masquerades)
         media-uplink                    media-internet

Both networks are internal: nothing that a host sends can leave the machine. The addresses are the ones reserved for
documentation. That does not make them free: a machine may reach its package mirror at one of them. So the machine
itself gets no address and no route in these networks (tests/bed/lab.py sees to it).
"""

from __future__ import annotations

# Names on the outer engine. Everything the bed makes begins with this.
PREFIX = "media-"
UPLINK_NETWORK = "media-uplink"
INTERNET_NETWORK = "media-internet"
ROUTER_NAME = "media-router"
REGISTRY_NAME = "media-registry"
REGISTRY_VOLUME = "media-registry"
INTERNET_NAME = "media-internet"

# The uplink: what a home's connection is to a media host.
UPLINK_NET = "198.51.100.0/24"
UPLINK_NET6 = "2001:db8:51::/64"
ROUTER_UPLINK = "198.51.100.254"  # the default gateway of every host
ROUTER_UPLINK6 = "2001:db8:51::254"
ISP_DNS = "198.51.100.53"  # answers every name, so that a leaked question is seen and succeeds
ISP_DNS6 = "2001:db8:51::53"
REGISTRY = "198.51.100.20"
REGISTRY6 = "2001:db8:51::20"
# Hosts take .101 (media-demo) and upwards; the last number is the same in both families.
DEMO_NAME = "media-demo"
HOST_FIRST = 101
HOST_LAST = 199
# Clients, who only look at a host's door, take these.
CLIENT_FIRST = 201
CLIENT_LAST = 239

# The internet side.
INTERNET_NET = "203.0.113.0/24"
INTERNET_NET6 = "2001:db8:113::/64"
ROUTER_INTERNET = "203.0.113.254"
ROUTER_INTERNET6 = "2001:db8:113::254"
INTERNET = "203.0.113.10"  # echo server, VPN server, news server; every name the ISP's resolver is asked for
INTERNET6 = "2001:db8:113::10"
# Public resolvers that VPN clients use for health checks and DNS; media-internet holds them on its loopback.
PUBLIC_RESOLVERS = ("1.1.1.1", "1.0.0.1", "8.8.8.8")
PUBLIC_RESOLVERS6 = ("2606:4700:4700::1111", "2606:4700:4700::1001", "2001:4860:4860::8888")

# Names that the registry answers to. `docker.io` itself must be among them, or each pull from the Hub waits 10 s.
REGISTRY_NAMES = (
    "docker.io",
    "registry-1.docker.io",
    "index.docker.io",
    "auth.docker.io",
    "lscr.io",
    "ghcr.io",
    "quay.io",
)
