# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the authelia role's variables is told, and nothing else is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.homelab.media.plugins.module_utils import authelia_checks

ROLE = Path(__file__).parents[4] / "roles" / "authelia"
PASSWORD = "correct-horse-battery"
ANNA = {"displayname": "Anna", "email": "anna@example.org", "groups": ["admins"], "password": PASSWORD}
HASH = "$argon2id$v=19$m=65536,t=3,p=4$MDAwMDAwMDAwMDAwMDAwMA$6IXCS59TP25KDaC09dYJwl62RFawKXMRIHMZCKMyWEs"
GOOD = {
    **yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8")),
    "media_root": "/opt/media",
    "media_domain": "media.example.org",
    "authelia_users": {"anna": ANNA},
}
SMTP = {
    "authelia_notifier": "smtp",
    "authelia_smtp_address": "submissions://mail.example.org:465",
    "authelia_smtp_sender": "Home <home@example.org>",
}


def found(**settings: Any) -> dict[str, str]:
    return {problem.variable: str(problem) for problem in authelia_checks.problems({**GOOD, **settings})}


def rule(**keys: Any) -> dict[str, Any]:
    return {"authelia_rules": [{"domain": "sonarr.example.org", "policy": "deny", **keys}]}


def user(**keys: Any) -> dict[str, Any]:
    return {"authelia_users": {"anna": {**ANNA, **keys}}}


@pytest.mark.parametrize(
    "settings",
    [
        {},
        SMTP,
        {**SMTP, "authelia_smtp_username": "home", "authelia_smtp_password": "p4ssw0rd-of-it"},
        {**SMTP, "authelia_smtp_address": "smtp://mail", "authelia_smtp_sender": "home@example.org"},
        {"authelia_find_time": "15m", "authelia_ban_time": "15m"},
        {"authelia_session_remember_me": "1M 2d", "authelia_home": "https://home.media.example.org/x"},
        {"authelia_configuration": {"totp": {"skew": 2}}},
        user(groups=[], displayname="Anna B. of X"),
        user(password="", password_hash=HASH),
        {"authelia_users": {"a.b-c_d@e": {"email": "a+b@mail.example.org", "password": PASSWORD, "disabled": True}}},
        rule(),
        rule(domain=["*.example.org", "{user}.example.org"], subject=[["user:anna", "group:x"], "group:y"]),
        rule(networks=["10.0.0.0/8", "fd00::/8"], methods=["GET"], resources=["^/a([/?].*)?$"], policy="one_factor"),
    ],
)
def test_what_works_is_no_problem(settings: dict[str, Any]) -> None:
    assert found(**settings) == {}


