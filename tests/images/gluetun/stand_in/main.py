# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order of a start, and of an end."""

from __future__ import annotations

import os
import secrets
import signal
import sys
import threading
from pathlib import Path

from . import health
from .control import ControlServer
from .firewall import Firewall, FirewallError
from .log import Log
from .loop import VpnLoop
from .network import NetworkError, default_routes, ipv6_supported, local_networks
from .roles import RolesError, read_roles
from .routing import Routing, RoutingError
from .settings import SettingsError, read_settings
from .sources import Sources
from .validation import validate

TUN = Path("/dev/net/tun")


def main(arguments: list[str]) -> int:
    if arguments == ["healthcheck"]:
        return health.ask(os.environ.get("HEALTH_SERVER_ADDRESS") or "127.0.0.1:9999")
    if arguments == ["genkey"]:
        print(secrets.token_urlsafe(16))
        return 0
    log = Log()
    if arguments:
        log.error(f"command is unknown: {arguments[0]}")
        return 1
    try:
        return _serve(log)
    except (SettingsError, NetworkError, FirewallError, RoutingError, RolesError, OSError) as error:
        log.error(str(error))
        log.info("Shutdown successful")
        return 1


def _serve(log: Log) -> int:
    told_to_end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: told_to_end.set())
    log.info("gluetun v3.41.3, played by the stand-in of homelab.media's test bed")
    settings = read_settings(Sources(os.environ))
    for name in settings.retired:
        log.warn(f"{name} is obsolete and is ignored")
    defaults, networks = default_routes(), local_networks()
    for route in defaults:
        Log("routing").info(
            f"default route found: interface {route.interface}, gateway {route.gateway}, "
            f"assigned IP {route.address} and family v{route.family}"
        )
    firewall = Firewall(settings.firewall, defaults, networks)
    firewall.enable()
    ipv6 = ipv6_supported()
    validate(settings, ipv6)
    roles = read_roles(Path(settings.control.auth_file), settings.control.default_role)
    routing = Routing(settings.firewall, defaults, networks)
    routing.setup()
    firewall.allow_outbound_subnets()
    if not TUN.exists():
        log.info(f"{TUN} does not exist; creating it...")
        TUN.parent.mkdir(parents=True, exist_ok=True)
        os.mknod(TUN, 0o600 | 0o020000, os.makedev(10, 200))
    firewall.allow_input_ports()
    health_server = health.HealthServer(settings.health)
    loop = VpnLoop(settings, ipv6, firewall, health_server)
    loop.resolver.use_plain()
    ControlServer(settings, roles, loop).start()
    health_server.start()
    worker = threading.Thread(target=loop.run, daemon=True)
    worker.start()
    # A loop that ends by itself ends the program, as upstream's does.
    while worker.is_alive() and not told_to_end.wait(0.5):
        pass
    if not worker.is_alive():
        log.error("the VPN loop ended")
        return 1
    log.warn("Caught OS signal terminated, shutting down")
    loop.end()
    routing.teardown()
    log.info("Shutdown successful")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
