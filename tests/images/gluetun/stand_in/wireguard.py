# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The WireGuard tunnel: wireguard-go, its device, routes in a table of their own, and the rule that points there."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from .command import CommandError, ip, run, tool
from .log import Log
from .openvpn_config import Server
from .settings import Settings

MARK = 51820
PRIORITY = 101
SOCKETS = Path("/var/run/wireguard")


class TunnelError(Exception):
    """The tunnel did not come up, or ended."""


class WireGuardTunnel:
    def __init__(self, settings: Settings, ipv6: bool) -> None:
        self.settings = settings.wireguard
        self.interface = settings.interface
        self.ipv6 = ipv6
        self.log = Log("wireguard")
        self.process: subprocess.Popen[bytes] | None = None
        self.rules: list[int] = []

    def server(self) -> Server:
        if self.settings.endpoint_ip is None or not self.settings.public_key:
            raise TunnelError(
                "the stand-in has no server list: set WIREGUARD_ENDPOINT_IP, WIREGUARD_PUBLIC_KEY (and "
                "WIREGUARD_ENDPOINT_PORT), or VPN_SERVICE_PROVIDER=custom"
            )
        return Server(self.settings.endpoint_ip, self.settings.endpoint_port or MARK, "udp")

    def start(self, on_ready: Callable[[], None]) -> None:
        try:
            self._start()
        except CommandError as error:
            raise TunnelError(str(error)) from None
        self.log.info(
            "Wireguard setup is complete. Note Wireguard is a silent protocol and it may or may not work, "
            "without giving any error message. Typically i/o timeout errors indicate the Wireguard connection "
            "is not working."
        )
        on_ready()

    def _start(self) -> None:
        if self.settings.implementation == "kernelspace":
            raise TunnelError("kernel does not support Wireguard")
        self.log.info("Using userspace implementation since Kernel support does not exist")
        self._device()
        for address in self.settings.addresses:
            if address.version == 4 or self.ipv6:
                ip("address", "add", str(address), "dev", self.interface)
        self._configure()
        ip("link", "set", self.interface, "up")
        for allowed in self.settings.allowed_ips:
            if allowed.version == 4 or self.ipv6:
                ip(f"-{allowed.version}", "route", "add", str(allowed), "dev", self.interface, "table", str(MARK))
        if self.ipv6:
            self._rule(6)
        self._rule(4)

    def _device(self) -> None:
        (SOCKETS / f"{self.interface}.sock").unlink(missing_ok=True)
        environment = {**os.environ, "LOG_LEVEL": "error", "WG_PROCESS_FOREGROUND": "1"}
        self.process = subprocess.Popen(
            [tool("wireguard-go"), "-f", self.interface], env=environment, stdout=subprocess.DEVNULL, stderr=None
        )
        deadline = time.monotonic() + 5
        while not (SOCKETS / f"{self.interface}.sock").exists():
            if self.process.poll() is not None:
                raise TunnelError("cannot create TUN device: wireguard-go ended; see its line above")
            if time.monotonic() > deadline:
                raise TunnelError("cannot open UAPI socket: wireguard-go did not open it within 5 s")
            time.sleep(0.02)
        ip("link", "set", self.interface, "mtu", str(self.settings.mtu))

    def _configure(self) -> None:
        server = self.server()
        host = f"[{server.address}]" if server.address.version == 6 else str(server.address)
        self.log.info(f"Connecting to {host}:{server.port}")
        with tempfile.TemporaryDirectory() as folder:
            private, preshared = Path(folder, "private"), Path(folder, "preshared")
            private.write_text(self.settings.private_key, encoding="utf-8")
            # The mark first: once the peer is there a handshake may leave at any moment.
            run("wg", "set", self.interface, "fwmark", str(MARK), "private-key", str(private))
            peer = ["peer", self.settings.public_key, "endpoint", f"{host}:{server.port}"]
            peer += ["allowed-ips", ",".join(str(network) for network in self.settings.allowed_ips)]
            peer += ["persistent-keepalive", str(self.settings.keepalive)]
            if self.settings.preshared_key:
                preshared.write_text(self.settings.preshared_key, encoding="utf-8")
                peer += ["preshared-key", str(preshared)]
            run("wg", "set", self.interface, *peer)

    def _rule(self, family: int) -> None:
        try:
            table = ("table", str(MARK), "priority", str(PRIORITY))
            ip(f"-{family}", "rule", "add", "not", "fwmark", str(MARK), *table)
        except CommandError as error:
            text = str(error).replace("RTNETLINK answers: File exists", "file exists")
            raise TunnelError(
                f"adding IPv{family} rule: adding ip rule {PRIORITY}: from all to all table {MARK}: {text}"
            ) from None
        self.rules.append(family)

    def wait(self) -> str:
        """Return why the tunnel ended, when it has."""
        assert self.process is not None
        self.process.wait()
        return "device waited for"

    def stop(self) -> None:
        """Take down what this start put up, and only that."""
        for family in self.rules:
            try:
                ip(f"-{family}", "rule", "delete", "not", "fwmark", str(MARK), "table", str(MARK))
            except CommandError as error:
                self.log.error(f"failed removing IPv{family} rule: {error}")
        self.rules.clear()
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(2)
            self.process.kill()
            self.process.wait()
