# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the namespace looks like: default routes, attached networks, addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .command import ip_json


class NetworkError(Exception):
    """The namespace lacks what gluetun needs."""


@dataclass(frozen=True)
class DefaultRoute:
    interface: str
    gateway: str
    address: str
    family: int


@dataclass(frozen=True)
class LocalNetwork:
    interface: str
    subnet: str
    address: str
    family: int


def default_routes() -> list[DefaultRoute]:
    found = []
    routes = 0
    for family in (4, 6):
        for route in ip_json(f"-{family}", "route", "show", "table", "main"):
            routes += 1
            if route["dst"] != "default" or "gateway" not in route:
                continue
            interface = route["dev"]
            found.append(DefaultRoute(interface, route["gateway"], _assigned(interface, family), family))
    if not found:
        raise NetworkError(f"default route not found: in {routes} route(s)")
    return found


def local_networks() -> list[LocalNetwork]:
    ethernet = {link["ifname"] for link in ip_json("link", "show") if link["link_type"] == "ether"}
    if not ethernet:
        raise NetworkError("local link not found")
    found = []
    for family in (4, 6):
        for route in ip_json(f"-{family}", "route", "show", "table", "main"):
            if "gateway" in route or route["dst"] in ("default", "multicast") or route["dev"] not in ethernet:
                continue
            subnet = _with_mask(route["dst"], family)
            found.append(LocalNetwork(route["dev"], subnet, _assigned(route["dev"], family), family))
    if not found:
        raise NetworkError("local subnet not found")
    return found


def ipv6_supported() -> bool:
    """Any IPv6 route beside the loopback's will do, as for gluetun."""
    return any(route.get("dev") != "lo" for route in ip_json("-6", "route", "show", "table", "main"))


def _assigned(interface: str, family: int) -> str:
    wanted = "inet" if family == 4 else "inet6"
    links: list[dict[str, Any]] = ip_json(f"-{family}", "address", "show", "dev", interface)
    addresses = [entry for link in links for entry in link.get("addr_info", []) if entry.get("family") == wanted]
    addresses.sort(key=lambda entry: entry["scope"] != "global")
    if not addresses:
        raise NetworkError(f"IP address not found for interface {interface}")
    return str(addresses[0]["local"])


def _with_mask(destination: str, family: int) -> str:
    if "/" in destination:
        return destination
    return f"{destination}/{32 if family == 4 else 128}"
