# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of the stand-in for Authelia, criterion by criterion."""

from __future__ import annotations

from typing import Any

import pytest

from tests.images.authelia.stand_in.access import Decision, Rules, Subject, Target
from tests.images.authelia.stand_in.config import Config

URL = "https://app.example.org/page"
ADA = Subject("ada", ("admins", "family"), "192.168.1.7")
NOBODY = Subject(address="203.0.113.7")


def decide(rule: dict[str, Any], who: Subject = ADA, url: str = URL, method: str = "GET") -> str:
    """Return the policy where one rule allows and everything else is denied."""
    access = {"default_policy": "deny", "rules": [{"policy": "one_factor", **rule}]}
    networks = {"definitions": {"network": {"lan": ["192.168.0.0/16", "fd00::/8"]}}}
    return Rules(Config({"access_control": access, **networks})).decide(who, Target(url, method)).policy


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        ({"domain": "app.example.org"}, True),
        ({"domain": "APP.example.org"}, True),
        ({"domain": ["other.example.org", "app.example.org"]}, True),
        ({"domain": "*.example.org"}, True),
        ({"domain": "example.org"}, False),
        ({"domain": "*.app.example.org"}, False),
        ({"domain": "pp.example.org"}, False),
        ({"domain_regex": r"^a\w+\.example\.org$"}, True),
        ({"domain_regex": r"^b\w+\.example\.org$"}, False),
        ({"domain": "app.example.org", "resources": ["^/page$"]}, True),
        ({"domain": "app.example.org", "resources": ["^/pag$"]}, False),
        ({"domain": "app.example.org", "methods": "GET"}, True),
        ({"domain": "app.example.org", "methods": ["POST"]}, False),
        ({"domain": "app.example.org", "networks": ["lan"]}, True),
        ({"domain": "app.example.org", "networks": ["192.168.1.7"]}, True),
        ({"domain": "app.example.org", "networks": ["10.0.0.0/8", "::/0"]}, False),
        ({"domain": "app.example.org", "subject": "user:ada"}, True),
        ({"domain": "app.example.org", "subject": "user:bob"}, False),
        ({"domain": "app.example.org", "subject": ["user:bob", "group:family"]}, True),
        ({"domain": "app.example.org", "subject": [["group:admins", "group:family"]]}, True),
        ({"domain": "app.example.org", "subject": [["group:admins", "group:dev"]]}, False),
        ({"domain": "app.example.org", "subject": [["group:dev"], ["user:ada", "group:admins"]]}, True),
    ],
)
def test_each_criterion(rule: dict[str, Any], fits: bool) -> None:
    assert decide(rule) == ("one_factor" if fits else "deny")


@pytest.mark.parametrize(
    ("host", "fits"), [("ada.example.org", True), ("bob.example.org", False), ("example.org", False)]
)
def test_a_name_in_the_domain(host: str, fits: bool) -> None:
    wanted = "one_factor" if fits else "deny"
    assert decide({"domain": "{user}.example.org"}, url=f"https://{host}/") == wanted
    assert decide({"domain_regex": r"^(?P<User>\w+)\.example\.org$"}, url=f"https://{host}/") == wanted


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ({"key": "a"}, True),
        ({"key": "b"}, False),
        ({"key": "b", "operator": "absent"}, True),
        ({"key": "a", "value": "1"}, True),
        ({"key": "a", "value": "2"}, False),
        ({"key": "a", "operator": "not equal", "value": "2"}, True),
        ({"key": "a", "operator": "pattern", "value": "^[0-9]$"}, True),
        ({"key": "a", "operator": "not pattern", "value": "^[0-9]$"}, False),
    ],
)
def test_queries(query: dict[str, Any], fits: bool) -> None:
    found = decide({"domain": "app.example.org", "query": [[query]]}, url=f"{URL}?a=1")
    assert found == ("one_factor" if fits else "deny")


def test_the_first_rule_that_fits_decides() -> None:
    rules = [
        {"domain": "app.example.org", "policy": "deny", "resources": "^/secret"},
        {"domain": "*.example.org", "policy": "two_factor"},
        {"domain": "app.example.org", "policy": "bypass"},
    ]
    asked = Rules(Config({"access_control": {"rules": rules}}))
    assert asked.decide(ADA, Target("https://app.example.org/secret/x", "GET")) == Decision("deny", 1)
    assert asked.decide(ADA, Target(URL, "GET")) == Decision("two_factor", 2)
    assert asked.decide(ADA, Target("https://app.elsewhere.net/", "GET")) == Decision("deny")
    assert asked.second_factor


def test_who_has_not_signed_in_might_be_the_one() -> None:
    rule = {"domain": "app.example.org", "subject": "group:admins"}
    assert decide(rule, NOBODY) == "one_factor"
    assert decide(rule, Subject("bob", ("family",), "192.168.1.8")) == "deny"


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("", "/"),
        ("/", "/"),
        ("/api/", "/api/"),
        ("/api/../series", "/series"),
        ("/api/%2e%2e/series", "/series"),
        ("//api//v3", "/api/v3"),
        ("/api?x=/../", "/api?x=/../"),
        ("/a%20b", "/a b"),
    ],
)
def test_a_path_is_seen_without_detours(path: str, seen: str) -> None:
    assert Target(f"https://app.example.org{path}", "GET").path == seen
