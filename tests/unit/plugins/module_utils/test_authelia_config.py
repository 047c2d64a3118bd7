# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Authelia's rules and configuration, from the role's variables and the published pages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.homelab.media.plugins.module_utils import authelia_config
from ansible_collections.homelab.media.plugins.module_utils.authelia_rules import rules
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError

ROLE = Path(__file__).parents[4] / "roles" / "authelia"
SETTINGS = {
    **yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8")),
    "media_root": "/opt/media",
    "media_domain": "media.test",
}
PORTAL = {"domain": ["auth.media.test"], "policy": "bypass"}


def page(service: str, **more: Any) -> dict[str, Any]:
    base = {"service": service, "names": [f"{service}.media.test"], "access": "two_factor", "groups": [], "exempt": []}
    return {**base, **more}


def plan(*pages: dict[str, Any]) -> dict[str, Any]:
    return {"domain": "media.test", "sign_on": {"url": "https://auth.media.test"}, "pages": list(pages)}


def configuration(**settings: Any) -> dict[str, Any]:
    return authelia_config.configuration({**SETTINGS, **settings}, plan(page("sonarr")))


def decide(made: list[dict[str, Any]], host: str, path: str = "/", groups: tuple[str, ...] | None = None) -> str:
    """Return what Authelia says of a request: the first rule that matches. groups: None for who is not signed in.

    To such a one a rule with a subject applies as if it were about anybody: Authelia has to ask first.
    """
    for rule in made:
        resources = rule.get("resources")
        subjects = rule.get("subject")
        if host not in rule["domain"] or (resources and not any(re.search(item, path) for item in resources)):
            continue
        member = groups is None or any({f"group:{group}" for group in groups} >= set(every) for every in subjects or ())
        if subjects is None or member:
            return str(rule["policy"])
    return "default"


def test_each_page_asks_for_what_it_says() -> None:
    made = rules(
        [
            page("authelia", names=["auth.media.test"], access="portal"),
            *(
                page(access.replace("_", "-"), access=access)
                for access in ("bypass", "one_factor", "two_factor", "deny")
            ),
        ],
        "auth.media.test",
        [],
    )
    assert made[0] == PORTAL
    said = {name: decide(made, f"{name}.media.test") for name in ("bypass", "one-factor", "two-factor", "deny")}
    assert said == {"bypass": "bypass", "one-factor": "one_factor", "two-factor": "two_factor", "deny": "deny"}
    assert decide(made, "nobody-thought-of-it.media.test") == "default"
    assert sum(rule["policy"] == "bypass" for rule in made) == 2


def test_a_page_for_groups_is_closed_to_all_others() -> None:
    made = rules([page("sonarr", groups=["admins", "tv"])], "auth.media.test", [])
    ask = "sonarr.media.test"
    assert decide(made, ask, groups=("admins",)) == "two_factor"
    assert decide(made, ask, groups=("family", "tv")) == "two_factor"
    assert decide(made, ask, groups=("family",)) == "deny"
    assert decide(made, ask, groups=()) == "deny"
    assert decide(made, ask) == "two_factor"


def test_a_denied_page_is_closed_to_its_groups_too() -> None:
    made = rules([page("sonarr", access="deny", groups=["admins"])], "auth.media.test", [])
    assert decide(made, "sonarr.media.test", groups=("admins",)) == "deny"


@pytest.mark.parametrize(
    ("prefix", "itself"),
    [("/api", "bypass"), ("/api/", "two_factor")],
)
def test_an_exempt_path_is_that_path_and_no_other(prefix: str, itself: str) -> None:
    made = rules([page("sonarr", exempt=[prefix])], "auth.media.test", [])
    for path in ("/api", "/api?x=1"):
        assert decide(made, "sonarr.media.test", path) == itself, path
    for path in ("/api/", "/api/v3/series?a=b"):
        assert decide(made, "sonarr.media.test", path) == "bypass", path
    for path in ("/", "/apis", "/apis/", "/settings?x=/api/", "/settings/api/", "/API/", "/api%2F..", "/api;x"):
        assert decide(made, "sonarr.media.test", path) == "two_factor", path
    assert decide(made, "radarr.media.test", "/api/") == "default"


