# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the stand-in for Authelia takes as a configuration: the contract's schema, and the rules beyond it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.contract.authelia_on_loopback import DOMAIN, KEY, changed, minimal, read, users
from tests.contract.openapi import CONTRACTS
from tests.images.authelia.stand_in import keys
from tests.images.authelia.stand_in.durations import seconds

STAND_IN = Path(__file__).resolve().parents[1] / "images" / "authelia"
COOKIE = "session.cookies.0"
RULES = "access_control.rules"
POSTGRES = {"address": "tcp://authelia-postgres:5432", "database": "authelia", "username": "authelia", "password": "p"}
SMTP = {"address": "submission://mail.example.org:587", "sender": "Home <home@example.org>"}


def schema(name: str) -> dict[str, Any]:
    file = CONTRACTS / "authelia" / "json-schema" / name
    if not file.is_file():
        pytest.skip("the contracts beside the project are not here")
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def test_the_smallest_configuration_is_accepted_by_the_schema_and_by_the_stand_in(tmp_path: Path) -> None:
    configuration = minimal(tmp_path)
    jsonschema.validate(configuration, schema("configuration.json"))
    assert read(tmp_path, configuration).errors == []
    # The control: the schema does refuse.
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(changed(configuration, "session.nmae", "x"), schema("configuration.json"))


def test_the_users_of_these_tests_are_in_upstreams_form() -> None:
    jsonschema.validate(users(), schema("user-database.json"))


def flat(known: Any, above: str = "") -> set[str]:
    """Return the stand-in's keys, one by one."""
    if isinstance(known, list):
        return flat(known[0], above)
    if not isinstance(known, dict):
        return {above}
    return {each for name, kind in known.items() for each in flat(kind, f"{above}.{name}" if above else name)}


def flat_schema(definitions: dict[str, Any], part: dict[str, Any], above: str, opaque: set[str]) -> set[str]:
    while "$ref" in part:
        part = definitions[part["$ref"].rpartition("/")[2]]
    if above in opaque:
        return {above}
    if part.get("type") == "array" and "$ref" in part.get("items", {}):
        return flat_schema(definitions, part["items"], above, opaque)
    free = list((part.get("patternProperties") or {}).values())
    if isinstance(part.get("additionalProperties"), dict):
        free.append(part["additionalProperties"])
    if free:
        return flat_schema(definitions, free[0], f"{above}.*", opaque)
    if not part.get("properties"):
        return {above}
    return {
        each
        for name, below in part["properties"].items()
        for each in flat_schema(definitions, below, f"{above}.{name}" if above else name, opaque)
    }