@pytest.mark.parametrize(
    ("settings", "variable", "reason"),
    [
        ({"media_domain": ""}, "media_domain", "is empty"),
        ({"authelia_storage": "mysql"}, "authelia_storage", "is 'mysql'"),
        ({"authelia_notifier": "mail"}, "authelia_notifier", "is 'mail'"),
        ({"authelia_default_policy": "bypass"}, "authelia_default_policy", "is 'bypass'"),
        ({"authelia_max_retries": 0}, "authelia_max_retries", "is 0"),
        ({"authelia_max_retries": True}, "authelia_max_retries", "is True"),
        ({"authelia_password_score": 5}, "authelia_password_score", "is 5"),
        ({"authelia_ban_time": "900"}, "authelia_ban_time", "is '900'"),
        ({"authelia_ban_time": "0m", "authelia_find_time": "0s"}, "authelia_ban_time", "is '0m'"),
        ({"authelia_session_expiration": "8 hours or so"}, "authelia_session_expiration", "is '8 hours or so'"),
        ({"authelia_find_time": "20m"}, "authelia_find_time", "is longer than authelia_ban_time"),
        ({"authelia_session_inactivity": "1d"}, "authelia_session_inactivity", "longer than authelia_session_expir"),
        ({"authelia_find_time": "2M", "authelia_ban_time": "20m"}, "authelia_find_time", "is longer"),
        ({"authelia_home": "http://home.media.example.org"}, "authelia_home", "is 'http://"),
        ({"authelia_home": "https://evilmedia.example.org"}, "authelia_home", "is 'https://evil"),
        ({"authelia_configuration": []}, "authelia_configuration", "is a list"),
        ({"authelia_configuration": {"access_control": {}}}, "authelia_configuration.access_control", "not yours"),
        ({"authelia_notifier": "smtp"}, "authelia_smtp_address", "is ''"),
        ({"authelia_notifier": "smtp"}, "authelia_smtp_sender", "is ''"),
        ({**SMTP, "authelia_smtp_address": "mail.example.org"}, "authelia_smtp_address", "is 'mail.example.org'"),
        ({**SMTP, "authelia_smtp_sender": "Home"}, "authelia_smtp_sender", "is 'Home'"),
        ({**SMTP, "authelia_smtp_username": "x"}, "authelia_smtp_password", "is empty"),
        ({**SMTP, "authelia_smtp_password": "xyz"}, "authelia_smtp_username", "is empty"),
        (
            {**SMTP, "authelia_smtp_username": "x", "authelia_smtp_password": "changeme"},
            "authelia_smtp_password",
            "placeholder",
        ),
        ({"authelia_rules": {}}, "authelia_rules", "is a dict"),
        ({"authelia_rules": ["x"]}, "authelia_rules[0]", "is a str"),
        ({"authelia_rules": [{"policy": "deny"}]}, "authelia_rules[0]", "exactly one of"),
        (rule(domain_regex="x"), "authelia_rules[0]", "exactly one of"),
        (rule(policy="bypass"), "authelia_rules[0].policy", "would open a page"),
        (rule(policy="allow"), "authelia_rules[0].policy", "is 'allow'"),
        (rule(domain=[]), "authelia_rules[0].domain", "is []"),
        (rule(domain="*"), "authelia_rules[0].domain", "is '*'"),
        (rule(group="x"), "authelia_rules[0].group", "is not known"),
        (rule(subject=["anna"]), "authelia_rules[0].subject", "is ['anna']"),
        (rule(subject=[]), "authelia_rules[0].subject", "is []"),
        (rule(networks=["home"]), "authelia_rules[0].networks", "is ['home']"),
        (rule(resources="(?!x)"), "authelia_rules[0].resources", "is '(?!x)'"),
        (rule(resources="("), "authelia_rules[0].resources", "is '('"),
        (rule(methods=["get"]), "authelia_rules[0].methods", "is ['get']"),
        (rule(query={}), "authelia_rules[0].query", "is {}"),
        ({"authelia_users": {}}, "authelia_users", "is empty"),
        ({"authelia_users": []}, "authelia_users", "is a list"),
        ({"authelia_users": {"Anna": ANNA}}, "authelia_users.Anna", "is no name"),
        ({"authelia_users": {"anna": None}}, "authelia_users.anna", "is a NoneType"),
        (user(role="x"), "authelia_users.anna.role", "is not known"),
        (user(email="anna"), "authelia_users.anna.email", "is 'anna'"),
        (user(email=None), "authelia_users.anna.email", "is None"),
        (user(displayname="a\nb"), "authelia_users.anna.displayname", "is 'a"),
        (user(groups="admins"), "authelia_users.anna.groups", "is 'admins'"),
        (user(groups=[""]), "authelia_users.anna.groups", "is ['']"),
        (user(disabled="yes"), "authelia_users.anna.disabled", "is 'yes'"),
        (user(password=""), "authelia_users.anna.password", "is missing"),
        (user(password=12345678), "authelia_users.anna.password", "is no text"),
        (user(password="changeme"), "authelia_users.anna.password", "placeholder"),
        (user(password="<your password>"), "authelia_users.anna.password", "placeholder"),
        (user(password="hunter2"), "authelia_users.anna.password", "shorter than 8"),
        (user(password_hash=HASH), "authelia_users.anna.password", "beside password_hash"),
        (user(password="", password_hash="x"), "authelia_users.anna.password_hash", "is no hash"),
        (user(password="", password_hash="$6$salt$abc"), "authelia_users.anna.password_hash", "is no hash"),
    ],
)
def test_what_cannot_work_is_told_by_its_variable(settings: dict[str, Any], variable: str, reason: str) -> None:
    problems = found(**settings)
    assert reason in problems[variable]


def test_all_is_told_at_once_and_no_password_with_it() -> None:
    secret = "changeme-s3cr3t"
    problems = found(
        media_domain="",
        authelia_ban_time="x",
        authelia_notifier="smtp",
        authelia_smtp_username="x",
        authelia_smtp_password=secret,
        authelia_users={"anna": {"password": secret}, "ben": {"password_hash": secret}},
    )
    assert len(problems) == 9
    assert secret not in str(problems)


@pytest.mark.parametrize(
    ("text", "length"),
    [("90s", 90), ("1h 30m", 5400), ("1M", 2592000), ("500ms", 0.5), ("2", None), ("1 h and", None), (90, None)],
)
def test_durations_are_read_as_authelia_reads_them(text: Any, length: float | None) -> None:
    assert authelia_checks.seconds(text) == length
