# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters of Organizr: what is declared, what is refused, and which tabs follow from the pages."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import catalogue, front_door
from ansible_collections.homelab.media.plugins.module_utils.declaration import declaration_problems, is_published
from ansible_collections.homelab.media.plugins.module_utils.identity import Identity
from ansible_collections.homelab.media.plugins.module_utils.parts import organizr as module
from ansible_collections.homelab.media.plugins.module_utils.policy import Policy

SETTINGS: dict[str, Any] = {
    "media_root": "/opt/media",
    "media_domain": "media.test",
    "portal_organizr": True,
    "portal_organizr_image": "ghcr.io/organizr/organizr:latest",
    "portal_organizr_branch": "manual",
    "portal_organizr_port": 8380,
    "portal_organizr_admin": "anna",
    "portal_organizr_email": "",
    "portal_organizr_types": {},
    "portal_organizr_groups": {},
    "portal_organizr_config": {},
    "portal_organizr_timeout": 600,
    "portal_organizr_memory": "512m",
    "portal_organizr_cpus": 1.0,
}


def page(service: str, access: str = "two_factor", **more: Any) -> dict[str, Any]:
    names = more.pop("names", [f"{service}.media.test"])
    return {"service": service, "names": names, "path": "/", "access": access, "groups": [], "exempt": [], **more}


PLAN: dict[str, Any] = {
    "pages": [
        page("sonarr"),
        page("sonarr-4k"),
        page("plex", "bypass", path="/web"),
        page("grafana", groups=["admins"]),
        page("secret", "deny"),
        page("organizr"),
        page("authelia", "portal", names=["auth.media.test", "login.media.test"]),
        page("", names=["router.media.test"]),
        {"service": "portal", "names": ["home.media.test"], "static": {"/": "config/portal"}, "access": "two_factor"},
    ],
    "portal": {
        "sonarr": {"title": "Sonarr", "section": "Library", "text": ""},
        "sonarr-4k": {"title": "Sonarr", "section": "Library", "text": ""},
        "plex": {"title": "Plex", "section": "Library", "text": ""},
        "grafana": {"title": "Grafana", "section": "House", "text": ""},
        "secret": {"title": "Secret", "section": "Vault", "text": ""},
        "authelia": {"title": "Authelia", "section": "Other", "text": ""},
    },
    "apis": {
        "sonarr": {"kind": "sonarr"},
        "sonarr-4k": {"kind": "sonarr"},
        "plex": {"kind": "plex"},
        "authelia": {"kind": "authelia"},
    },
    "sign_on": {"service": "authelia", "url": "https://auth.media.test"},
    "networks": {"proxy-organizr": {"internal": True, "ipam": {"config": [{"subnet": "10.99.1.0/26"}]}}},
}


def call(name: str, value: Any, *more: Any) -> Any:
    found = import_module(f"ansible_collections.homelab.media.plugins.filter.organizr_{name}")
    return found.FilterModule().filters()[f"organizr_{name}"](value, *more)


def wanted(plan: dict[str, Any] | None = None, **settings: Any) -> dict[str, Any]:
    found: dict[str, Any] = call("wanted", {**PLAN, **(plan or {})}, {**SETTINGS, **settings})
    return found


def tabs(**settings: Any) -> dict[str, dict[str, Any]]:
    return {tab["url"]: tab for tab in wanted(**settings)["tabs"]}


def problems(**settings: Any) -> list[str]:
    return [
        f"{p['variable']}: {p['reason']}. Expected: {p['expected']}."
        for p in call("problems", {**SETTINGS, **settings})
    ]


@pytest.mark.parametrize("name", ["problems", "secrets", "services", "files"])
def test_something_else_than_the_variables_is_refused_by_name(name: str) -> None:
    with pytest.raises(AnsibleFilterError, match=f"organizr_{name} takes the variables of the portal role"):
        call(name, [])


def test_wanted_takes_the_variables_too() -> None:
    with pytest.raises(AnsibleFilterError, match="organizr_wanted takes the variables of the portal role"):
        call("wanted", PLAN, [])


# --- the declaration -----------------------------------------------------------------------------------------------


def test_what_is_declared_is_well_formed() -> None:
    built = {name: call(name, SETTINGS) for name in ("problems", "secrets", "services", "files")}
    assert built["problems"] == []
    assert declaration_problems("portal", built) == []
    service = built["services"]["organizr"]
    assert is_published(service)
    assert service["environment"]["branch"] == "manual"
    assert built["secrets"]["organizr_api_key"]["length"] == 20
    # No secret is told to the container: it learns them from the wizard.
    assert "secret" not in str(service)


