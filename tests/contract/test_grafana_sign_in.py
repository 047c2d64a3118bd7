# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who gets into Grafana, as whom, and from where; and the password of its own administrator."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.homelab.media.plugins.module_utils import grafana_admin
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError

from tests.contract.grafana_on_loopback import PASSWORD, Grafana, environment, render

ROOT = Path(__file__).resolve().parents[2]
FILTER = ROOT / "roles" / "fail2ban" / "files" / "filter.d" / "grafana.conf"
ANNA = {"Remote_User": "anna", "Remote_Name": "Anna", "Remote_Email": "anna@media.test"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    render(tmp_path)
    return tmp_path


@pytest.fixture
def behind(folder: Path) -> Iterator[Grafana]:
    """Behind the sign-on, with the front door at this address."""
    with Grafana(environment(folder, signed_on=True, GF_AUTH_PROXY_WHITELIST="127.0.0.1/32")) as grafana:
        yield grafana


@pytest.fixture
def alone(folder: Path) -> Iterator[Grafana]:
    with Grafana(environment(folder)) as grafana:
        yield grafana


def log(folder: Path) -> list[str]:
    return (folder / "state/log/grafana.log").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("said", "role"), [("Admin", "Admin"), ("Viewer", "Viewer"), ("", "Viewer"), ("Root", "Viewer")]
)
def test_the_front_door_names_people_and_what_they_are(behind: Grafana, said: str, role: str) -> None:
    more = {"Remote_Role": said} if said else {}
    person = behind.ask("GET", "/api/user", user="", **ANNA, **more).json()
    assert (person["login"], person["name"], person["email"]) == ("anna", "Anna", "anna@media.test")
    assert person["isGrafanaAdmin"] is False
    [organisation] = behind.ask("GET", "/api/user/orgs", user="", **ANNA, **more).json()
    assert organisation["role"] == role
    sources = behind.ask("GET", "/api/datasources", user="", **ANNA, **more)
    assert sources.status_code == (200 if role == "Admin" else 403)


def test_who_is_an_administrator_no_more_is_none(behind: Grafana) -> None:
    for role in ("Admin", "Viewer", "Admin"):
        [organisation] = behind.ask("GET", "/api/user/orgs", user="", **ANNA, Remote_Role=role).json()
        assert organisation["role"] == role


def test_from_anywhere_else_such_headers_are_refused(folder: Path) -> None:
    with Grafana(environment(folder, signed_on=True, GF_AUTH_PROXY_WHITELIST="10.0.0.62/32,fd00::fffe/128")) as grafana:
        answer = grafana.ask("GET", "/api/user", user="", **ANNA)
        assert (answer.status_code, answer.json()["messageId"]) == (401, "auth-proxy.invalid-ip")
        assert grafana.ask("GET", "/api/user", **ANNA).json()["login"] == "grafana-admin"


def test_without_a_sign_on_such_headers_are_nothing(alone: Grafana) -> None:
    assert alone.ask("GET", "/api/user", user="", **ANNA).status_code == 401
    page = alone.ask("GET", "/", user="", **ANNA)
    assert (page.status_code, page.headers["Location"]) == (302, "/login")


def test_behind_the_sign_on_there_is_no_form(behind: Grafana) -> None:
    assert 'name="password"' not in behind.ask("GET", "/login", user="").text
    answer = behind.ask("POST", "/login", {"user": "grafana-admin", "password": PASSWORD}, user="")
    assert answer.status_code == 401 and "Set-Cookie" not in answer.headers


def test_without_it_the_form_takes_the_password(alone: Grafana) -> None:
    assert 'name="password"' in alone.ask("GET", "/login", user="").text
    answer = alone.ask("POST", "/login", {"user": "grafana-admin", "password": PASSWORD}, user="")
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    assert alone.ask("GET", "/api/user", user="", Cookie=cookie).json()["isGrafanaAdmin"] is True
    assert alone.ask("GET", "/api/user", user="", Cookie="grafana_session=other").status_code == 401


