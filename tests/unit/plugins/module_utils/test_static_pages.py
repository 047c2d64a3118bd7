# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages that the front door serves itself, the door's fixed addresses, and who visits the pages from inside."""

from __future__ import annotations

import copy
import ipaddress
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import addressing, catalogue, front_door
from ansible_collections.homelab.media.plugins.module_utils.catalogue import Catalogue, Settings
from ansible_collections.homelab.media.plugins.module_utils.front_door import Rules
from ansible_collections.homelab.media.plugins.module_utils.identity import Identity
from ansible_collections.homelab.media.plugins.module_utils.policy import Policy

POLICY = Policy(
    Identity("media", "media", 1000, 1000, "002", "Etc/UTC"),
    restart="unless-stopped", log_max_size="10m", log_max_file=3, memory="1g", cpus=2.0, pids=1024,
    stop_grace_period="30s",
)  # fmt: skip
PAGE = {
    "service": "portal",
    "names": ["home"],
    "static": {"/": "config/portal", "/live/": "state/collector/public"},
    "access": "two_factor",
}
ROLES: dict[str, Any] = {
    "stack": {"networks": {"media": {"internal": True}}, "path": "/roles/stack"},
    "door": {
        "services": {
            "proxy": {
                "image": "npm:2",
                "volumes": ["/opt/media/state/proxy:/data"],
                "x-media": {
                    "egress": "direct",
                    "web": {"port": 81},
                    "api": {"kind": "proxy_manager", "username": "a", "password": "p"},
                },
            },
            "authelia": {"image": "authelia:4", "x-media": {"web": {"port": 9091}, "api": {"kind": "authelia"}}},
        },
        "path": "/roles/door",
    },
    "portal": {"pages": [PAGE], "path": "/roles/portal"},
    "monitoring": {
        "services": {
            "grafana": {
                "image": "grafana:13",
                "x-media": {
                    "egress": "none",
                    "web": {"port": 3000},
                    "behind_sign_on": {"environment": {"WHITELIST": "@@door:proxy-grafana@@"}},
                },
            },
            "blackbox": {"image": "blackbox:0", "x-media": {"egress": "none", "visits_pages": True}},
        },
        "path": "/roles/monitoring",
    },
}

#: The published names, in the order of the declarations.
ORDER = ("proxy", "authelia", "grafana", "home")


def build(roles: dict[str, Any] | None = None, ipv6: bool = True, **rules: Any) -> Catalogue:
    said = Rules(domain="media.test", **rules)
    settings = Settings("/opt/media", "all", (), "10.213.0.0/16", ipv6, "fd6d:6564:6961::/48", POLICY, said)
    return catalogue.build(copy.deepcopy(roles or ROLES), settings)


def published(built: Catalogue, **rules: Any) -> dict[str, dict[str, Any]]:
    found = front_door.pages(built.services, Rules(domain="media.test", **rules), "", built.pages)
    return {page["service"]: page for page in found}


def test_a_static_page_is_a_page_like_the_others() -> None:
    built = build()
    assert built.problems == []
    page = published(built)["portal"]
    assert (page["names"], page["access"], page["groups"]) == (["home.media.test"], "two_factor", [])
    assert page["static"] == PAGE["static"]


def test_a_person_names_it_and_says_who_may_see_it() -> None:
    said = {"names": {"portal": "start"}, "access": {"portal": {"policy": "one_factor", "groups": ["family"]}}}
    built = build(**said)
    assert built.problems == []
    page = published(built, **said)["portal"]
    assert (page["names"], page["access"], page["groups"]) == (["start.media.test"], "one_factor", ["family"])
    assert [problem.variable for problem in build(names={"portl": "start"}).problems] == ["media_names"]


def test_its_folders_are_mounted_into_the_front_door() -> None:
    volumes = build().services["proxy"]["volumes"]
    assert volumes == [
        "/opt/media/state/proxy:/data",
        "/opt/media/config/portal:/pages/portal/0:ro",
        "/opt/media/state/collector/public:/pages/portal/1:ro",
    ]
    assert front_door.place(PAGE, "/live/") == "/pages/portal/1"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"static": {"/": "secrets"}}, "secrets"),
        ({"static": {"/": "config/../secrets"}}, "config/../secrets"),
        ({"static": {"/a b": "config/portal"}}, "/a b"),
        ({"static": {}}, "{}"),
        ({"service": "A page"}, "has no service"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_may_not_be_served_is_refused(wrong: dict[str, Any], told: str) -> None:
    problems = build({**ROLES, "portal": {"pages": [{**PAGE, **wrong}], "path": "/roles/portal"}}).problems
    assert any(told in f"{problem.variable} {problem.reason}" for problem in problems)


@pytest.mark.parametrize("ipv6", [False, True])
def test_the_door_has_an_address_that_others_can_trust(ipv6: bool) -> None:
    built = build(ipv6=ipv6)
    given = built.services["proxy"]["networks"]["proxy-grafana"]
    config = built.networks["proxy-grafana"]["ipam"]["config"]
    inside, pool = ipaddress.ip_network(config[0]["subnet"]), ipaddress.ip_network(config[0]["ip_range"])
    address = ipaddress.ip_address(given["ipv4_address"])
    assert address in inside
    assert address not in pool, "the engine gives it to somebody else otherwise"
    assert addressing.gateway(built.networks["proxy-grafana"]) == str(inside[1])
    assert ("ipv6_address" in given) == ipv6
    trusted = built.services["grafana"]["environment"]["WHITELIST"].split(",")
    assert [ipaddress.ip_network(one) for one in trusted] == [ipaddress.ip_network(one) for one in given.values()]
    assert all("/" in one for one in trusted), "Grafana has taken an IPv6 address without a length for a /32"


def test_the_door_settles_nowhere_else() -> None:
    networks = build().services["proxy"]["networks"]
    assert networks["uplink-proxy"] == {}


def test_who_visits_the_pages_has_a_network_with_the_door_for_it() -> None:
    built = build()
    assert set(built.services["blackbox"]["networks"]) == {"visits-blackbox"}
    door = built.services["proxy"]["networks"]["visits-blackbox"]["ipv4_address"]
    assert built.services["blackbox"]["extra_hosts"] == [f"{name}.media.test:{door}" for name in ORDER]
