# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules around the networks, loaded into a real kernel: two networks joined by a router that is the host."""

from __future__ import annotations

import shutil
import subprocess
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import addressing, network_guard

ROUTE = {"home": ("10.9.1.0/24", "fd09:1::/64"), "inside": ("10.9.2.0/26", "fd09:2::/64")}
NETWORKS = {"inside": {"ipam": {"config": [{"subnet": subnet} for subnet in ROUTE["inside"]]}}}

ASK = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=1).close()
    print("in")
except OSError:
    print("out")
"""
SERVE = """
import socket, time
listener = socket.create_server(("::", 80), family=socket.AF_INET6, dualstack_ipv6=True)
print("ready", flush=True)
while True:
    listener.accept()[0].close()
"""


def ip(*words: str) -> str:
    return subprocess.check_output(["ip", *words], text=True, stderr=subprocess.STDOUT)


class House:
    """A host with two networks, and a machine on each: a neighbour of the home network, and a container."""

    def __init__(self) -> None:
        key = uuid.uuid4().hex[:6]
        self.spaces = {name: f"{name}-{key}" for name in ("host", "home", "inside")}
        for name, space in self.spaces.items():
            ip("netns", "add", space)
            for which in ("all", "default"):
                # At once: nobody here has somebody else's address.
                settings = (f"net.ipv6.conf.{which}.disable_ipv6=0", f"net.ipv6.conf.{which}.accept_dad=0")
                self.run(name, "sysctl", "-qw", *settings)
            ip("-n", space, "link", "set", "lo", "up")
        for index, name in enumerate(("home", "inside"), start=1):
            ip("link", "add", f"v{key}{index}", "type", "veth", "peer", "name", f"w{key}{index}")
            self._join(name, f"w{key}{index}", 2)
            self._join("host", f"v{key}{index}", 1, name)
            for family, via in (("-4", f"10.9.{index}.1"), ("-6", f"fd09:{index}::1")):
                ip("-n", self.spaces[name], family, "route", "add", "default", "via", via)
        self.run("host", "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
        command = ["ip", "netns", "exec", self.spaces["inside"], "python3", "-c", SERVE]
        self.server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.server.stdout is not None
        assert self.server.stdout.readline() == "ready\n"

    def _join(self, space: str, device: str, number: int, network: str = "") -> None:
        index = 1 if (network or space) == "home" else 2
        inside = self.spaces[space]
        ip("link", "set", device, "netns", inside)
        ip("-n", inside, "addr", "add", f"10.9.{index}.{number}/{24 if index == 1 else 26}", "dev", device)
        ip("-n", inside, "addr", "add", f"fd09:{index}::{number}/64", "dev", device, "nodad")
        ip("-n", inside, "link", "set", device, "up")

    def run(self, space: str, *command: str) -> str:
        return subprocess.check_output(["ip", "netns", "exec", self.spaces[space], *command], text=True)

    def guard(self, networks: dict[str, Any]) -> None:
        command = ["ip", "netns", "exec", self.spaces["host"], "nft", "-f", "-"]
        subprocess.run(command, input=network_guard.rules(networks), text=True, check=True)

    def asked(self, address: str, port: int = 80) -> str:
        return self.run("home", "python3", "-c", ASK, address, str(port)).strip()

    def close(self) -> None:
        self.server.kill()
        self.server.communicate()
        for space in self.spaces.values():
            ip("netns", "delete", space)


@pytest.fixture
def house() -> Iterator[House]:
    assert shutil.which("nft"), "nft is needed here: apt install nftables"
    found = House()
    yield found
    found.close()


@pytest.mark.parametrize("address", ["10.9.2.2", "fd09:2::2"])
def test_who_routes_by_the_host_does_not_get_in(house: House, address: str) -> None:
    assert house.asked(address) == "in", "the control: without rules the way has to be open"
    house.guard(NETWORKS)
    assert house.asked(address) == "out"
    # Loaded once more, as each change of the file does.
    house.guard(NETWORKS)
    assert house.asked(address) == "out"


def test_a_published_port_leads_in(house: House) -> None:
    house.guard(NETWORKS)
    house.run("host", "nft", "table ip nat { chain pre { type nat hook prerouting priority -100; "
              "ip daddr 10.9.1.1 tcp dport 8080 dnat to 10.9.2.2:80; }; }")  # fmt: skip
    assert house.asked("10.9.1.1", 8080) == "in"
    assert house.asked("10.9.2.2") == "out"


@pytest.mark.parametrize("address", ["10.9.2.1", "fd09:2::1"])
def test_what_the_host_offers_a_network_is_for_that_network_alone(house: House, address: str) -> None:
    offering = ["ip", "netns", "exec", house.spaces["host"], "python3", "-c", SERVE]
    with subprocess.Popen(offering, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        assert house.asked(address) == "in", "the control: without rules the host answers everybody at every address"
        house.guard(NETWORKS)
        assert house.asked(address) == "out"
        assert house.run("inside", "python3", "-c", ASK, address, "80") == "in\n"
        assert house.run("host", "python3", "-c", ASK, address, "80") == "in\n"
        server.kill()


def test_the_way_out_is_free(house: House) -> None:
    house.guard(NETWORKS)
    outside = ["ip", "netns", "exec", house.spaces["home"], "python3", "-c", SERVE]
    with subprocess.Popen(outside, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        assert house.run("inside", "python3", "-c", ASK, "10.9.1.2", "80") == "in\n"
        server.kill()


def test_every_network_with_a_range_has_its_rules() -> None:
    networks: dict[str, Any] = {"media": {}, "uplink-sonarr": {}}
    assert "daddr" not in network_guard.rules(networks)
    addressing.give(networks, "10.213.0.0/16", "fd6d:6564:6961::/48")
    text = network_guard.rules(networks)
    assert text.count(" daddr ") == 8
    assert all(f'comment "{name}"' in text for name in networks)
