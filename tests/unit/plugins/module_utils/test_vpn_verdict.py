# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is judged of the VPN pod, from what was seen of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import vpn_verdict
from ansible_collections.homelab.media.plugins.module_utils.parts import vpn_check
from ansible_collections.homelab.media.plugins.module_utils.vpn_verdict import Answer, Observation, Seen

WELL = Seen("running", "healthy", True)
TABLE = "table inet media_guard {\n\tchain leaving {\n\t\tcounter packets 7 bytes 420 drop\n\t}\n}\n"
RESOLV_CONF = (
    "nameserver 127.0.0.1\noptions ndots:0\n# Based on host file: '/etc/resolv.conf'\n# ExtServers: [192.0.2.53]\n"
)


def good(**changes: Any) -> Observation:
    return replace(
        Observation(
            pod=WELL,
            client=WELL,
            tenants={"nzbget": WELL},
            rules="IPv4: in force, 3 packets stopped\nIPv6: in force, 0 packets stopped\n",
            guard=Answer(TABLE),
            guard_wanted=Answer(TABLE.replace("packets 7 bytes 420", "packets 0 bytes 0")),
            resolv_conf=RESOLV_CONF,
            inside={4: Answer("203.0.113.20\n")},
            outside={4: Answer("198.51.100.7\n")},
            status=Answer('{"status":"running"}'),
            reported=Answer('{"public_ip":"203.0.113.20","region":"x"}'),
        ),
        **changes,
    )


def test_all_is_well() -> None:
    assert vpn_verdict.judge(good()) == []


def test_a_home_with_no_way_out_of_its_own_is_no_problem() -> None:
    seen = good(outside={4: Answer(error="ifconfig.me: timed out")})
    assert vpn_verdict.judge(seen) == []
    assert vpn_check.report(seen, [])["host_address"] == ""


def test_nothing_is_asked_for_where_no_page_is_named() -> None:
    assert vpn_verdict.judge(good(inside={}, outside={})) == []


@pytest.mark.parametrize(
    ("changes", "variable", "reason"),
    [
        ({"pod": Seen()}, "vpn-pod", "absent"),
        ({"pod": Seen("exited")}, "vpn-pod", "exited"),
        ({"pod": Seen("running", "unhealthy", True)}, "vpn-pod", "unhealthy"),
        ({"rules_error": "IPv4: NOT in force"}, "kill switch", "NOT in force"),
        ({"rules": ""}, "kill switch", "nothing is told"),
        ({"guard": Answer(), "guard_wanted": Answer()}, "table inet media_guard", "nothing is told"),
        ({"guard": Answer(error="No such file or directory")}, "table inet media_guard", "not on the host"),
        ({"guard": Answer(TABLE.replace("drop", "accept"))}, "table inet media_guard", "not as guard.nft"),
        ({"guard_wanted": Answer(error="syntax error")}, "guard.nft", "syntax error"),
        ({"resolv_conf": RESOLV_CONF.replace("[192", "[host(127.0.0.53) 192")}, "Docker's name server", "127.0.0.53"),
        ({"resolv_conf": "nameserver 192.168.1.1\n"}, "resolv.conf", "192.168.1.1"),
        ({"resolv_conf": "search home\n"}, "resolv.conf", "no name server"),
        ({"tenants": {"nzbget": Seen()}}, "nzbget", "absent"),
        ({"tenants": {"nzbget": Seen("running")}}, "nzbget", "not in the VPN pod"),
        ({"client": Seen("restarting")}, "vpn", "restarting"),
        ({"client": Seen("running", "unhealthy", True)}, "vpn", "unhealthy"),
        ({"client": Seen("running", "healthy")}, "vpn", "not in the VPN pod"),
        ({"status": Answer(error="127.0.0.1 answered 401")}, "vpn", "answered 401"),
        ({"status": Answer('{"status":"stopped"}')}, "vpn", "stopped"),
        ({"inside": {4: Answer(error="timed out")}}, "egress", "no way out (timed out)"),
        ({"inside": {4: Answer("<html>")}}, "egress", "no address told"),
        ({"inside": {4: Answer("198.51.100.7")}}, "egress", "host's own address"),
    ],
)
def test_one_thing_that_is_wrong_is_told_alone(changes: dict[str, Any], variable: str, reason: str) -> None:
    (problem,) = vpn_verdict.judge(good(**changes))
    assert problem.variable == variable
    assert reason in problem.reason


