# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import front_door, wiring
from ansible_collections.homelab.media.plugins.module_utils.front_door import Rules

PROXY = {"x-media": {"web": {"port": 81, "name": "proxy"}, "groups": ["admins"], "api": {"kind": "proxy_manager"}}}
AUTHELIA = {"x-media": {"web": {"port": 9091, "name": "auth"}, "api": {"kind": "authelia"}}}
SONARR = {
    "environment": {"METHOD": "Forms", "LOG": "info"},
    "x-media": {
        "web": {"port": 8989, "keyed": ["/api"]},
        "behind_sign_on": {"environment": {"METHOD": "External"}},
    },
}
PLEX = {"network_mode": "host", "x-media": {"web": {"port": 32400}, "access": "one_factor"}}
ALL: dict[str, Any] = {"proxy": PROXY, "authelia": AUTHELIA, "sonarr": SONARR, "plex": PLEX}


def rules(**more: Any) -> Rules:
    return Rules(domain="media.test", **more)


def page(name: str, services: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    published = front_door.pages(services or ALL, rules(**more), "10.213.1.1")
    return next(one for one in published if one["service"] == name)


def problems(services: dict[str, Any] | None = None, *, domain: str = "media.test", **more: Any) -> list[str]:
    found = front_door.problems(services or ALL, Rules(domain=domain, **more), sorted(ALL), whole=True)
    return [f"{problem.variable}: {problem.reason}" for problem in found]


def test_what_nobody_thought_of_asks_for_two_factors() -> None:
    assert page("sonarr")["access"] == "two_factor"
    assert page("new", {**ALL, "new": {"x-media": {"web": {"port": 80}}}})["access"] == "two_factor"


def test_every_page_has_a_name_and_an_address() -> None:
    sonarr = page("sonarr")
    assert (sonarr["names"], sonarr["host"], sonarr["port"]) == (["sonarr.media.test"], "sonarr", 8989)
    assert page("plex")["host"] == "10.213.1.1"
    assert (page("proxy")["host"], page("proxy")["names"]) == ("127.0.0.1", ["proxy.media.test"])
    assert page("authelia")["access"] == "portal"


def test_a_service_without_a_page_is_not_published() -> None:
    services = {**ALL, "redis": {"x-media": {"egress": "none"}}}
    assert "redis" not in [one["service"] for one in front_door.pages(services, rules(), "")]


def test_without_a_front_door_nothing_is_published() -> None:
    services = {"sonarr": SONARR, "authelia": AUTHELIA}
    assert front_door.pages(services, rules(), "") == []
    assert problems(services, domain="") == []


def test_a_person_decides_names_and_access() -> None:
    assert page("sonarr", names={"sonarr": ["tv", "tv.example.org"]})["names"] == ["tv.media.test", "tv.example.org"]
    assert page("sonarr", access={"sonarr": "one_factor"})["access"] == "one_factor"
    family = page("sonarr", access={"sonarr": {"groups": ["family"]}})
    assert (family["access"], family["groups"]) == ("two_factor", ["family"])
    assert page("proxy", access={"proxy": "two_factor"})["groups"] == ["admins"]


def test_nobody_can_be_asked_to_sign_in_at_the_sign_on() -> None:
    assert page("authelia", access={"authelia": "deny"})["access"] == "portal"


def test_paths_with_a_key_are_let_past_only_when_named() -> None:
    assert page("sonarr")["exempt"] == []
    assert page("sonarr", exempt={"sonarr": ["/api"]})["exempt"] == ["/api"]
    assert page("sonarr", exempt={"sonarr": ["/api"]}, access={"sonarr": "deny"})["exempt"] == []


def test_the_sign_on_is_where_its_page_is() -> None:
    assert front_door.sign_on(ALL, rules()) == {
        "service": "authelia",
        "url": "https://auth.media.test",
        "host": "authelia",
        "port": 9091,
    }
    assert front_door.sign_on({"sonarr": SONARR}, rules()) == {}


def test_a_service_behind_the_sign_on_is_told_so() -> None:
    told = front_door.behind_sign_on(ALL, rules())["sonarr"]["environment"]
    assert told == {"METHOD": "External", "LOG": "info"}


@pytest.mark.parametrize(
    ("services", "access"),
    [
        ({name: ALL[name] for name in ("proxy", "sonarr")}, {}),
        ({name: ALL[name] for name in ("authelia", "sonarr")}, {}),
        (ALL, {"sonarr": "bypass"}),
    ],
)
def test_a_service_without_a_sign_on_before_it_keeps_its_own(services: dict[str, Any], access: dict[str, Any]) -> None:
    assert front_door.behind_sign_on(services, rules(access=access))["sonarr"]["environment"]["METHOD"] == "Forms"


def test_nothing_is_published_without_the_sign_on_that_it_asks_for() -> None:
    without = {"proxy": PROXY, "sonarr": SONARR}
    assert "no sign-on, which these pages ask for: proxy, sonarr" in problems(without)[0]
    assert problems(without, access={"sonarr": "bypass", "proxy": "deny"}) == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"domain": ""}, "media_domain: is empty"),
        ({"names": {"sonarr": "plex"}}, "plex.media.test is the name of sonarr already"),
        ({"names": {"sonarr": "tv.example.org"}}, "is outside of media.test"),
        ({"names": {"sonarr": "TV shows"}}, "media_names.sonarr: is 'TV shows'"),
        ({"names": {"sonar": "tv"}}, "media_names: names 'sonar'"),
        ({"access": {"sonarr": "open"}}, "media_access.sonarr: is 'open'"),
        ({"access": {"sonarr": {"groups": "family"}}}, "media_access.sonarr.groups: is 'family'"),
        ({"access": {"sonarr": {"users": ["guest"]}}}, "media_access.sonarr: has users"),
        ({"access": {"authelia": "deny"}}, "media_access.authelia: is for the sign-on itself"),
        ({"exempt": {"sonarr": ["/"]}}, "names '/', which the service does not guard itself"),
        ({"exempt": {"plex": ["/api"]}}, "names '/api', which the service does not guard itself"),
        ({"exempt": {"sonarr": "/api"}}, "media_exempt.sonarr: is '/api'"),
    ],
)
def test_what_is_wrong_is_told(more: dict[str, Any], said: str) -> None:
    assert any(said in problem for problem in problems(**more)), problems(**more)


