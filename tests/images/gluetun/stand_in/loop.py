# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps the tunnel up: starts it, waits for its end, starts it again; and what follows once it is up."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass, field

from .checks import CheckError, start_check
from .dns import Resolver
from .firewall import Firewall, FirewallError
from .health import HealthServer, Watch
from .log import Log
from .openvpn import OpenVpnTunnel
from .publicip import PublicIp
from .settings import Settings
from .wireguard import TunnelError, WireGuardTunnel

BACKOFF_SECONDS = 15
ANSWER_SECONDS = 10


@dataclass
class Order:
    """Something for the loop to do: stop, start, restart, end; or what a tunnel tells it: up, gone."""

    what: str
    tunnel: WireGuardTunnel | OpenVpnTunnel | None = None
    reason: str = ""
    done: threading.Event = field(default_factory=threading.Event)


class VpnLoop:
    def __init__(self, settings: Settings, ipv6: bool, firewall: Firewall, health: HealthServer) -> None:
        self.settings = settings
        self.ipv6 = ipv6
        self.firewall = firewall
        self.health = health
        self.resolver = Resolver(settings.dns)
        self.public_ip = PublicIp(settings)
        self.status = "stopped"
        self.log = Log("vpn")
        self.orders: queue.Queue[Order] = queue.Queue()
        self.backoff = BACKOFF_SECONDS
        self.tunnel: WireGuardTunnel | OpenVpnTunnel | None = None
        self.watch: Watch | None = None

    def apply(self, wanted: str) -> str:
        """Stop or start, wait for it, and say what came of it."""
        if wanted == self.status:
            return f"already {wanted}"
        order = Order("stop" if wanted == "stopped" else "start")
        self.orders.put(order)
        order.done.wait(ANSWER_SECONDS)
        return wanted

    def restart(self, reason: str) -> None:
        self.orders.put(Order("restart", reason=reason))

    def end(self) -> None:
        order = Order("end")
        self.orders.put(order)
        order.done.wait(ANSWER_SECONDS)

    def run(self) -> None:
        self._start()
        wait: float | None = None if self.tunnel else self.backoff
        while True:
            try:
                order = self.orders.get(timeout=wait)
            except queue.Empty:
                order = Order("start")
            wait = self._carry_out(order)
            order.done.set()
            if order.what == "end":
                return

    def _carry_out(self, order: Order) -> float | None:
        """Do it, and return how long to wait before a start is tried again (nothing: no start is due)."""
        if order.what in ("up", "gone") and order.tunnel is not self.tunnel:
            return None if self.tunnel or self.status == "stopped" else self.backoff
        if order.what == "up":
            self.backoff = BACKOFF_SECONDS
            self.status = "running"
            self.watch = Watch(self.settings.health)
            threading.Thread(target=self._on_up, args=(self.tunnel, self.watch), daemon=True).start()
            return None
        if order.what == "gone":
            self._stop()
            return self._crashed(order.reason)
        if order.what in ("stop", "end"):
            self.log.info("stopping")
            self._stop()
            self.status = "stopped"
            return None
        if order.what == "restart":
            self.log.info(f"restarting VPN because {order.reason}")
            self._stop()
        if self.tunnel is None:
            self.log.info("starting")
            return self._start()
        return None

    def _start(self) -> float | None:
        make = WireGuardTunnel if self.settings.kind == "wireguard" else OpenVpnTunnel
        tunnel = make(self.settings, self.ipv6)
        self.tunnel = tunnel
        self.status = "starting"
        try:
            self.firewall.allow_vpn(tunnel.server(), tunnel.interface)
            tunnel.start(lambda: self.orders.put(Order("up", tunnel)))
        except (TunnelError, FirewallError, OSError) as error:
            tunnel.stop()
            self.tunnel = None
            return self._crashed(str(error))
        threading.Thread(target=self._follow, args=(tunnel,), daemon=True).start()
        return None

    def _follow(self, tunnel: WireGuardTunnel | OpenVpnTunnel) -> None:
        reason = tunnel.wait()
        self.orders.put(Order("gone", tunnel, reason))

    def _crashed(self, reason: str) -> float:
        self.status = "crashed"
        self.log.error(reason)
        wait = self.backoff
        self.log.info(f"retrying in {wait}s")
        self.backoff = wait * 2
        return wait

    def _stop(self) -> None:
        if self.watch is not None:
            self.watch.stop.set()
            self.watch = None
        if self.tunnel is not None:
            self.firewall.vpn_input_ports(add=False)
            self.public_ip.clear()
            self.tunnel.stop()
            self.tunnel = None

    def _on_up(self, tunnel: WireGuardTunnel | OpenVpnTunnel, watch: Watch) -> None:
        self.firewall.vpn_input_ports(add=True)
        try:
            start_check(self.settings.health.targets)
        except CheckError as error:
            self._unhealthy(tunnel, str(error))
            return
        self.health.problem = ""
        self.resolver.start()
        self.public_ip.fetch()
        problem = watch.until_it_fails()
        if problem:
            self._unhealthy(tunnel, problem)

    def _unhealthy(self, tunnel: WireGuardTunnel | OpenVpnTunnel, problem: str) -> None:
        self.health.problem = problem
        if tunnel is not self.tunnel:
            return
        if self.settings.health.restart_vpn:
            self.restart(f"it failed to pass the healthcheck: {problem}")
        else:
            self.log.warn(f"the VPN failed the healthcheck: {problem}")