def test_the_keys_are_the_schemas_no_more_and_no_less() -> None:
    found = schema("configuration.json")
    mine = flat(keys.KEYS)
    opaque = {"identity_providers", "authentication_backend.ldap", "definitions", f"{RULES}.subject", f"{RULES}.query"}
    theirs = flat_schema(found["$defs"], found["$defs"]["Configuration"], "", opaque)
    assert mine == theirs


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            "storage.local",
            None,
            "storage: configuration for a 'local', 'mysql' or 'postgres' database must be provided",
        ),
        ("storage.postgres", POSTGRES, "storage: option 'local', 'mysql' and 'postgres' are mutually exclusive"),
        ("storage.encryption_key", None, "storage: option 'encryption_key' is required"),
        ("storage.encryption_key", "x" * 19, "storage: option 'encryption_key' must be 20 characters or longer"),
        ("authentication_backend.file", None, "authentication_backend: you must ensure either the 'file' or 'ldap'"),
        ("authentication_backend.ldap", {"address": "ldap://x"}, "ensure only one of the 'file' or 'ldap' backend"),
        ("authentication_backend.file.path", None, "authentication_backend: file: option 'path' is required"),
        ("notifier", {}, "notifier: you must ensure either the 'smtp' or 'filesystem' notifier is configured"),
        ("notifier.smtp", SMTP, "notifier: please ensure only one of the 'smtp' or 'filesystem' notifier"),
        ("notifier", {"smtp": {**SMTP, "address": "http://mail:25"}}, "notifier: smtp: option 'address' with value"),
        (
            "identity_validation.reset_password.jwt_secret",
            None,
            "identity_validation: reset_password: option 'jwt_secret' is required when the reset password",
        ),
        ("session.redis", {"host": "redis"}, "session: option 'secret' is required when using the 'redis' provider"),
        ("session.cookies", [], "session: option 'cookies' is required"),
        (f"{COOKIE}.domain", None, "option 'domain' is required"),
        (f"{COOKIE}.domain", "localhost", "is not a valid cookie domain: must have at least a single period"),
        (f"{COOKIE}.domain", "*.example.org", "must be the domain you wish to protect not a wildcard domain"),
        (f"{COOKIE}.domain", ".example.org", "does not appear to be a valid cookie domain or an ip address"),
        (f"{COOKIE}.domain", "example.org:8443", "does not appear to be a valid cookie domain or an ip address"),
        (f"{COOKIE}.domain", "co.uk", "the domain is part of the special public suffix list"),
        (f"{COOKIE}.authelia_url", None, "option 'authelia_url' is required"),
        (f"{COOKIE}.authelia_url", "http://auth.example.org", "'authelia_url' does not have a secure scheme"),
        (f"{COOKIE}.authelia_url", "https://auth.example.net", "'authelia_url' does not share a cookie scope"),
        (f"{COOKIE}.authelia_url", "https://auth.notexample.org", "'authelia_url' does not share a cookie scope"),
        (f"{COOKIE}.authelia_url", "auth.example.org", "'authelia_url' is not absolute"),
        (f"{COOKIE}.default_redirection_url", "https://auth.example.org/", "is effectively equal to option"),
        (f"{COOKIE}.same_site", "sometimes", "option 'same_site' must be one of"),
        (
            "regulation.find_time",
            "16m",
            "regulation: option 'find_time' must be less than or equal to option 'ban_time'",
        ),
        ("regulation.modes", ["ip", "house"], "must only contain the values 'user' and 'ip'"),
        (RULES, [], "access_control: 'default_policy' option 'deny' is invalid: when no rules are specified"),
        ("access_control.default_policy", "allow", "access_control: option 'default_policy' must be one of"),
        (RULES, [{"policy": "deny"}], "option 'domain' or 'domain_regex' must be present but are both absent"),
        (RULES, [{"domain": "a.b"}], "access_control: rule #1 (domain 'a.b'): option 'policy' must be present"),
        (RULES, [{"domain": "a.b", "policy": "open"}], "option 'policy' must be one of"),
        (
            RULES,
            [{"domain": "a.b", "policy": "bypass", "subject": "group:admins"}],
            "'policy' option 'bypass' is not supported when 'subject' option is configured",
        ),
        (
            RULES,
            [{"domain_regex": r"^(?P<User>\w+)\.b$", "policy": "bypass"}],
            "'policy' option 'bypass' is not supported when 'domain_regex' option contains the user or group",
        ),
        (RULES, [{"domain": "a.b", "policy": "deny", "subject": "admins"}], "'subject' option 'admins' is invalid"),
        (RULES, [{"domain": "a.b", "policy": "deny", "methods": ["FETCH"]}], "option 'methods' must only have"),
        (RULES, [{"domain": "a.b", "policy": "deny", "networks": ["lan"]}], "the network 'lan' is not a valid Group"),
        (RULES, [{"domain": "a.b", "policy": "deny", "resources": ["^(/api"]}], "could not parse '^(/api' as regexp"),
        ("session.nmae", "x", "configuration key not expected: session.nmae"),
        (f"{RULES}.0.polcy", "deny", "configuration key not expected: access_control.rules[].polcy"),
        ("session.expiration", "8 hrs", "could not parse '8 hrs' as a duration"),
        ("log.level", "loud", "log: option 'level' must be one of"),
        ("log.keep_stdout", "maybe", "'log.keep_stdout' expected type 'bool'"),
        ("totp.period", 5, "totp: option 'period' option must be 15 or more"),
        ("server.address", "http://:9091", "server: option 'address' with value 'http://:9091' is invalid"),
        ("jwt_secret", "x", "configuration key not expected: jwt_secret"),
    ],
)
def test_each_rule_refuses(tmp_path: Path, path: str, value: Any, message: str) -> None:
    errors = read(tmp_path, changed(minimal(tmp_path), path, value)).errors
    assert any(message in error for error in errors), errors


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("authentication_backend.password_reset.disable", True),
        ("session.redis", None),
        (f"{COOKIE}.domain", "example.org"),
        ("regulation.find_time", "15m"),
        (f"{RULES}.3.subject", [["user:admin"], ["group:admins", "group:family"]]),
        ("notifier", {"smtp": SMTP}),
        ("storage", {"encryption_key": KEY, "postgres": POSTGRES}),
        ("access_control", {"default_policy": "two_factor"}),
        (
            "session.redis",
            {"host": "authelia-redis", "port": "6379", "database_index": 0},
        ),
    ],
)
def test_what_is_right_is_not_refused(tmp_path: Path, path: str, value: Any) -> None:
    configuration = changed(minimal(tmp_path), path, value)
    if path == "session.redis" and value:
        configuration["session"]["secret"] = "a-session-secret"
    assert read(tmp_path, configuration).errors == []


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    configuration = changed(minimal(tmp_path), "storage.encryption_key", None)
    configuration = changed(configuration, f"{COOKIE}.domain", "localhost")
    configuration = changed(configuration, "unknown", 1)
    assert len(read(tmp_path, configuration).errors) >= 3