def test_a_name_outside_of_the_domain_may_be_open() -> None:
    assert problems(names={"sonarr": "tv.example.org"}, access={"sonarr": "bypass"}) == []


def test_each_page_shares_a_network_with_the_front_door_alone() -> None:
    attached = wiring.attach(ALL)
    assert set(attached["sonarr"]["networks"]) == {"proxy-sonarr"}
    assert set(attached["authelia"]["networks"]) == {"proxy-authelia"}
    assert set(attached["proxy"]["networks"]) == {"proxy-sonarr", "proxy-authelia"}
    assert set(wiring.closed_networks(ALL)) == {"proxy-sonarr", "proxy-authelia"}


def nas(**more: Any) -> dict[str, Any]:
    return {"service": "", "names": ["nas.media.test"], "host": "192.0.2.9", "port": 80, "access": "two_factor", **more}


def test_pages_of_other_machines_are_pages_like_any() -> None:
    published = front_door.pages(ALL, rules(), "", [nas()])
    assert published[-1] == nas()
    assert front_door.pages({"sonarr": SONARR}, rules(), "", [nas()]) == []


@pytest.mark.parametrize(
    ("services", "page_of_nas", "said"),
    [
        (ALL, nas(names=["sonarr.media.test"]), "sonarr.media.test: sonarr.media.test is the name of sonarr already"),
        (ALL, nas(names=["nas.example.org"]), "nas.example.org is outside of media.test"),
        ({"proxy": PROXY}, nas(), "no sign-on, which these pages ask for: proxy, nas.media.test"),
    ],
)
def test_what_is_wrong_with_them_is_told(services: dict[str, Any], page_of_nas: dict[str, Any], said: str) -> None:
    found = front_door.problems(services, rules(), sorted(ALL), [page_of_nas], whole=True)
    assert any(said in f"{problem.variable}: {problem.reason}" for problem in found), found
