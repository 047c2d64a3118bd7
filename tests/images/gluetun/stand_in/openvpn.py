# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The OpenVPN tunnel: Debian's openvpn with the configuration adapted as gluetun adapts it."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from .command import tool
from .log import Log
from .openvpn_config import Server, adapted, server_of
from .settings import Settings
from .wireguard import TunnelError

TARGET = Path("/etc/openvpn/target.ovpn")
AUTH = Path("/etc/openvpn/auth.conf")
READY = "Initialization Sequence Completed"


class OpenVpnTunnel:
    def __init__(self, settings: Settings, ipv6: bool) -> None:
        self.settings = settings.openvpn
        self.provider = settings.provider
        self.interface = settings.interface
        self.ipv6 = ipv6
        self.log = Log("openvpn")
        self.process: subprocess.Popen[str] | None = None
        self.reader: threading.Thread | None = None

    def server(self) -> Server:
        if self.provider != "custom":
            raise TunnelError("the stand-in has no server list: set VPN_SERVICE_PROVIDER=custom")
        server = server_of(self._custom())
        return replace(
            server,
            address=self.settings.endpoint_ip or server.address,
            port=self.settings.endpoint_port or server.port,
        )

    def start(self, on_ready: Callable[[], None]) -> None:
        TARGET.parent.mkdir(parents=True, exist_ok=True)
        text = adapted(self._custom(), self.server(), self.settings, self.interface, self.ipv6, str(AUTH))
        _write_private(TARGET, text)
        if self.settings.user:
            _write_private(AUTH, f"{self.settings.user}\n{self.settings.password}\n")
        self.process = subprocess.Popen(
            [tool("openvpn"), "--config", str(TARGET), *self.settings.flags],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.reader = threading.Thread(target=self._follow, args=(on_ready,), daemon=True)
        self.reader.start()

    def _custom(self) -> str:
        return Path(self.settings.custom_config).read_text(encoding="utf-8")

    def _follow(self, on_ready: Callable[[], None]) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        for line in self.process.stdout:
            text = line.rstrip()
            if "AUTH_FAILED" in text:
                self.log.error(f"{text} (check OPENVPN_USER and OPENVPN_PASSWORD)")
            else:
                self.log.info(text)
            if READY in text:
                on_ready()

    def wait(self) -> str:
        assert self.process is not None
        return f"exit status {self.process.wait()}"

    def stop(self) -> None:
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(3)
            self.process.kill()
            self.process.wait()


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