def test_off_it_declares_nothing() -> None:
    off = {**SETTINGS, "portal_organizr": False, "portal_organizr_branch": "nonsense"}
    assert [call(name, off) for name in ("problems", "secrets", "services", "files")] == [[], {}, {}, []]


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"portal_organizr_branch": "v3"}, "portal_organizr_branch: is 'v3'. Expected: one of manual, v2-master"),
        ({"portal_organizr_port": 0}, "portal_organizr_port: is 0"),
        ({"portal_organizr_admin": "a b"}, "portal_organizr_admin: is 'a b'"),
        ({"portal_organizr_email": "anna"}, "portal_organizr_email: is 'anna'"),
        ({"media_domain": ""}, "portal_organizr_email: is empty, and so is media_domain"),
        ({"portal_organizr_types": ["sonarr"]}, "portal_organizr_types: is a list"),
        (
            {"portal_organizr_types": {"sonarr": "tab"}},
            "portal_organizr_types.sonarr: is 'tab'. Expected: one of frame",
        ),
        (
            {"portal_organizr_groups": {"family": 0}},
            "portal_organizr_groups.family: is 0. Expected: a number from 1 to 4",
        ),
        ({"portal_organizr_groups": {"family": True}}, "portal_organizr_groups.family: is True"),
        ({"portal_organizr_config": []}, "portal_organizr_config: is a list"),
        ({"portal_organizr_config": {"organizrAPI": "x"}}, "portal_organizr_config.organizrAPI: is not yours"),
        ({"portal_organizr_config": {"registrationPassword": "x"}}, "registrationPassword: is not yours"),
        ({"portal_organizr_config": {"authProxyWhitelist": "0.0.0.0/0"}}, "authProxyWhitelist: is not yours"),
        ({"portal_organizr_config": {"dbLocation": "/x"}}, "dbLocation: is not yours"),
        ({"portal_organizr_config": {"a b": 1}}, "portal_organizr_config.a b: is no name"),
        ({"portal_organizr_config": {"title": []}}, "portal_organizr_config.title: is a list"),
        ({"portal_organizr_timeout": "soon"}, "portal_organizr_timeout: is 'soon'"),
    ],
)
def test_what_cannot_work_is_told(settings: dict[str, Any], text: str) -> None:
    found = problems(**settings)
    assert len(found) == 1
    assert text in found[0]


def test_a_setting_of_ones_own_is_let_through() -> None:
    config = {"title": "Home", "theme": "Blue", "rememberMe": False}
    assert problems(portal_organizr_config=config) == []
    assert config.items() <= wanted(portal_organizr_config=config)["config"].items()


# --- the tabs ------------------------------------------------------------------------------------------------------


def test_there_is_a_tab_for_each_page_that_is_not_denied() -> None:
    found = wanted()
    assert [(tab["category"], tab["name"], tab["url"]) for tab in found["tabs"]] == [
        ("House", "Grafana", "https://grafana.media.test/"),
        ("Library", "Plex", "https://plex.media.test/web"),
        ("Library", "Sonarr", "https://sonarr-4k.media.test/"),
        ("Library", "Sonarr 2", "https://sonarr.media.test/"),
        ("Other", "Authelia", "https://auth.media.test/"),
        ("Other", "Home", "https://home.media.test/"),
        ("Other", "Router", "https://router.media.test/"),
    ]
    assert [category["name"] for category in found["categories"]] == ["House", "Library", "Other"]


def test_a_page_that_goes_takes_its_tab_and_its_section_along() -> None:
    found = wanted({"pages": [entry for entry in PLAN["pages"] if entry["service"] != "grafana"]})
    assert "Grafana" not in [tab["name"] for tab in found["tabs"]]
    assert "House" not in [category["name"] for category in found["categories"]]


def test_how_a_tab_opens() -> None:
    found = tabs(portal_organizr_types={"grafana": "frame", "sonarr": "window"})
    opened = {url.split("/")[2].split(".")[0]: tab["type"] for url, tab in found.items()}
    assert opened == {"grafana": 1, "sonarr": 2, "sonarr-4k": 1, "plex": 2, "auth": 2, "home": 2, "router": 2}


def test_who_sees_a_tab() -> None:
    assert tabs()["https://grafana.media.test/"]["group"] == 1
    assert tabs(portal_organizr_groups={"admins": 2})["https://grafana.media.test/"]["group"] == 2
    assert tabs()["https://sonarr.media.test/"]["group"] == 4
    both = {"pages": [page("grafana", groups=["admins", "family"])]}
    assert wanted(both, portal_organizr_groups={"family": 4})["tabs"][0]["group"] == 4