def test_secrets_come_from_files(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text(KEY + "\n", encoding="utf-8")
    without = changed(minimal(tmp_path), "storage.encryption_key", None)
    config = read(tmp_path, without, AUTHELIA_STORAGE_ENCRYPTION_KEY_FILE=str(secret))
    assert config.errors == []
    assert config.get("storage.encryption_key") == KEY


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("AUTHELIA_STORAGE_ENCRYPTION_KEY_FILE", "{folder}/key", "it's already defined in other configuration sources"),
        ("AUTHELIA_SESSION_SECRET_FILE", "/nowhere/secret", "error loading secret path /nowhere/secret"),
        ("AUTHELIA_STORAGE_ENCRYPTION_KEYS", "x", "configuration environment variable not expected"),
        # Only what ends like a secret may come from a file.
        ("AUTHELIA_LOG_LEVEL_FILE", "{folder}/key", "configuration environment variable not expected"),
        ("AUTHELIA_ACCESS_CONTROL_RULES", "x", "configuration environment variable not expected"),
        ("AUTHELIA_SESSION_COOKIES", "x", "configuration environment variable not expected"),
    ],
)
def test_the_environment_is_refused_where_it_is_wrong(tmp_path: Path, name: str, value: str, message: str) -> None:
    (tmp_path / "key").write_text(KEY, encoding="utf-8")
    errors = read(tmp_path, minimal(tmp_path), **{name: value.format(folder=tmp_path)}).errors
    assert any(message in error for error in errors), errors


def test_plain_variables_win_over_the_file(tmp_path: Path) -> None:
    config = read(tmp_path, minimal(tmp_path), AUTHELIA_LOG_LEVEL="debug", X_AUTHELIA_ANYTHING="x", TZ="UTC")
    assert config.errors == []
    assert config.get("log.level") == "debug"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5m", 300),
        ("1h30m", 5400),
        (90, 90),
        ("90", 90),
        ("1M", 2592000),
        ("1 day and 2 hours", 93600),
        ("1y", 31536000),
    ],
)
def test_durations(text: object, expected: float) -> None:
    assert seconds(text) == expected


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "stand_in", *arguments]
    return subprocess.run(
        command, cwd=STAND_IN, env={**kept, **environment}, capture_output=True, text=True, timeout=30, check=False
    )


def test_the_program_ends_with_1_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "configuration.yml").write_text(yaml.safe_dump(changed(minimal(tmp_path), "theme", "pink")))
    found = run("--config", str(tmp_path / "configuration.yml"))
    assert found.returncode == 1
    assert re.search(r'^time="\S+" level=error msg="Configuration: option \'theme\' must be one of', found.stdout)
    assert 'level=fatal msg="Can\'t continue due to the errors loading the configuration"' in found.stdout


def test_no_configuration_at_all_is_an_error(tmp_path: Path) -> None:
    assert run("--config", str(tmp_path / "nothing.yml")).returncode == 1


def test_config_validate(tmp_path: Path) -> None:
    file = tmp_path / "configuration.yml"
    file.write_text(yaml.safe_dump(minimal(tmp_path)), encoding="utf-8")
    good = run("config", "validate", "--config", str(file))
    assert (good.returncode, good.stdout.strip()) == (
        0,
        "Configuration parsed and loaded successfully without errors.",
    )
    # The same by the environment, as the image has it.
    assert run("config", "validate", X_AUTHELIA_CONFIG=str(file)).returncode == 0
    file.write_text(yaml.safe_dump(changed(minimal(tmp_path), "nonsense", 1)), encoding="utf-8")
    bad = run("config", "validate", "--config", str(file))
    assert bad.returncode == 1
    assert "\t - configuration key not expected: nonsense" in bad.stdout


def test_several_files_are_laid_over_each_other(tmp_path: Path) -> None:
    configuration = minimal(tmp_path)
    (tmp_path / "a.yml").write_text(yaml.safe_dump({**configuration, "totp": {"issuer": "first"}}))
    (tmp_path / "b.yml").write_text(yaml.safe_dump({"totp": {"issuer": DOMAIN}}))
    assert run("config", "validate", X_AUTHELIA_CONFIG=f"{tmp_path}/a.yml,{tmp_path}/b.yml").returncode == 0
    (tmp_path / "b.yml").write_text("- no map")
    assert run("config", "validate", X_AUTHELIA_CONFIG=f"{tmp_path}/a.yml,{tmp_path}/b.yml").returncode == 1
