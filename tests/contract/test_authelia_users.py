# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users of the stand-in for Authelia: their file, its changes by hand and by themselves."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.contract.authelia_on_loopback import HASHER, PASSWORD, Authelia, changed, minimal
from tests.images.authelia.stand_in import app as app_module
from tests.images.authelia.stand_in.app import StartError


def until(what: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not what():
        assert time.monotonic() < end, "not within ten seconds"
        time.sleep(0.02)


def test_users_are_read_again_when_the_file_changes(tmp_path: Path) -> None:
    with Authelia(tmp_path) as authelia:
        file = tmp_path / "users_database.yml"
        found = yaml.safe_load(file.read_text())
        found["users"]["third"] = {
            "displayname": "Third",
            "password": HASHER.hash(PASSWORD),
            "email": "t@example.org",
            "groups": [],
        }
        file.write_text(yaml.safe_dump(found))
        until(lambda: "Reloaded successfully" in authelia.log)
        assert authelia.browser().sign_in("third").status_code == 200
        # A broken file is told, and those read before stay.
        file.write_text("users: [")
        until(lambda: "Error occurred during reload" in authelia.log)
        assert authelia.browser().sign_in("third").status_code == 200


def test_without_watch_the_file_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_module, "_LOOK_EVERY", 0.01)
    with Authelia(tmp_path, changed(minimal(tmp_path), "authentication_backend.file.watch", False)) as authelia:
        (tmp_path / "users_database.yml").write_text("users: [")
        assert authelia.app.users.changed()
        assert authelia.browser().sign_in().status_code == 200


def test_who_is_disabled_or_unknown_gets_the_same_answer_as_a_wrong_password(tmp_path: Path) -> None:
    with Authelia(tmp_path) as authelia:
        answers = [
            authelia.browser(f"203.0.113.{number}").sign_in(name, password)
            for number, (name, password) in enumerate([("gone", PASSWORD), ("nobody", PASSWORD), ("admin", "wrong")])
        ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no file content"),
        ("users: {}", "non zero value required"),
        ("users: {a: {displayname: A, password: plain}}", "the digest doesn't begin with the delimiter"),
        ("users: {a: {displayname: A, password: '$argon2id$x'}}", "argon2 decode error"),
        ("users: {a: {password: '$argon2id$x'}}", "users.a.displayname: non zero value required"),
    ],
)
def test_a_wrong_users_file_stops_the_start(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "users_database.yml").write_text(content)
    authelia = Authelia(tmp_path)
    with pytest.raises(StartError):
        authelia.start()
    assert message in authelia.log
    assert "fatal failures during startup: user" in authelia.log


def test_a_changed_password_writes_the_whole_file_in_upstreams_order(tmp_path: Path) -> None:
    with Authelia(tmp_path) as authelia:
        browser = authelia.browser()
        browser.sign_in()
        new = {"username": "admin", "old_password": PASSWORD, "new_password": "another password"}
        assert browser.ask("POST", "/api/change-password", new).status_code == 403
        browser.elevate()
        assert browser.ask("POST", "/api/change-password", {**new, "old_password": "x"}).status_code == 401
        assert browser.ask("POST", "/api/change-password", new).json() == {"status": "OK"}
        assert authelia.browser().sign_in(password=PASSWORD).status_code == 401
        assert authelia.browser().sign_in(password="another password").status_code == 200
    written = yaml.safe_load((tmp_path / "users_database.yml").read_text())["users"]
    assert list(written) == ["admin", "gone", "guest"]
    assert list(written["admin"])[:5] == ["password", "displayname", "email", "groups", "given_name"]
    assert list(written["admin"])[-3:] == ["disabled", "address", "extra"]
    assert written["admin"]["password"].startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert written["guest"]["groups"] == ["family"]


def test_a_password_is_reset_by_the_link_once(tmp_path: Path) -> None:
    with Authelia(tmp_path) as authelia:
        browser = authelia.browser()
        # Who is unknown cannot be told from who is not.
        for name in ("nobody", "admin"):
            answer = browser.ask("POST", "/api/reset-password/identity/start", {"username": name})
            assert answer.json() == {"status": "OK"}
        link = re.search(r"step2\?token=(\S+)", authelia.notification)
        assert link
        finish = "/api/reset-password/identity/finish"
        assert browser.ask("POST", finish, {"token": link[1] + "x"}).json()["status"] == "KO"
        assert browser.ask("POST", "/api/reset-password", {"password": "new one"}).json()["status"] == "KO"
        assert browser.ask("POST", finish, {"token": link[1]}).json() == {"status": "OK"}
        assert browser.ask("POST", "/api/reset-password", {"password": "new one"}).json() == {"status": "OK"}
        assert authelia.browser().ask("POST", finish, {"token": link[1]}).json()["status"] == "KO"
        assert authelia.browser().sign_in(password="new one").status_code == 200
