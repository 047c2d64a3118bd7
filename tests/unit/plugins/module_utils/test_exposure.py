# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was declared, from a plan; and what is thought of what was seen."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.filter.exposure import exposure
from ansible_collections.homelab.media.plugins.module_utils.exposure import (
    Opening,
    Reach,
    Seen,
    Space,
    expected,
    judge,
)

NETWORKS: dict[str, Any] = {
    "media": {"internal": True},
    "proxy-sonarr": {"internal": True},
    "uplink": {"driver_opts": {"com.docker.network.bridge.enable_icc": "false"}},
}
SERVICES: dict[str, Any] = {
    "proxy": {
        "ports": ["80:80", "0.0.0.0:443:443", "127.0.0.1:8181:81"],
        "networks": {"proxy-sonarr": {}, "uplink": {}},
    },
    "sonarr": {"ports": ["127.0.0.1:8989:8989"], "networks": {"media": {}, "proxy-sonarr": {}, "uplink": {}}},
    "vpn-pod": {"networks": {"media": {}, "vpn": {}}},
    "nzbget": {"network_mode": "service:vpn-pod"},
    "tautulli": {"networks": {"uplink": {}}},
    "recyclarr": {"network_mode": "none"},
    "plex": {"network_mode": "host", "x-media": {"web": {"port": 32400}, "listens": [32469]}},
}


def test_neighbours_share_a_network_on_which_members_talk() -> None:
    assert expected(SERVICES, NETWORKS)["neighbours"] == {
        "proxy": ["sonarr"],
        "sonarr": ["nzbget", "proxy", "vpn-pod"],
        "vpn-pod": ["nzbget", "sonarr"],
        "nzbget": ["sonarr", "vpn-pod"],
        "tautulli": [],
        "recyclarr": [],
        "plex": [],
    }


def test_ports_of_the_host() -> None:
    declared = expected(SERVICES, NETWORKS)
    assert [(item["service"], item["address"], item["port"]) for item in declared["published"]] == [
        ("proxy", "0.0.0.0", 80),
        ("proxy", "0.0.0.0", 443),
        ("proxy", "127.0.0.1", 8181),
        ("sonarr", "127.0.0.1", 8989),
    ]
    assert declared["listening"] == {"plex": [32400, 32469]}


def test_the_filter_takes_a_plan_alone() -> None:
    assert exposure({"services": SERVICES, "networks": NETWORKS, "more": 1}) == expected(SERVICES, NETWORKS)
    for wrong in ({}, "text", None):
        with pytest.raises(AnsibleFilterError, match="media_plan"):
            exposure(wrong)  # type: ignore[arg-type]


def opening(service: str, address: str, port: int, protocol: str = "tcp") -> Opening:
    return Opening(service, address, port, protocol)


@pytest.mark.parametrize(
    "found",
    [
        opening("proxy", "0.0.0.0", 443),
        opening("proxy", "::", 443),  # Docker publishes both
        opening("sonarr", "127.0.0.1", 8989),
        opening("sonarr", "127.0.0.1", 1),  # nobody outside sees it
        opening("sonarr", "::1", 1),
    ],
)
def test_a_port_that_may_be_published(found: Opening) -> None:
    assert judge(expected(SERVICES, NETWORKS), Seen(published=[found])) == []


@pytest.mark.parametrize(
    "found",
    [
        opening("proxy", "0.0.0.0", 81),
        opening("proxy", "0.0.0.0", 443, "udp"),
        opening("proxy", "0.0.0.0", 8181),  # declared on loopback
        opening("sonarr", "0.0.0.0", 8989),
        opening("sonarr", "::", 8989),
        opening("sonarr", "198.51.100.101", 8989),
        opening("tautulli", "0.0.0.0", 443),  # another one's
        opening("nobody", "0.0.0.0", 9000),
    ],
)
def test_a_port_that_nobody_declared(found: Opening) -> None:
    (problem,) = judge(expected(SERVICES, NETWORKS), Seen(published=[found]))
    assert (problem.variable, str(found) in problem.reason) == (found.service, True)


@pytest.mark.parametrize(
    ("found", "good"),
    [
        (opening("plex", "0.0.0.0", 32400), True),
        (opening("plex", "::", 32469), True),
        (opening("plex", "127.0.0.1", 32401), True),
        (opening("plex", "0.0.0.0", 32410, "udp"), True),  # told, not judged
        (opening("plex", "0.0.0.0", 3005), False),
        (opening("plex", "198.51.100.101", 3005), False),
        (opening("fail2ban", "0.0.0.0", 32400), False),
    ],
)
def test_listeners_in_the_hosts_network(found: Opening, good: bool) -> None:
    problems = judge(expected(SERVICES, NETWORKS), Seen(listening=[found]))
    assert [problem.variable for problem in problems] == ([] if good else [found.service])


SPACES = [
    Space(("proxy",), 1, ("10.213.0.2", "10.213.9.2"), (("0.0.0.0", 443), ("127.0.0.11", 4000))),
    Space(("sonarr",), 2, ("10.213.0.3", "fd00::3"), (("::", 8989), ("127.0.0.1", 1))),
    Space(("nzbget", "vpn", "vpn-pod"), 3, ("10.213.1.4",), (("10.213.1.4", 6789),)),
    Space(("tautulli",), 4, ("10.213.9.5",), ()),
]


def test_where_somebody_may_find_a_listener() -> None:
    assert [space.targets() for space in SPACES] == [
        [("10.213.0.2", 443), ("10.213.9.2", 443)],
        [("10.213.0.3", 8989), ("fd00::3", 8989)],
        [("10.213.1.4", 6789)],
        [],
    ]


def test_who_reaches_a_neighbour_and_who_reaches_another() -> None:
    seen = Seen(
        spaces=SPACES,
        reached=[
            Reach("proxy", "sonarr", "10.213.0.3", 8989),
            Reach("sonarr", "nzbget + vpn + vpn-pod", "10.213.1.4", 6789),
            Reach("nzbget + vpn + vpn-pod", "sonarr", "10.213.0.3", 8989),
            Reach("tautulli", "sonarr", "10.213.0.3", 8989),
            Reach("tautulli", "sonarr", "fd00::3", 8989),
        ],
    )
    (problem,) = judge(expected(SERVICES, NETWORKS), seen)
    assert problem.variable == "tautulli"
    assert "reaches sonarr" in problem.reason
    assert "10.213.0.3 port 8989, fd00::3 port 8989" in problem.reason


def test_a_neighbour_that_is_not_reached_is_a_problem_where_that_is_asked_for() -> None:
    seen = Seen(spaces=SPACES, reached=[Reach("proxy", "sonarr", "10.213.0.3", 8989)])
    assert judge(expected(SERVICES, NETWORKS), seen) == []
    found = judge(expected(SERVICES, NETWORKS), seen, complete=True)
    assert {(problem.variable, problem.reason) for problem in found} == {
        ("sonarr", "does not reach proxy, its neighbour"),
        ("sonarr", "does not reach nzbget + vpn + vpn-pod, its neighbour"),
        ("nzbget + vpn + vpn-pod", "does not reach sonarr, its neighbour"),
    }


def test_a_container_of_somebody_else_on_a_network() -> None:
    (problem,) = judge(expected(SERVICES, NETWORKS), Seen(strangers=[("media_media", "web")]))
    assert (problem.variable, "web" in problem.reason) == ("media_media", True)
