# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ipaddress
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import addressing

PREFIX = "10.213.0.0/16"


def given(*names: str, **more: Any) -> dict[str, Any]:
    networks: dict[str, Any] = {name: {} for name in names}
    addressing.give(networks, PREFIX, **more)
    return networks


def test_every_network_has_a_range_of_its_own() -> None:
    networks = given(*(f"network-{number}" for number in range(200)))
    ranges = [ipaddress.ip_network(network["ipam"]["config"][0]["subnet"]) for network in networks.values()]
    assert len(set(ranges)) == 200
    assert all(one.subnet_of(ipaddress.ip_network(PREFIX)) and one.prefixlen == 26 for one in ranges)


def test_a_range_does_not_follow_the_order_of_the_declarations() -> None:
    assert given("media", "uplink", "auth") == given("auth", "uplink", "media")
    assert given("media")["media"] == given("media", "uplink")["media"]


def test_a_full_prefix_is_filled_to_the_last_place() -> None:
    networks: dict[str, Any] = {f"n{number}": {} for number in range(128)}
    addressing.give(networks, "10.0.0.0/19")
    assert len({network["ipam"]["config"][0]["subnet"] for network in networks.values()}) == 128


def test_a_network_with_ranges_of_its_own_keeps_them() -> None:
    networks = {"mine": {"ipam": {"config": [{"subnet": "172.20.0.0/24"}]}}}
    addressing.give(networks, PREFIX)
    assert networks["mine"]["ipam"]["config"] == [{"subnet": "172.20.0.0/24"}]
    assert addressing.gateway(networks["mine"]) == "172.20.0.1"
    assert addressing.gateway({}) == ""


def test_the_gateway_is_the_host_in_the_network() -> None:
    network = given("uplink", prefix6="fd6d:6564:6961::/48")["uplink"]
    first = ipaddress.ip_network(network["ipam"]["config"][0]["subnet"])
    assert addressing.gateway(network) == str(first[1])
    assert network["enable_ipv6"] is True


def test_a_network_that_wants_no_ipv6_gets_none() -> None:
    networks = {"vpn": {"enable_ipv6": False}}
    addressing.give(networks, PREFIX, "fd6d:6564:6961::/48")
    assert len(networks["vpn"]["ipam"]["config"]) == 1


def test_a_network_keeps_its_range_whoever_comes_or_goes() -> None:
    names = [f"network-{number}" for number in range(120)]
    first = given(*names)
    known = addressing.ranges(first)
    fewer = given(*names[::2], known=known)
    assert addressing.ranges(fewer) == {name: known[name] for name in names[::2]}
    more = given(*names, *(f"later-{number}" for number in range(120)), known=known)
    assert {name: addressing.ranges(more)[name] for name in names} == known
    assert len(set(addressing.ranges(more).values())) == 240


def test_without_what_is_known_a_range_would_move() -> None:
    """The control: there are names that ask for the same place, and one of them goes."""
    names = [f"network-{number}" for number in range(120)]
    first, fewer = addressing.ranges(given(*names)), addressing.ranges(given(*names[::2]))
    assert any(first[name] != subnet for name, subnet in fewer.items())


def test_what_is_known_of_another_prefix_counts_no_more() -> None:
    networks = given(
        "media", "auth", "same", known={"media": "10.9.0.0/26", "auth": "nonsense", "same": "10.213.0.0/24"}
    )
    assert networks == given("media", "auth", "same")


def test_two_networks_that_are_known_by_one_range_do_not_share_it() -> None:
    networks = given("a", "b", known={"a": "10.213.7.0/26", "b": "10.213.7.0/26"})
    assert addressing.ranges(networks)["a"] == "10.213.7.0/26"
    assert addressing.ranges(networks)["b"] != "10.213.7.0/26"
