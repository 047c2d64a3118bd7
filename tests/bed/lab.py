# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The networks, the router between them, and the internet behind it.

Both networks are internal, so that the engine lets nothing through; the router is a container with a leg in each.
"""

from __future__ import annotations

from tests.bed import addresses as at
from tests.bed import containers
from tests.bed.containers import Attachment, Container
from tests.bed.images import LABEL
from tests.bed.shell import BedError, docker, run, step, succeeds, wait_for

NETWORKS = {
    at.UPLINK_NETWORK: (at.UPLINK_NET, at.UPLINK_NET6),
    at.INTERNET_NETWORK: (at.INTERNET_NET, at.INTERNET_NET6),
}

READY = "/run/bed-ready"  # each container of the lab makes this file when it can be used

ROUTER = Container(
    name=at.ROUTER_NAME,
    image="media-bed/router",
    options=(
        "--cap-add=NET_ADMIN",
        "--tmpfs=/run",
        "--sysctl=net.ipv4.ip_forward=1",
        "--sysctl=net.ipv6.conf.all.disable_ipv6=0",
        "--sysctl=net.ipv6.conf.all.forwarding=1",
        f"--env=UPLINK={at.ROUTER_UPLINK}",
        f"--env=INTERNET_LEG={at.ROUTER_INTERNET}",
        f"--env=INTERNET={at.INTERNET}",
        f"--env=INTERNET6={at.INTERNET6}",
        f"--env=ISP_DNS={at.ISP_DNS}",
        f"--env=ISP_DNS6={at.ISP_DNS6}",
        f"--env=REGISTRY={at.REGISTRY}",
        f"--env=REGISTRY6={at.REGISTRY6}",
        f"--env=REGISTRY_NAMES={' '.join(at.REGISTRY_NAMES)}",
    ),
    first=Attachment(at.UPLINK_NETWORK, at.ROUTER_UPLINK, at.ROUTER_UPLINK6),
    more=(Attachment(at.INTERNET_NETWORK, at.ROUTER_INTERNET, at.ROUTER_INTERNET6),),
)

INTERNET = Container(
    name=at.INTERNET_NAME,
    image="media-bed/internet",
    options=(
        "--cap-add=NET_ADMIN",
        "--device=/dev/net/tun",
        "--tmpfs=/run",
        "--sysctl=net.ipv4.ip_forward=1",
        "--sysctl=net.ipv6.conf.all.disable_ipv6=0",
        "--sysctl=net.ipv6.conf.all.forwarding=1",
    ),
    first=Attachment(at.INTERNET_NETWORK, at.INTERNET, at.INTERNET6),
)

# Where a machine runs bridged frames through its firewall, Docker's rules for internal networks
# would drop what a host sends to the router. What crosses a bridge of the bed may pass ...
_BRIDGED = [
    (tool, "DOCKER-USER", ("-i", name, "-o", name, "-j", "ACCEPT"))
    for tool in ("iptables", "ip6tables")
    for name in NETWORKS
]
# ... and no older engine closes IPv6 itself: nothing crosses from there to another interface of this machine.
_CLOSED = [("ip6tables", "FORWARD", ("-i", name, "!", "-o", name, "-j", "DROP")) for name in NETWORKS]
RULES = [*_BRIDGED, *_CLOSED]


def ensure() -> None:
    """Bring up the networks, the internet and the router, in this order."""
    with step("networks") as line:
        line.note = ", ".join(name for name, nets in NETWORKS.items() if _ensure_network(name, *nets)) or "there"
        _ensure_rules()
        for name, nets in NETWORKS.items():
            _keep_off_the_machine(name, *nets)
    for container in (INTERNET, ROUTER):
        with step(container.name) as line:
            line.note = containers.ensure(container) or "there"
            wait_until_ready(container.name)


def wait_until_ready(name: str, seconds: float = 30) -> None:
    """Wait until a container of the lab says that it can be used."""
    probe = ["docker", "exec", name, "test", "-e", READY]
    try:
        wait_for(f"{name} is ready", lambda: succeeds(probe), seconds=seconds)
    except BedError as error:
        raise BedError(f"{error}; it said last:{containers.last_words(name)}") from None


def _ensure_network(name: str, net: str, net6: str) -> bool:
    if succeeds(["docker", "network", "inspect", name]):
        return False
    command = ["network", "create", "--internal", "--ipv6", f"--subnet={net}", f"--subnet={net6}"]
    # The bridge gets the network's name, which the rules and the capture go by, and no address: see below.
    bridge = "--opt=com.docker.network.bridge."
    docker(*command, f"--label={LABEL}={name}", f"{bridge}name={name}", f"{bridge}inhibit_ipv4=true", name)
    return True


def _keep_off_the_machine(name: str, net: str, net6: str) -> None:
    """See that this machine itself has no route into the network.

    An address on the bridge brings a route, and documentation or not, the machine may use that range for something
    real: its package mirror, for one, which it then no longer reaches. The engine gives the bridge its IPv6 address
    whatever it is told, and again at each of its starts, then with a second route that outlives the address.
    """
    run(["ip", "address", "flush", "dev", name, "scope", "global"])
    for family, prefix in (("-4", net), ("-6", net6)):
        run(["ip", family, "route", "flush", "root", prefix, "dev", name])
    for family in ("-4", "-6"):
        routes = run(["ip", family, "route", "show", "dev", name]).splitlines()
        # Link-local routes belong to the link alone.
        taken = [route for route in routes if not route.startswith(("fe80:", "ff00:", "multicast ff00:"))]
        if taken:
            raise BedError(f"{name}: this machine has a route into it, which may hide a real network: {taken[0]}")


def _ensure_rules() -> None:
    for tool, chain, rule in RULES:
        # Older engines keep no chain of their own for IPv6.
        if succeeds([tool, "-n", "-L", chain]) and not succeeds([tool, "-C", chain, *rule]):
            run([tool, "-I", chain, *rule])


def remove() -> None:
    """Take the lab down: its containers, its networks, and its rules on this machine."""
    for name in (at.ROUTER_NAME, at.INTERNET_NAME):
        containers.remove(name)
    for tool, chain, rule in RULES:
        if succeeds([tool, "-C", chain, *rule]):
            run([tool, "-D", chain, *rule])
    for name in NETWORKS:
        if succeeds(["docker", "network", "inspect", name]):
            docker("network", "rm", name)
