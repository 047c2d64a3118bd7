# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules and routes that gluetun adds beside the tunnel's own: answers go back the way the question came."""

from __future__ import annotations

from ipaddress import ip_interface

from .command import CommandError, ip, ip_json
from .log import Log
from .network import DefaultRoute, LocalNetwork
from .settings import Firewall

MAIN_TABLE = 254
LOCAL_PRIORITY = 98
OUTBOUND_TABLE, OUTBOUND_PRIORITY = 199, 99
INBOUND_TABLE, INBOUND_PRIORITY = 200, 100


class RoutingError(Exception):
    """The kernel refused a rule or a route."""


class Routing:
    def __init__(self, settings: Firewall, defaults: list[DefaultRoute], locals_: list[LocalNetwork]) -> None:
        self.settings = settings
        self.defaults = defaults
        self.locals = locals_
        self.log = Log("routing")

    def setup(self) -> None:
        try:
            for route in self.defaults:
                host = str(ip_interface(route.address).network)
                _add_rule(route.family, ("from", host), INBOUND_TABLE, INBOUND_PRIORITY)
                self._route("replace", route, "default", INBOUND_TABLE)
            self._outbound("replace")
            for network in self.locals:
                _add_rule(network.family, ("to", network.subnet), MAIN_TABLE, LOCAL_PRIORITY)
        except CommandError as error:
            if "not permitted" in str(error):
                self.log.warn("💡 Tip: Are you passing NET_ADMIN capability to gluetun?")
            raise RoutingError(f"setting up routing: {error}") from None

    def teardown(self) -> None:
        self.log.info("routing cleanup...")
        try:
            for route in self.defaults:
                self._route("delete", route, "default", INBOUND_TABLE)
                host = str(ip_interface(route.address).network)
                _delete_rule(route.family, ("from", host), INBOUND_TABLE, INBOUND_PRIORITY)
            self._outbound("delete")
        except CommandError as error:
            self.log.error(f"tearing down routing: {error}")

    def _outbound(self, action: str) -> None:
        for subnet in self.settings.outbound_subnets:
            for route in self.defaults:
                if route.family != subnet.version:
                    continue
                self._route(action, route, str(subnet), OUTBOUND_TABLE)
                change = _add_rule if action == "replace" else _delete_rule
                change(route.family, ("to", str(subnet)), OUTBOUND_TABLE, OUTBOUND_PRIORITY)

    def _route(self, action: str, route: DefaultRoute, destination: str, table: int) -> None:
        by = ("via", route.gateway, "dev", route.interface, "table", str(table))
        ip(f"-{route.family}", "route", action, destination, *by)


def _add_rule(family: int, what: tuple[str, str], table: int, priority: int) -> None:
    # Such a rule may be left of an earlier start; unlike the tunnel's own, it is then taken as it is.
    if not _exists(family, what, table, priority):
        ip(f"-{family}", "rule", "add", *what, "table", str(table), "priority", str(priority))


def _delete_rule(family: int, what: tuple[str, str], table: int, priority: int) -> None:
    if _exists(family, what, table, priority):
        ip(f"-{family}", "rule", "delete", *what, "table", str(table), "priority", str(priority))


def _exists(family: int, what: tuple[str, str], table: int, priority: int) -> bool:
    key, wanted = ("src", "srclen") if what[0] == "from" else ("dst", "dstlen"), ip_interface(what[1])
    for rule in ip_json(f"-{family}", "-N", "rule", "show"):
        length = rule.get(key[1], wanted.max_prefixlen)
        same = rule.get(key[0]) == str(wanted.ip) and int(length) == wanted.network.prefixlen
        if same and rule["priority"] == priority and str(rule["table"]) == str(table):
            return True
    return False