def test_an_icon_is_upstreams_where_it_has_one() -> None:
    found = tabs()
    assert found["https://sonarr-4k.media.test/"]["image"] == "plugins/images/tabs/sonarr.png"
    assert found["https://auth.media.test/"]["image"] == "fontawesome::globe"


def test_long_names_are_shortened_and_stay_apart() -> None:
    words = {"title": "Ä" * 60, "section": "Library", "text": ""}
    found = wanted({"portal": {"sonarr": words, "sonarr-4k": words}})
    names = [tab["name"] for tab in found["tabs"] if tab["category"] == "Library"]
    assert names == ["Ä" * 25, "Ä" * 24 + " 2"]
    assert all(len(name.encode()) <= 50 for name in names)


# --- the sign-on ---------------------------------------------------------------------------------------------------


def test_the_name_is_believed_from_the_front_doors_address_alone() -> None:
    assert wanted()["config"] == {
        "authProxyEnabled": True,
        "authProxyHeaderName": "Remote-User",
        "authProxyHeaderNameEmail": "Remote-Email",
        "authProxyWhitelist": "10.99.1.62",
        "authProxyOverrideLogout": True,
        "authProxyLogoutURL": "https://auth.media.test/logout",
        "hideRegistration": True,
    }


@pytest.mark.parametrize(
    "plan",
    [
        {"sign_on": {}},
        {"networks": {}},
        {"pages": [page("organizr", "bypass")]},
        {"pages": []},
        {"networks": {"proxy-organizr": {"ipam": {"config": [{"subnet": "fd00::/64"}]}}}},
    ],
)
def test_without_a_sign_on_before_it_nobody_is_believed(plan: dict[str, Any]) -> None:
    found = wanted(plan)["config"]
    assert found["authProxyEnabled"] is False
    assert found["authProxyWhitelist"] == ""


def test_a_person_does_not_lay_anything_over_that() -> None:
    assert wanted(portal_organizr_config={"hideRegistration": False})["config"]["hideRegistration"] is True


def test_the_module_takes_what_is_wanted() -> None:
    """By its own argument specification."""
    found = wanted()
    assert set(found) == {
        *("url", "username", "email", "password_file", "api_key_file", "hash_key_file"),
        *("registration_password_file", "config_file", "ledger", "categories", "tabs", "config", "timeout"),
    }
    assert all(set(tab) == set(module.TAB) for tab in found["tabs"])
    assert all(set(category) == set(module.CATEGORY) for category in found["categories"])
    assert found["email"] == "anna@media.test"
    assert found["config_file"] == "/opt/media/state/organizr/www/organizr/data/config/config.php"


# --- in the catalogue ----------------------------------------------------------------------------------------------


IDENTITY = Identity("media", "media", 1000, 1000, "002", "Etc/UTC")
POLICY = Policy(IDENTITY, "unless-stopped", "10m", 3, "1g", 2.0, 1024, "30s")
RULES = front_door.Rules("media.test")


@pytest.mark.parametrize("told", [{"enable_ipv6": False}, {}])
def test_the_front_door_has_the_address_that_is_believed(told: dict[str, Any]) -> None:
    """As the whole plan is compiled: the door's in the network of Organizr's page, where there is nobody else.

    The control: without a word of the role there would be IPv6 too, over which Organizr believes nobody.
    """
    api = {"kind": "proxy_manager", "username": "a", "password": "b"}
    door = {"image": "a/door:1", "x-media": {"egress": "direct", "api": api}}
    signs = {"image": "a/sign-on:1", "x-media": {"api": {"kind": "authelia"}, "web": {"port": 9091, "name": "auth"}}}
    declarations = {
        "proxy": {"services": {"door": door, "sign-on": signs}},
        "portal": {"services": call("services", SETTINGS), "networks": {"proxy-organizr": told}},
    }
    settings = catalogue.Settings(
        "/opt/media", "all", (), "10.213.0.0/16", True, "fd6d:6564:6961::/48", POLICY, rules=RULES
    )
    built = catalogue.build(declarations, settings)
    assert built.problems == []
    plan = {
        "pages": front_door.pages(built.services, RULES, ""),
        "sign_on": front_door.sign_on(built.services, RULES),
        "networks": built.networks,
    }
    believed = wanted({**plan, "portal": {}, "apis": {}})["config"]["authProxyWhitelist"]
    place = built.services["door"]["networks"]["proxy-organizr"]
    assert believed == place["ipv4_address"]
    assert ("ipv6_address" in place) is not bool(told)
    assert set(built.services["organizr"]["networks"]) == {"proxy-organizr", "uplink-organizr"}