def test_a_point_in_an_exempt_path_is_a_point() -> None:
    made = rules([page("one", exempt=["/a.b"])], "auth.media.test", [])
    assert decide(made, "one.media.test", "/a.b") == "bypass"
    assert decide(made, "one.media.test", "/axb") == "two_factor"


@pytest.mark.parametrize("access", ["deny", "bypass"])
def test_there_is_nothing_to_exempt_where_nobody_signs_in(access: str) -> None:
    made = rules([page("one", access=access, exempt=["/api"])], "auth.media.test", [])
    assert decide(made, "one.media.test", "/api") == access
    assert len(made) == 2


def test_a_persons_own_rule_wins_but_not_at_the_portal() -> None:
    own = [
        {"domain": "auth.media.test", "policy": "deny"},
        {"domain": "sonarr.media.test", "resources": ["^/system.*$"], "policy": "deny"},
    ]
    made = rules([page("sonarr", exempt=["/system"])], "auth.media.test", own)
    assert decide(made, "sonarr.media.test", "/system/x") == "deny"
    assert decide(made, "sonarr.media.test", "/series") == "two_factor"
    assert decide(made, "auth.media.test") == "bypass"


def test_what_would_open_a_page_by_mistake_is_refused_by_name() -> None:
    wrong = [page("sonarr", access="bypass", groups=["family"]), page("radarr", access="two-factor")]
    with pytest.raises(MediaError) as caught:
        rules(wrong, "auth.media.test", [])
    assert [problem.variable for problem in caught.value.problems] == ["media_access.radarr", "media_access.sonarr"]


def test_the_file_has_no_aliases() -> None:
    made = rules([page("sonarr", groups=["tv"], exempt=["/api"]), page("radarr")], "auth.media.test", [])
    assert "&id" not in yaml.safe_dump(made)


def test_no_secret_has_a_place_in_it() -> None:
    text = json.dumps(configuration(authelia_storage="postgres", authelia_notifier="smtp", authelia_smtp_username="x"))
    assert [word for word in ('password":', 'secret":', "encryption_key", "@@secret") if word in text] == [
        'password":'  # how new ones are hashed
    ]


def test_only_the_front_doors_way_of_asking_is_open() -> None:
    authz = configuration()["server"]["endpoints"]["authz"]
    assert {name: endpoint["authn_strategies"] for name, endpoint in authz.items()} == {
        "auth-request": [{"name": "CookieSession"}]
    }


@pytest.mark.parametrize(
    ("settings", "storage", "notifier"),
    [
        ({}, {"local"}, {"filesystem"}),
        (
            {"authelia_storage": "postgres", "authelia_notifier": "smtp"},
            {"postgres"},
            {"smtp", "disable_startup_check"},
        ),
    ],
)
def test_one_storage_and_one_notifier(settings: dict[str, Any], storage: set[str], notifier: set[str]) -> None:
    built = configuration(**settings)
    assert set(built["storage"]) == storage
    assert set(built["notifier"]) == notifier


def test_the_portal_is_no_place_to_be_sent_to_from_itself() -> None:
    cookies = configuration(authelia_home="https://home.media.test")["session"]["cookies"]
    assert cookies[0]["default_redirection_url"] == "https://home.media.test"
    with pytest.raises(MediaError, match="authelia_home: is the portal itself"):
        configuration(authelia_home="https://auth.media.test/")


def test_a_persons_keys_are_laid_over_and_the_rest_stays() -> None:
    built = configuration(authelia_configuration={"totp": {"skew": 2}, "ntp": {"disable_startup_check": False}})
    assert built["totp"] == {"disable": False, "issuer": "media.test", "skew": 2}
    assert built["ntp"] == {"disable_startup_check": False, "disable_failure": True}