def test_several_things_that_are_wrong_are_told_at_once() -> None:
    seen = good(rules_error="gone", client=Seen("exited"), inside={4: Answer("198.51.100.7")})
    assert [problem.variable for problem in vpn_verdict.judge(seen)] == ["kill switch", "vpn", "egress"]


def test_a_leak_by_ipv6_alone_is_a_leak() -> None:
    seen = good(
        inside={4: Answer("203.0.113.20"), 6: Answer("2001:db8:51:0::7")},
        outside={4: Answer("198.51.100.7"), 6: Answer("2001:db8:51::7")},
    )
    assert vpn_verdict.leaking(seen)
    assert not vpn_verdict.leaking(good())
    assert not vpn_verdict.leaking(good(inside={4: Answer(error="timed out")}, outside={4: Answer(error="timed out")}))


def test_a_tunnel_without_ipv6_is_no_problem() -> None:
    seen = good(inside={4: Answer("203.0.113.20"), 6: Answer(error="timed out")})
    assert vpn_verdict.judge(seen) == []


def test_a_resolver_behind_the_tunnel_is_no_problem() -> None:
    assert vpn_verdict.judge(good(resolv_conf="nameserver 1.1.1.1\n# ExtServers: [192.0.2.53]\n")) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("203.0.113.7\n", "203.0.113.7"),
        ('{"ip": "203.0.113.7", "port": 443}', "203.0.113.7"),
        ("Your address is 2001:DB8::7.", "2001:db8::7"),
        ("at 12:30: 203.0.113.7", "203.0.113.7"),
        ("<html>nothing</html>", ""),
        ("", ""),
    ],
)
def test_an_address_is_found_in_what_a_page_says(text: str, expected: str) -> None:
    assert vpn_verdict.address(Answer(text)) == expected


def test_where_names_are_looked_up() -> None:
    text = "nameserver 127.0.0.11\nnameserver ::1\n# ExtServers: [host(127.0.0.53) 9.9.9.9]\n"
    assert vpn_verdict.lookups(text) == {
        "servers": ["127.0.0.11", "::1"],
        "own": ["127.0.0.11", "::1"],
        "passes_on": ["9.9.9.9"],
        "by_host": ["127.0.0.53"],
    }


def test_the_report_tells_what_was_seen_and_no_more() -> None:
    seen = good()
    assert vpn_check.report(seen, vpn_verdict.judge(seen)) == {
        "exit_address": "203.0.113.20",
        "host_address": "198.51.100.7",
        "exit_address_ipv6": "",
        "host_address_ipv6": "",
        "leaking": False,
        "tunnel": {"status": "running", "address": "203.0.113.20"},
        "dns": {"servers": ["127.0.0.1"], "own": ["127.0.0.1"], "passes_on": ["192.0.2.53"], "by_host": []},
        "kill_switch": {
            "in_force": True,
            "detail": ["IPv4: in force, 3 packets stopped", "IPv6: in force, 0 packets stopped"],
        },
        "guard": {"in_force": True, "stopped": 7},
        "tenants": {"nzbget": {"state": "running", "health": "healthy", "inside": True}},
        "problems": [],
    }


def test_the_report_of_a_pod_that_is_gone_claims_nothing() -> None:
    seen = Observation()
    report = vpn_check.report(seen, vpn_verdict.judge(seen))
    assert not report["kill_switch"]["in_force"]
    assert not report["guard"]["in_force"]
    assert report["tunnel"] == {"status": "", "address": ""}
    assert [problem["variable"] for problem in report["problems"]] == ["vpn-pod"]
