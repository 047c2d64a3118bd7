# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters of the authelia role, each under its name, and what they say together."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleError, AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import authelia
from ansible_collections.homelab.media.plugins.module_utils.authelia_users import NO_PASSWORD
from ansible_collections.homelab.media.plugins.module_utils.declaration import declaration_problems, is_published
from ansible_collections.homelab.media.plugins.plugin_utils import authelia_hashes
from argon2 import PasswordHasher

ROLE = Path(__file__).parents[4] / "roles" / "authelia"
PASSWORD = "correct-horse-battery"
SETTINGS = {
    **yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8")),
    "media_root": "/opt/media",
    "media_domain": "media.test",
    "authelia_users": {"anna": {"email": "anna@example.org", "groups": ["admins"], "password": PASSWORD}},
}
EVERYTHING = {
    "authelia_storage": "postgres",
    "authelia_notifier": "smtp",
    "authelia_smtp_address": "smtp://mail",
    "authelia_smtp_username": "home",
    "authelia_smtp_password": "s3cr3t-of-the-mail",
    "authelia_smtp_sender": "home@example.org",
}
PLAN = {"domain": "media.test", "sign_on": {"url": "https://auth.media.test"}, "pages": []}


def call(name: str, value: Any, *more: Any) -> Any:
    module = import_module(f"ansible_collections.homelab.media.plugins.filter.{name}")
    return module.FilterModule().filters()[name](value, *more)


def declaration(**more: Any) -> dict[str, Any]:
    settings = {**SETTINGS, **more}
    parts = {part: call(f"authelia_{part}", settings) for part in ("problems", "secrets", "services", "files", "todo")}
    return {**parts, "packages": ["python3-yaml"]}


@pytest.mark.parametrize("name", ["problems", "services", "secrets", "files", "todo"])
def test_something_else_than_the_variables_is_refused_by_name(name: str) -> None:
    with pytest.raises(AnsibleFilterError, match=f"authelia_{name} takes the variables of the authelia role"):
        call(f"authelia_{name}", [])


def test_the_others_refuse_what_they_cannot_take_too() -> None:
    with pytest.raises(AnsibleFilterError, match="authelia_configuration takes the variables"):
        call("authelia_configuration", PLAN, [])
    with pytest.raises(AnsibleFilterError, match="authelia_hashed_users takes users by their names"):
        call("authelia_hashed_users", [], "media.test")
    page = {"service": "x", "names": ["x"], "access": "open", "groups": [], "exempt": []}
    with pytest.raises(AnsibleFilterError, match=r"media_access\.x: is 'open'"):
        call("authelia_configuration", {**PLAN, "pages": [page]}, SETTINGS)


@pytest.mark.parametrize("settings", [{}, EVERYTHING])
def test_what_is_declared_is_well_formed(settings: dict[str, Any]) -> None:
    built = declaration(**settings)
    assert built["problems"] == []
    assert declaration_problems("authelia", built) == []


def test_without_argon2_only_a_plain_password_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authelia_hashes, "HAS_ARGON2", False)
    variables = [problem["variable"] for problem in declaration()["problems"]]
    assert variables == ["authelia_users.anna.password"]
    ready = {"ben": {"email": "ben@example.org", "password_hash": NO_PASSWORD}}
    assert declaration(authelia_users=ready)["problems"] == []
    authelia_hashes.hashed.cache_clear()
    with pytest.raises(AnsibleError, match="pip install argon2-cffi"):
        call("authelia_hashed_users", SETTINGS["authelia_users"], "media.test")


def test_no_secret_is_in_the_declaration_of_the_services() -> None:
    built = declaration(**EVERYTHING)
    assert EVERYTHING["authelia_smtp_password"] not in str(built["services"]) + str(built["files"])
    assert "@@secret" not in str(built["services"])


@pytest.mark.parametrize(
    ("settings", "absent"),
    [({}, {"postgres_password", "smtp_password"}), (EVERYTHING, set())],
)
def test_each_secret_is_made_stored_mounted_and_named(settings: dict[str, Any], absent: set[str]) -> None:
    built = declaration(**settings)
    names = set(authelia.SECRETS) - absent
    assert set(built["secrets"]) == {f"authelia_{name}" for name in names}
    files = {item["path"] for item in built["files"] if item["service"] == "authelia"}
    assert files == {f"config/authelia/secrets/{name}" for name in names}
    environment = built["services"]["authelia"]["environment"]
    given = {key: value for key, value in environment.items() if key.endswith("_FILE")}
    assert given == {f"AUTHELIA_{authelia.SECRETS[name]}_FILE": f"/etc/authelia/secrets/{name}" for name in names}
    assert all((item["secret"], item["owner"], item["mode"]) == (True, "media", "0600") for item in built["files"])


def test_only_the_mail_accounts_password_can_be_given() -> None:
    secrets = declaration(**EVERYTHING)["secrets"]
    # Above all the storage's key: with another one, every second factor would be unreadable.
    assert [name for name, secret in secrets.items() if "variable" in secret] == ["authelia_smtp_password"]


@pytest.mark.parametrize("settings", [{}, EVERYTHING])
def test_nothing_is_published_and_only_mail_gets_a_way_out(settings: dict[str, Any]) -> None:
    services = declaration(**settings)["services"]
    assert not any("ports" in service or is_published(service) for service in services.values())
    ways_out = [name for name, service in services.items() if service["x-media"]["egress"] == "direct"]
    assert ways_out == (["authelia"] if settings else [])
    assert all("auth" in service["networks"] for service in services.values())


def test_postgres_is_there_only_where_it_is_the_storage() -> None:
    assert set(declaration()["services"]) == {"authelia", "authelia-redis"}
    services = declaration(authelia_storage="postgres")["services"]
    assert services["authelia"]["x-media"]["needs"] == ["authelia-redis", "authelia-postgres"]


def test_the_codes_place_is_told_while_no_mail_is_sent() -> None:
    assert "/opt/media/state/authelia/notification.txt" in declaration()["todo"][0]["text"]
    assert declaration(**EVERYTHING)["todo"] == []


def test_the_seed_holds_nobody_and_no_password() -> None:
    seed = yaml.safe_load((ROLE / "files" / "users_database.yml").read_text(encoding="utf-8"))["users"]
    assert [(entry["password"], entry["disabled"]) for entry in seed.values()] == [(NO_PASSWORD, True)]


def test_a_hash_is_the_passwords_and_always_the_same() -> None:
    made = call("authelia_hashed_users", SETTINGS["authelia_users"], "media.test")
    assert [(user["name"], user["displayname"], user["groups"], user["disabled"]) for user in made] == [
        ("anna", "anna", ["admins"], False)
    ]
    hashed = made[0]["password"]
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert PasswordHasher().verify(hashed, PASSWORD)
    authelia_hashes.hashed.cache_clear()
    assert authelia_hashes.hashed(PASSWORD, "media.test", "anna") == hashed


def test_the_salt_is_the_users_and_tells_nothing_of_the_password() -> None:
    def salt(*of: str) -> str:
        return authelia_hashes.hashed(*of).split("$")[4]

    first = salt(PASSWORD, "media.test", "anna")
    assert salt("another-password", "media.test", "anna") == first
    assert first not in (salt(PASSWORD, "media.test", "ben"), salt(PASSWORD, "other.test", "anna"))


def test_a_given_hash_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authelia_hashes, "HAS_ARGON2", False)
    ready = {"ben": {"email": "ben@example.org", "password_hash": NO_PASSWORD}}
    assert call("authelia_hashed_users", ready, "media.test")[0]["password"] == NO_PASSWORD
