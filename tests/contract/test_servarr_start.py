# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the Servarr stand-in starts, what it does to config.xml, whom it lets in, and the faults that tests ask for."""

from __future__ import annotations

import json
import time
from pathlib import Path
from xml.etree import ElementTree as xml

import pytest
import requests

from tests.contract.servarr_on_loopback import KEY, StandIn, until

CONFIG = "<Config><Port>{port}</Port><BindAddress>127.0.0.1</BindAddress>{more}</Config>"


def elements(app: StandIn) -> dict[str, str]:
    root = xml.fromstring((app.folder / "config" / "config.xml").read_text())
    return {element.tag: element.text or "" for element in root}


def seed(app: StandIn, more: str = "") -> None:
    (app.folder / "config").mkdir()
    (app.folder / "config" / "config.xml").write_text(CONFIG.format(port=app.port, more=more))


def ping(app: StandIn) -> int:
    try:
        return requests.get(f"{app.url}/ping", timeout=2).status_code
    except requests.ConnectionError:
        return 0


def test_the_environment_wins_and_is_not_written(tmp_path: Path) -> None:
    with StandIn("Sonarr", tmp_path, SONARR__APP__INSTANCENAME="Sonarr 4K") as app:
        host = app.get("config/host")
        assert (host["apiKey"], host["authenticationMethod"], host["port"]) == (KEY, "forms", app.port)
        assert host["instanceName"] == "Sonarr 4K"
        found = elements(app)
        assert not {"ApiKey", "AuthenticationMethod", "Port", "InstanceName"} & set(found)
        assert (found["LogLevel"], found["AuthenticationRequired"]) == ("debug", "Enabled")
        # A value of the environment cannot be changed: it is stored, without an effect.
        answer = app.ask("PUT", "config/host/1", {**host, "instanceName": "Sonarr other", "password": "x" * 8})
        assert answer.status_code == 400
        user = {"username": "Me", "password": "x" * 8, "passwordConfirmation": "x" * 8}
        answer = app.ask("PUT", "config/host/1", {**host, **user, "instanceName": "Sonarr other", "apiKey": "other"})
        assert (answer.status_code, answer.json()["instanceName"]) == (202, "Sonarr 4K")
        assert elements(app)["InstanceName"] == "Sonarr other"
        assert answer.json()["apiKey"] == KEY


@pytest.mark.parametrize(("word", "method"), [("Forms", "forms"), ("forms", "none"), ("FORMS", "none")])
def test_methods_of_the_environment_have_their_case(tmp_path: Path, word: str, method: str) -> None:
    with StandIn("Radarr", tmp_path, RADARR__AUTH__METHOD=word) as app:
        assert app.get("config/host")["authenticationMethod"] == method
        shown = requests.get(f"{app.url}/initialize.json", timeout=5, allow_redirects=False)
        # Without a method everybody is handed the key.
        assert (KEY in shown.text) is (method == "none")


def test_config_xml_is_completed_cleaned_and_gives_the_first_user(tmp_path: Path) -> None:
    app = StandIn("Lidarr", tmp_path)
    seed(app, "<Nonsense>1</Nonsense><Username>Viewer</Username><Password>a good one</Password>")
    with app:
        until(lambda: "Nonsense" not in elements(app), "the unknown element is gone")
        assert {"Branch": "master", "UpdateMechanism": "Docker"}.items() <= elements(app).items()
        assert not {"Username", "Password"} & set(elements(app))
        assert app.get("config/host")["username"] == "viewer"
        good = requests.post(
            f"{app.url}/login", {"username": "Viewer", "password": "a good one"}, allow_redirects=False, timeout=5
        )
        assert (good.status_code, good.headers["Location"]) == (302, "/")
        assert "LidarrAuth=" in good.headers["Set-Cookie"]


def test_prowlarr_makes_no_user_from_the_file(tmp_path: Path) -> None:
    app = StandIn("Prowlarr", tmp_path)
    seed(app, "<Username>viewer</Username><Password>a good one</Password>")
    with app:
        assert app.get("config/host")["username"] == ""


@pytest.mark.parametrize("text", ["", "<Config><Port>1</Config>"])
def test_a_broken_file_stops_the_start(tmp_path: Path, text: str) -> None:
    app = StandIn("Sonarr", tmp_path)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.xml").write_text(text)
    app.start()
    assert app.wait() == 1
    assert "invalid config file" in app.console()


