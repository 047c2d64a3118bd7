# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The doors between the vpn role and what thinks for it."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Callable

import pytest
from ansible.errors import AnsibleFilterError

NAMES = ("problems", "secrets", "secret_mounts", "environment", "pod_rules", "guard")
SETTINGS = {
    "vpn_provider": "custom",
    "vpn_type": "wireguard",
    "vpn_wireguard_private_key": "kIZFYDqiGaMVQNSHJZOBPKwWCmvTTpuJxAzqNsbrdEQ=",
    "vpn_wireguard_endpoint_ip": "203.0.113.7",
    "vpn_wireguard_endpoint_port": 51820,
    "vpn_lan_subnets": ["192.168.1.0/24"],
}


def door(name: str) -> Callable[..., Any]:
    module = import_module(f"ansible_collections.homelab.media.plugins.filter.vpn_{name}")
    found: Callable[..., Any] = module.FilterModule().filters()[f"vpn_{name}"]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_what_are_no_variables_is_refused(name: str) -> None:
    more = (4,) if name == "pod_rules" else ()
    with pytest.raises(AnsibleFilterError, match=f"vpn_{name} takes the variables of the vpn role, not a str"):
        door(name)("nonsense", *more)


@pytest.mark.parametrize("name", ["pod_rules", "guard"])
def test_no_rules_are_written_for_a_tunnel_that_is_not_chosen(name: str) -> None:
    more = (4,) if name == "pod_rules" else ()
    with pytest.raises(AnsibleFilterError, match="vpn_type"):
        door(name)({**SETTINGS, "vpn_type": "ipsec"}, *more)


def test_problems_are_plain_data() -> None:
    found = door("problems")(SETTINGS)
    assert {
        "variable": "vpn_wireguard_public_key",
        "reason": "is not set, and custom needs it for WireGuard",
    }.items() <= {
        key: value
        for problem in found
        if problem["variable"] == "vpn_wireguard_public_key"
        for key, value in problem.items()
    }.items()


def test_each_door_leads_to_its_own() -> None:
    assert set(door("secrets")(SETTINGS)) == {"vpn_wireguard_private_key", "vpn_control_key"}
    assert door("secret_mounts")(SETTINGS) == [
        {"source": "vpn_wireguard_private_key", "target": "wireguard_private_key"}
    ]
    assert door("environment")(SETTINGS)["WIREGUARD_ENDPOINT_IP"] == "203.0.113.7"
    assert "-d 192.168.1.0/24 -j RETURN" in door("pod_rules")(SETTINGS, 4)
    assert "192.168.1.0/24" not in door("pod_rules")(SETTINGS, 6)
    assert "ip daddr { 192.168.1.0/24 } accept" in door("guard")(SETTINGS)
