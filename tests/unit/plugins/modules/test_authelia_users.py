# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The users in Authelia's file: brought to what is declared, with all else left as it was."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.homelab.media.plugins.module_utils.authelia_users import NO_PASSWORD
from ansible_collections.homelab.media.plugins.modules import authelia_users

from tests.unit.real_host import snapshot
from tests.unit.run_module import run_module

SEED = Path(__file__).parents[4] / "roles" / "authelia" / "files" / "users_database.yml"
FIRST, SECOND, OWN = ("$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$" + letter * 43 for letter in "BCD")


def user(name: str = "anna", password: str = FIRST, **more: Any) -> dict[str, Any]:
    base = {"displayname": name.title(), "email": f"{name}@example.org", "groups": ["admins"], "disabled": False}
    return {"name": name, **base, "password": password, **more}


class Host:
    """A folder with Authelia's file as a run seeds it."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self.file = top / "state" / "authelia" / "users_database.yml"
        self.ledger = top / "authelia-users.json"
        self.key = top / "key"
        self.file.parent.mkdir(parents=True)
        self.file.write_bytes(SEED.read_bytes())
        self.file.chmod(0o600)
        os.chown(self.file, 1000, 1000)
        self.key.write_text("of the host", encoding="utf-8")

    def run(self, *users: dict[str, Any], check: bool = False) -> dict[str, Any]:
        arguments = {"path": str(self.file), "users": list(users), "ledger": str(self.ledger)}
        return run_module(authelia_users.main, {**arguments, "ledger_key_file": str(self.key)}, check=check)

    def users(self) -> dict[str, Any]:
        found: dict[str, Any] = yaml.safe_load(self.file.read_text(encoding="utf-8"))["users"]
        return found

    def by_hand(self, name: str, **values: Any) -> None:
        document = yaml.safe_load(self.file.read_text(encoding="utf-8"))
        document["users"].setdefault(name, {}).update(values)
        self.file.write_text(yaml.safe_dump(document), encoding="utf-8")


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def told(answer: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {item["after_header"]: (item["before"], item["after"]) for item in answer["diff"]}


def test_the_seeded_user_is_nobody(host: Host) -> None:
    assert [entry["password"] for entry in host.users().values()] == [NO_PASSWORD]


def test_the_first_run_makes_the_users_and_the_second_changes_nothing(host: Host) -> None:
    answer = host.run(user(), user("ben", SECOND, groups=[], disabled=True))
    assert answer["changed"]
    assert told(answer)["user anna"] == (
        "",
        "displayname: Anna\nemail: anna@example.org\ngroups: admins\ndisabled: no\n",
    )
    assert host.users() == {
        name: {key: value for key, value in declared.items() if key != "name"}
        for name, declared in (("anna", user()), ("ben", user("ben", SECOND, groups=[], disabled=True)))
    }
    before = snapshot(host.top)
    again = host.run(user(), user("ben", SECOND, groups=[], disabled=True))
    assert not again["changed"]
    assert again["diff"] == []
    assert again["users"] == ["anna", "ben"]
    assert snapshot(host.top) == before


def test_check_mode_tells_the_same_and_touches_nothing(host: Host) -> None:
    before = snapshot(host.top)
    announced = host.run(user(), check=True)
    assert snapshot(host.top) == before
    assert announced["diff"] == host.run(user())["diff"]
    host.by_hand("anna", groups=["family"], disabled=True)
    announced = host.run(user(password=SECOND), check=True)
    assert announced["diff"] == host.run(user(password=SECOND))["diff"]


def test_check_mode_on_a_host_without_anything_tells_the_same(tmp_path: Path) -> None:
    fresh, made = Host(tmp_path / "a"), Host(tmp_path / "b")
    fresh.file.unlink()
    fresh.key.unlink()
    assert fresh.run(user(), check=True)["diff"] == made.run(user())["diff"]
    assert not fresh.ledger.exists()


def test_the_file_keeps_its_owner_and_mode_and_the_ledger_is_roots(host: Host) -> None:
    host.run(user())
    for path, owner in ((host.file, 1000), (host.ledger, 0)):
        status = path.stat()
        assert (status.st_uid, status.st_mode & 0o777) == (owner, 0o600)


def test_a_password_that_a_person_changed_stays(host: Host) -> None:
    host.run(user())
    host.by_hand("anna", password=OWN)
    assert not host.run(user())["changed"]
    answer = host.run(user(groups=["family"]))
    assert told(answer) == {"user anna": ("groups: admins\n", "groups: family\n")}
    assert host.users()["anna"]["password"] == OWN


def test_who_is_disabled_stays_so_when_authelia_writes_the_file_anew(host: Host) -> None:
    host.run(user(disabled=True))
    # As Authelia writes it: every attribute that it knows, and the one in question is not among them.
    entry = {**host.users()["anna"], "password": OWN, "given_name": "", "address": None, "extra": {}}
    del entry["disabled"]
    host.file.write_text(yaml.safe_dump({"users": {"anna": entry}}), encoding="utf-8")
    assert told(host.run(user(disabled=True))) == {"user anna": ("disabled: no\n", "disabled: yes\n")}
    assert host.users() == {"anna": {**entry, "disabled": True}}


def test_a_password_that_was_declared_anew_is_set(host: Host) -> None:
    host.run(user())
    host.by_hand("anna", password=OWN)
    answer = host.run(user(password=SECOND))
    assert told(answer) == {"user anna": ("password: another one\n", "password: the declared one\n")}
    assert host.users()["anna"]["password"] == SECOND
    assert not host.run(user(password=SECOND))["changed"]


def test_what_was_changed_by_hand_is_put_right_and_what_nobody_declared_stays(host: Host) -> None:
    host.run(user())
    host.by_hand("anna", groups=["admins", "x"], email="evil@example.org", disabled=True, given_name="Anna")
    host.by_hand("guest", password=OWN, displayname="Guest", email="g@example.org", groups=[])
    answer = host.run(user())
    assert told(answer) == {
        "user anna": (
            "email: evil@example.org\ngroups: admins, x\ndisabled: yes\n",
            "email: anna@example.org\ngroups: admins\ndisabled: no\n",
        )
    }
    assert host.users()["anna"]["given_name"] == "Anna"
    assert host.users()["guest"]["password"] == OWN
    assert answer["users"] == ["anna", "guest"]


def test_who_is_not_declared_any_more_goes_only_if_a_run_made_them(host: Host) -> None:
    host.by_hand("guest", password=OWN, displayname="Guest")
    host.run(user(), user("ben", SECOND))
    answer = host.run(user())
    assert list(told(answer)) == ["user ben"]
    assert told(answer)["user ben"][1] == ""
    assert set(host.users()) == {"anna", "guest"}
    assert not host.run(user())["changed"]
    # One of the same name that somebody makes later is theirs.
    host.by_hand("ben", password=OWN, displayname="Ben")
    assert not host.run(user())["changed"]
    assert "ben" in host.users()


def test_without_the_ledger_the_declared_password_is_set_again(host: Host) -> None:
    host.run(user())
    host.by_hand("anna", password=OWN)
    host.ledger.unlink()
    assert host.run(user())["changed"]
    assert host.users()["anna"]["password"] == FIRST


def test_no_hash_is_told_and_none_is_in_the_ledger(host: Host) -> None:
    answers = [host.run(user(), check=True), host.run(user()), host.run(user(password=SECOND)), host.run(user("ben"))]
    text = json.dumps(answers) + host.ledger.read_text(encoding="utf-8")
    assert "$argon2id$" not in text
    assert json.dumps(host.users()).count("$argon2id$") == 1  # a control: there is one


def test_one_password_of_two_users_looks_different_in_the_ledger(host: Host) -> None:
    host.run(user(), user("ben"))
    assert len(set(json.loads(host.ledger.read_text(encoding="utf-8"))["users"].values())) == 2


@pytest.mark.parametrize("text", ["users: [", "- a", "users: {}\nx: [", "users: [a]", "users: {a: b}"])
def test_a_file_that_is_none_is_left_alone_and_not_shown(host: Host, text: str) -> None:
    host.file.write_text(f"{text} # s3cr3t-hash", encoding="utf-8")
    answer = host.run(user())
    assert answer["failed"]
    assert str(host.file) in answer["msg"]
    assert "s3cr3t" not in answer["msg"]
    assert "s3cr3t" in host.file.read_text(encoding="utf-8")


def test_what_is_in_the_way_is_told_by_its_path(host: Host, tmp_path: Path) -> None:
    host.ledger.write_text("[]", encoding="utf-8")
    assert "authelia-users.json: is not a ledger" in host.run(user())["msg"]
    host.ledger.unlink()
    host.file.rename(tmp_path / "elsewhere")
    assert "does not exist" in host.run(user())["msg"]
    host.file.symlink_to(tmp_path / "elsewhere")
    assert "is a symbolic link" in host.run(user())["msg"]


def test_the_last_user_is_not_removed(host: Host) -> None:
    host.run(user())
    before = snapshot(host.top)
    assert "would have no user left" in host.run()["msg"]
    assert snapshot(host.top) == before