def test_migrations_then_503_then_profiles(tmp_path: Path) -> None:
    seconds = {"MIGRATION": "0.4", "STARTING": "0.4", "PROFILES": "0.6"}
    app = StandIn("Sonarr", tmp_path, **{f"STAND_IN_{name}_SECONDS": value for name, value in seconds.items()})
    app.start()
    try:
        begin = time.monotonic()
        until(lambda: ping(app), "the port opens")
        assert time.monotonic() - begin > 0.4
        assert ping(app) == 503
        starting = app.ask("GET", "tag")
        assert (starting.status_code, "starting up" in starting.json()["errorMessage"]) == (503, True)
        until(lambda: ping(app) == 200, "it is ready")
        assert app.get("qualityprofile") == []
        until(lambda: app.get("qualityprofile"), "the profiles are there")
    finally:
        app.stop()


def test_the_key_opens_the_api_and_nothing_else_does(tmp_path: Path) -> None:
    with StandIn("Sonarr", tmp_path) as app:
        address = f"{app.api}/tag"
        for headers, query in (({"X-Api-Key": KEY}, ""), ({"Authorization": f"Bearer {KEY}"}, ""), ({}, KEY)):
            answer = requests.get(address, headers=headers, params={"apikey": query} if query else {}, timeout=5)
            assert (answer.status_code, "X-Application-Version" in answer.headers) == (200, True)
        until(lambda: "apikey=(removed)" in app.log("debug"), "the request is in the log")
        assert KEY not in app.log("debug")
        log = app.log()
        for headers in ({}, {"X-Api-Key": KEY[:-1]}, {"Authorization": f"Basic {KEY}"}):
            answer = requests.get(address, headers=headers, timeout=5)
            assert (answer.status_code, answer.content) == (401, b"")
        assert app.log() == log


def test_a_failed_login_is_told_with_the_address_of_the_client(tmp_path: Path) -> None:
    with StandIn("Sonarr", tmp_path) as app:
        page = requests.get(app.url, allow_redirects=False, timeout=5)
        assert (page.status_code, page.headers["Location"]) == (302, "/login?returnUrl=%2F")
        answer = requests.post(
            f"{app.url}/login?returnUrl=/x",
            {"username": "admin", "password": "no"},
            headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.7"},
            allow_redirects=False,
            timeout=5,
        )
        assert "loginFailed=true" in answer.headers["Location"]
        assert app.log().rstrip().endswith("|Warn|Auth|Auth-Failure ip 203.0.113.7 username 'admin'")


def test_a_base_path_is_redirected_to(tmp_path: Path) -> None:
    with StandIn("Prowlarr", tmp_path, base="/prowlarr", PROWLARR__SERVER__URLBASE="prowlarr/") as app:
        bare = app.session.get(f"http://127.0.0.1:{app.port}/api/v1/tag", allow_redirects=False, timeout=5)
        assert (bare.status_code, bare.headers["Location"]) == (307, "/prowlarr/api/v1/tag")
        assert app.get("system/status")["urlBase"] == "/prowlarr"


def test_content_types_are_looked_at(tmp_path: Path) -> None:
    with StandIn("Sonarr", tmp_path) as app:
        html = app.session.get(f"{app.api}/tag", headers={"Accept": "text/html"}, timeout=5)
        form = app.session.post(f"{app.api}/tag", data={"label": "x"}, timeout=5)
        assert (html.status_code, form.status_code) == (406, 415)
        wrong = app.ask("POST", "tag", {"label": 4})
        assert (wrong.status_code, "$.label" in wrong.json()["errors"]) == (400, True)
        assert app.ask("GET", "tag/99").status_code == 404
        assert app.ask("GET", "nonsense").status_code == 404


def test_faults_come_as_asked_for_and_end(tmp_path: Path) -> None:
    with StandIn("Sonarr", tmp_path) as app:
        faults = app.folder / "config" / "stand-in-faults.json"
        faults.write_text(json.dumps({"status": 500, "paths": ["/api/v3/tag"], "times": 2}))
        statuses = [app.ask("GET", path).status_code for path in ("tag", "health", "tag", "tag")]
        assert statuses == [500, 200, 500, 200]
        faults.write_text(json.dumps([{"rubbish": True, "methods": ["POST"]}, {"drop": True, "times": 1}]))
        assert "<html>" in app.ask("POST", "tag", {"label": "x"}).text
        with pytest.raises(requests.ConnectionError):
            app.ask("GET", "tag")
        assert app.get("tag") == []


def test_the_debug_log_has_a_line_for_each_request(tmp_path: Path) -> None:
    with StandIn("Sonarr", tmp_path) as app:
        app.ask("POST", "tag", {"label": "HD"})
        until(lambda: "|Debug|Api|[POST] /api/v3/tag: 201.Created (" in app.log("debug"), "the line is there")
        assert "[POST]" not in app.log()
