# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Authelia's own JSON schemas against what the role gives it: the configuration for many settings, and the users."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.homelab.media.plugins.module_utils import authelia_config, authelia_users
from ansible_collections.homelab.media.plugins.module_utils.authelia_ledger import Ledger
from ansible_collections.homelab.media.plugins.plugin_utils import authelia_hashes
from jsonschema import Draft202012Validator, FormatChecker

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT.parent / "shared" / "contracts" / "authelia" / "json-schema"

pytestmark = pytest.mark.skipif(
    not SCHEMAS.is_dir(), reason="Authelia's schemas are not here: ../shared/contracts/authelia"
)

ROLE = ROOT / "roles" / "authelia"
SETTINGS = {
    **yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8")),
    "media_root": "/opt/media",
    "media_domain": "media.test",
}
SMTP = {
    "authelia_notifier": "smtp",
    "authelia_smtp_address": "submissions://mail.example.org:465",
    "authelia_smtp_username": "home",
    "authelia_smtp_password": "not in the configuration",
    "authelia_smtp_sender": "Home <home@example.org>",
}
FORMATS = FormatChecker(())


@FORMATS.checks("email")
def is_email(value: Any) -> bool:
    """The schema's two kinds of sender exclude each other only where a format is more than a note."""
    return not isinstance(value, str) or re.fullmatch(r"[^@<>\s]+@[^@<>\s]+", value) is not None


def page(service: str, **more: Any) -> dict[str, Any]:
    base = {"service": service, "names": [f"{service}.media.test"], "access": "two_factor", "groups": [], "exempt": []}
    return {**base, **more}


PLAN = {
    "domain": "media.test",
    "sign_on": {"service": "authelia", "url": "https://auth.media.test", "host": "authelia", "port": 9091},
    "pages": [
        page("authelia", names=["auth.media.test"], access="portal"),
        page("proxy", groups=["admins"]),
        page("sonarr", exempt=["/api/", "/feed/"]),
        page(
            "sonarr-4k", names=["tv.media.test", "series.media.test"], groups=["family", "admins"], exempt=["/jsonrpc"]
        ),
        page("tautulli", access="one_factor"),
        page("plex", access="bypass"),
        page("nzbget", access="deny"),
    ],
}


def errors(name: str, document: Any) -> list[str]:
    """Return what upstream's schema has against a document."""
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    return [error.message for error in Draft202012Validator(schema, format_checker=FORMATS).iter_errors(document)]


def configuration(**settings: Any) -> dict[str, Any]:
    return authelia_config.configuration({**SETTINGS, **settings}, PLAN)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        SMTP,
        {**SMTP, "authelia_smtp_sender": "home@example.org", "authelia_smtp_username": ""},
        {**SMTP, "authelia_smtp_startup_check": True, "authelia_smtp_subject": "{title}"},
        {"authelia_storage": "postgres"},
        {"authelia_home": "https://home.media.test"},
        {"authelia_password_score": 0, "authelia_password_reset": False},
        *({"authelia_default_policy": policy} for policy in ("one_factor", "deny")),
        *({"authelia_theme": theme} for theme in ("light", "dark", "grey", "oled")),
        *({"authelia_log_level": level} for level in ("error", "info", "debug", "trace")),
        {"authelia_session_inactivity": "1h 30m", "authelia_session_remember_me": "1y", "authelia_find_time": "90s"},
        {
            "authelia_rules": [
                {"domain": "*.media.test", "networks": ["192.168.1.0/24"], "policy": "one_factor"},
                {"domain_regex": r"^sonarr(-\w+)?\.media\.test$", "resources": ["^/system.*$"], "policy": "deny"},
                {
                    "domain": ["a.media.test"],
                    "subject": [["user:anna", "group:x"], ["group:y"]],
                    "policy": "two_factor",
                },
                {"domain": "b.media.test", "methods": ["GET"], "subject": "group:y", "policy": "two_factor"},
            ]
        },
        {
            "authelia_configuration": {
                "totp": {"skew": 2},
                "webauthn": {"enable_passkey_login": True},
                "ntp": {"address": "udp://ntp.example.org:123", "disable_startup_check": False},
                "identity_validation": {"elevated_session": {"require_second_factor": True}},
                "password_policy": {"standard": {"enabled": True}, "zxcvbn": {"enabled": False}},
                "privacy_policy": {"enabled": True, "policy_url": "https://media.test/privacy"},
            }
        },
    ],
    ids=lambda settings: ",".join(settings) or "defaults",
)
def test_the_configuration_is_what_the_schema_wants(settings: dict[str, Any]) -> None:
    built = configuration(**settings)
    assert errors("configuration", built) == []
    # As the host gets it.
    assert yaml.safe_load(yaml.safe_dump(built)) == built


def test_every_open_part_is_one_of_the_schema() -> None:
    schema = json.loads((SCHEMAS / "configuration.json").read_text(encoding="utf-8"))
    assert set(authelia_config.OPEN) <= set(schema["$defs"]["Configuration"]["properties"])


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("acces_control",), {}),
        (("access_control", "default_policy"), "bypass"),
        (("access_control", "rules", 0, "policy"), "portal"),
        (("access_control", "rules", 0, "domains"), []),
        (("session", "inactivity"), "soon"),
        (("session", "cookies", 0, "autheliaurl"), "https://auth.media.test"),
        (("notifier", "smtp", "sender"), "Home home@example.org"),
        (("regulation", "modes"), ["address"]),
        (("storage", "local", "file"), "/config/db.sqlite3"),
        (("server", "endpoints", "authz", "auth-request", "implementation"), "Forward"),
        (("password_policy", "zxcvbn", "min_score"), "3"),
    ],
)
def test_the_judge_can_say_no(place: tuple[Any, ...], value: Any) -> None:
    document = configuration(**SMTP)
    here: Any = document
    for key in place[:-1]:
        here = here[key] if isinstance(here, list) else here.setdefault(key, {})
    here[place[-1]] = value
    assert errors("configuration", document) != []


def test_the_users_are_what_the_schema_wants(tmp_path: Path) -> None:
    seed = yaml.safe_load((ROLE / "files" / "users_database.yml").read_text(encoding="utf-8"))
    assert errors("user-database", seed) == []
    path = tmp_path / "users_database.yml"
    path.write_text(yaml.safe_dump(seed), encoding="utf-8")
    declared = {
        "anna": {"displayname": "Anna", "email": "anna@example.org", "groups": ["admins"], "password": "correct horse"},
        "ben": {"email": "ben@example.org", "disabled": True, "password": "battery staple"},
        "eve": {"email": "eve@example.org", "password_hash": "$6$rounds=50000$abcdefgh$" + "x" * 86},
    }
    users = [
        authelia_users.User(**{**user, "groups": tuple(user["groups"])})
        for user in authelia_hashes.declared(declared, "media.test")
    ]
    authelia_users.ensure(str(path), users, Ledger(str(tmp_path / "ledger.json"), b"key"), check=False)
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(document["users"]) == set(declared)
    assert errors("user-database", document) == []
    # A control: the judge can say no.
    document["users"]["anna"]["password"] = "correct horse"
    assert errors("user-database", document) != []
