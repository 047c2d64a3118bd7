# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter table as gluetun fills it: everything dropped but what is named here. Nothing is taken down at the end."""

from __future__ import annotations

import threading
from ipaddress import ip_address
from pathlib import Path

from .command import CommandError, run
from .log import Log
from .network import DefaultRoute, LocalNetwork
from .openvpn_config import Server
from .settings import Firewall as FirewallSettings

POST_RULES = Path("/iptables/post-rules.txt")
BOTH = (4, 6)
# Neighbour discovery asks these; without them no IPv6 neighbour is found.
SOLICITED_NODES = "ff02::1:ff00:0/104"


class FirewallError(Exception):
    """iptables refused a rule."""


class Firewall:
    def __init__(self, settings: FirewallSettings, defaults: list[DefaultRoute], locals_: list[LocalNetwork]) -> None:
        self.settings = settings
        self.defaults = defaults
        self.locals = locals_
        self.log = Log("firewall")
        self.lock = threading.Lock()
        self.server: Server | None = None
        self.interface = ""
        self.suffix = _supported()

    def enable(self) -> None:
        if not self.settings.enabled:
            self.log.info("disabled by the setting")
            return
        self.log.info("enabling...")
        for family in BOTH:
            for chain in ("INPUT", "OUTPUT", "FORWARD"):
                self._rule(family, "--policy", chain, "DROP")
            self._rule(family, "--append", "INPUT", "-i", "lo", "-j", "ACCEPT")
            self._rule(family, "--append", "OUTPUT", "-o", "lo", "-j", "ACCEPT")
            for chain in ("OUTPUT", "INPUT"):
                self._rule(
                    family, "--append", chain, "-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED", "-j", "ACCEPT"
                )
        for network in self.locals:
            self._out(network.interface, network.address, network.subnet)
            self._rule(6, "--append", "OUTPUT", "-o", network.interface, "-d", SOLICITED_NODES, "-j", "ACCEPT")
        for network in self.locals:
            self._rule(
                network.family, "--append", "INPUT", "-i", network.interface, "-d", network.subnet, "-j", "ACCEPT"
            )
        self._post_rules()
        self.log.info("enabled successfully")

    def allow_outbound_subnets(self) -> None:
        for subnet in self.settings.outbound_subnets:
            for route in self.defaults:
                if route.family == subnet.version:
                    self._out(route.interface, route.address, str(subnet))

    def allow_input_ports(self) -> None:
        for port in self.settings.input_ports:
            for interface in sorted({route.interface for route in self.defaults}):
                self._input_port("--append", interface, port)

    def allow_vpn(self, server: Server, interface: str) -> None:
        """Let packets to the server out, and everything by the tunnel; take back what the last server had."""
        self.log.info("allowing VPN connection...")
        if (self.server, self.interface) == (server, interface):
            return
        if self.server is not None:
            self._vpn("--delete", self.server, self.interface)
        self._vpn("--append", server, interface)
        self.server, self.interface = server, interface

    def vpn_input_ports(self, add: bool) -> None:
        for port in self.settings.vpn_input_ports:
            self._input_port("--append" if add else "--delete", self.interface, port)

    def _vpn(self, action: str, server: Server, interface: str) -> None:
        for route in self.defaults:
            if route.family == server.address.version:
                to = ("-d", str(server.address), "-o", route.interface, "-p", server.protocol, "-m", server.protocol)
                self._rule(route.family, action, "OUTPUT", *to, "--dport", str(server.port), "-j", "ACCEPT")
        for family in BOTH:
            self._rule(family, action, "OUTPUT", "-o", interface, "-j", "ACCEPT")

    def _out(self, interface: str, address: str, subnet: str) -> None:
        family = ip_address(address).version
        self._rule(family, "--append", "OUTPUT", "-o", interface, "-s", address, "-d", subnet, "-j", "ACCEPT")

    def _input_port(self, action: str, interface: str, port: int) -> None:
        for family in BOTH:
            for protocol in ("tcp", "udp"):
                to = ("-i", interface, "-p", protocol, "-m", protocol, "--dport", str(port))
                self._rule(family, action, "INPUT", *to, "-j", "ACCEPT")

    def _post_rules(self) -> None:
        if not POST_RULES.is_file():
            return
        for line in POST_RULES.read_text(encoding="utf-8").splitlines():
            program, _, rule = line.partition(" ")
            base = program.removesuffix("-nft").removesuffix("-legacy")
            if base in ("iptables", "ip6tables") and rule:
                self._rule(4 if base == "iptables" else 6, *rule.split())

    def _rule(self, family: int, *rule: str) -> None:
        if not self.settings.enabled:
            return
        program = ("iptables" if family == 4 else "ip6tables") + self.suffix
        if self.settings.debug:
            self.log.info(f"{program} {' '.join(rule)}")
        with self.lock:
            try:
                run(program, "-w", *rule)
            except CommandError as error:
                raise FirewallError(f'command failed: "{program} {" ".join(rule)}": {error}') from None


def _supported() -> str:
    problems = []
    for suffix in ("", "-legacy"):
        try:
            run(f"iptables{suffix}", "-w", "-L")
        except CommandError as error:
            problems.append(f"iptables{suffix}: {error}")
        else:
            return suffix
    raise FirewallError("no iptables supported found: " + "; ".join(problems))