def test_a_failed_sign_in_is_a_line_that_fail2ban_reads(alone: Grafana, folder: Path) -> None:
    wrong = {"user": "grafana-admin", "password": "wrong"}
    answer = alone.ask("POST", "/login", wrong, user="", X_Real_IP="203.0.113.7")
    assert (answer.status_code, answer.json()["messageId"]) == (401, "password-auth.failed")
    pattern = re.search(r"^failregex = (.+)$", FILTER.read_text(encoding="utf-8"), re.MULTILINE)
    assert pattern
    failed = re.compile(pattern[1].replace("<ADDR>", r"(?P<address>[0-9a-fA-F.:]+)"))
    # Fail2Ban takes the date out of a line before it looks for anything else.
    found = [failed.search(re.sub(r"\bt=\S+", "", line)) for line in log(folder)]
    assert [match["address"] for match in found if match] == ["203.0.113.7"]
    alone.ask("POST", "/login", {"user": "grafana-admin", "password": PASSWORD}, user="", X_Real_IP="203.0.113.8")
    assert "203.0.113.8" not in "".join(log(folder))


def test_five_wrong_passwords_shut_a_name_out(alone: Grafana) -> None:
    wrong = {"user": "grafana-admin", "password": "wrong"}
    for _time in range(5):
        assert alone.ask("POST", "/login", wrong, user="").json()["messageId"] == "password-auth.failed"
    right = {"user": "grafana-admin", "password": PASSWORD}
    assert alone.ask("POST", "/login", right, user="").json()["messageId"] == "login-attempt.blocked"


def test_provisioned_dashboards_are_not_changed_on_the_page(alone: Grafana) -> None:
    found = alone.ask("GET", "/api/dashboards/uid/media-host").json()
    assert found["meta"]["provisioned"] is True and found["meta"]["folderTitle"] == "Media"
    saved = alone.ask("POST", "/api/dashboards/db", {"dashboard": found["dashboard"], "overwrite": True})
    assert (saved.status_code, saved.json()["message"]) == (400, "Cannot save provisioned dashboard")
    assert alone.ask("DELETE", "/api/dashboards/uid/media-host").status_code == 400


def test_health_and_numbers_are_for_everybody(alone: Grafana) -> None:
    assert alone.ask("GET", "/api/health", user="").json()["database"] == "ok"
    assert "grafana_stat_totals_dashboard 8" in alone.ask("GET", "/metrics", user="").text


@pytest.fixture
def engine(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A docker that runs the command in this machine's Python, in the place of a container; returns what it wrote."""
    program, words = folder / "bin" / "docker", folder / "docker-words"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\necho "$@" >> {words}\nshift 4\ncd {ROOT} && '
        f'GF_PATHS_DATA={folder / "state"} exec python3 -c "import sys; '
        'from tests.images.grafana.stand_in.program import main; sys.exit(main(sys.argv[1:]))" "$@"\n'
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return words


def test_a_password_that_grafana_has_costs_one_question(alone: Grafana, engine: Path) -> None:
    for check in (True, False):
        found = grafana_admin.ensure(alone.url, "grafana-admin", PASSWORD, "media-grafana-1", check=check)
        assert not found.changed
    assert not engine.exists()


def test_another_password_is_set_without_the_one_before(alone: Grafana, engine: Path) -> None:
    planned = grafana_admin.ensure(alone.url, "grafana-admin", "purple-monkey", "media-grafana-1", check=True)
    assert planned.changed and not engine.exists()
    done = grafana_admin.ensure(alone.url, "grafana-admin", "purple-monkey", "media-grafana-1", check=False)
    assert done.changes == planned.changes
    assert "purple" not in str(done.changes) + engine.read_text()
    assert not grafana_admin.ensure(alone.url, "grafana-admin", "purple-monkey", "media-grafana-1", check=False).changed
    assert alone.ask("GET", "/api/user").status_code == 401


def test_a_name_that_grafana_does_not_have_is_told(alone: Grafana, engine: Path) -> None:
    with pytest.raises(MediaError, match=r"is not what Grafana has for host-admin.*first start") as told:
        grafana_admin.ensure(alone.url, "host-admin", "purple-monkey", "media-grafana-1", check=False)
    assert "purple" not in str(told.value)


def test_a_grafana_that_is_away_is_told() -> None:
    with pytest.raises(MediaError, match="does not answer"):
        grafana_admin.ensure("http://127.0.0.1:9", "a", "b", "c", check=False)


def test_the_password_of_the_first_start_stays(folder: Path) -> None:
    with Grafana(environment(folder)):
        pass
    (folder / "secrets/admin_password").write_text("purple-monkey")
    with Grafana(environment(folder)) as again:
        assert again.ask("GET", "/api/user").status_code == 200
