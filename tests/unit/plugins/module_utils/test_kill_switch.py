# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The texts of the kill switch. What they do is tried in tests/programs/roles/vpn, in namespaces of the kernel."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.homelab.media.plugins.module_utils import kill_switch
from ansible_collections.homelab.media.plugins.module_utils.kill_switch import Endpoint, guard, pod_rules

SERVER = Endpoint("udp", "203.0.113.7", 51820)
SERVER6 = Endpoint("udp", "2001:db8::7", 51820)
ANY = Endpoint("tcp")
ROLE = Path(__file__).resolve().parents[4] / "roles" / "vpn"


def rules(family: int, endpoint: Endpoint, lan: tuple[str, ...] = ()) -> list[str]:
    return pod_rules(family, endpoint, lan).replace(f"-A {kill_switch.CHAIN} ", "").splitlines()


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("endpoint", [SERVER, SERVER6, ANY])
def test_the_last_rule_drops_and_none_lets_out_all(family: int, endpoint: Endpoint) -> None:
    listed = rules(family, endpoint)
    assert listed[-1] == "-j DROP"
    assert "-j RETURN" not in listed
    assert [rule for rule in listed if "--mark" not in rule and "RETURN" in rule and "-o" not in rule] == [
        f"-p ipv6-icmp -m icmp6 --icmpv6-type {kind} -j RETURN" for kind in (135, 136, 143) if family == 6
    ]


def test_a_declared_server_is_let_out_by_address_port_and_mark() -> None:
    wanted = "-d 203.0.113.7/32 -p udp -m udp --dport 51820 -m mark --mark 0xca6c -j RETURN"
    assert wanted in rules(4, SERVER)
    assert not [rule for rule in rules(6, SERVER) if "--mark" in rule]


def test_an_ipv6_server_is_let_out_by_ipv6_alone() -> None:
    assert any(rule.startswith("-d 2001:db8::7/128 ") for rule in rules(6, SERVER6))
    assert not [rule for rule in rules(4, SERVER6) if "--mark" in rule]


def test_an_undeclared_server_is_let_out_by_mark_and_protocol_but_never_to_a_name_server() -> None:
    listed = rules(4, ANY)
    tunnel = listed.index("-p tcp -m mark --mark 0xca6c -j RETURN")
    for port in (53, 853):
        for protocol in ("udp", "tcp"):
            assert listed.index(f"-p {protocol} -m {protocol} --dport {port} -j DROP") < tunnel


def test_a_declared_server_on_the_port_of_name_servers_is_let_out() -> None:
    listed = rules(4, Endpoint("udp", "203.0.113.7", 53))
    tunnel = next(index for index, rule in enumerate(listed) if "--mark" in rule)
    assert tunnel < listed.index("-p udp -m udp --dport 53 -j DROP")


def test_neither_neighbours_nor_the_home_network_are_asked_for_names() -> None:
    listed = rules(4, SERVER, ("192.168.1.0/24", "fd00:9::/64"))
    last_name_rule = listed.index("-p tcp -m tcp --dport 853 -j DROP")
    assert last_name_rule < listed.index("@neighbours@") < listed.index("-d 192.168.1.0/24 -j RETURN")
    assert not [rule for rule in listed if "fd00" in rule]
    assert "-d fd00:9::/64 -j RETURN" in rules(6, SERVER, ("192.168.1.0/24", "fd00:9::/64"))


def test_docker_s_name_server_can_ask_nobody_not_even_through_the_tunnel() -> None:
    listed = rules(4, SERVER)
    assert listed.index(f"-d {kill_switch.NOBODY}/32 -j DROP") < listed.index("-o tun0 -j RETURN")
    pod = yaml.safe_load((ROLE / "vars" / "main.yml").read_text())["__vpn_declaration"]["services"]["vpn-pod"]
    assert pod["dns"] == [kill_switch.NOBODY]


def test_the_scripts_and_the_texts_speak_of_the_same_chain_device_and_bridge() -> None:
    script = (ROLE / "files" / "kill-switch.sh").read_text()
    assert f"CHAIN={kill_switch.CHAIN}\n" in script
    assert f"TUNNEL={kill_switch.TUNNEL_DEVICE}\n" in script
    networks = yaml.safe_load((ROLE / "vars" / "main.yml").read_text())["__vpn_declaration"]["networks"]
    assert networks["vpn"]["driver_opts"]["com.docker.network.bridge.name"] == kill_switch.BRIDGE
    unit = (ROLE / "templates" / "media-guard.service.j2").read_text()
    assert f"nft list table inet {kill_switch.GUARD_TABLE} " in unit


def leaving(endpoint: Endpoint, lan: tuple[str, ...] = ()) -> list[str]:
    text = guard(endpoint, lan)
    chain = text[text.index("chain leaving") : text.index("}\n\tchain to_host")]
    return [line.strip() for line in chain.splitlines()][1:-1]


def test_the_host_lets_out_answers_the_tunnel_and_the_home_network() -> None:
    assert leaving(SERVER, ("192.168.1.0/24", "10.9.0.0/16", "fd00:9::/64")) == [
        "ct direction reply accept",
        "ip daddr 203.0.113.7 udp dport 51820 accept",
        "meta l4proto { tcp, udp } th dport { 53, 853 } counter drop",
        "ip daddr { 192.168.1.0/24, 10.9.0.0/16 } accept",
        "ip6 daddr { fd00:9::/64 } accept",
        "counter drop",
    ]


def test_the_host_lets_no_question_for_a_name_out_where_the_server_is_not_declared() -> None:
    assert leaving(ANY) == [
        "ct direction reply accept",
        "meta l4proto { tcp, udp } th dport { 53, 853 } counter drop",
        "meta l4proto tcp accept",
        "counter drop",
    ]


def test_the_host_s_table_replaces_itself() -> None:
    assert guard(SERVER6, ()).startswith(
        "table inet media_guard\ndelete table inet media_guard\ntable inet media_guard {\n"
    )
    assert "ip6 daddr 2001:db8::7 udp dport 51820 accept" in leaving(SERVER6)
