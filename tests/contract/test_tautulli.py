# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in for Tautulli: what was seen of the real one, asked of this."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from socket import socket
from typing import Any

import pytest
import requests

from tests.contract.plex_on_loopback import Loopback
from tests.images.tautulli.stand_in import passwords
from tests.images.tautulli.stand_in.config import Config, parse
from tests.images.tautulli.stand_in.program import Tautulli

KEY = "0123456789abcdef0123456789abcdef"
READY = {"TAUTULLI_FIRST_RUN_COMPLETE": "1", "TAUTULLI_API_KEY": KEY, "TAUTULLI_HTTP_HOST": "127.0.0.1"}


class Runner:
    """Starts Tautullis in one folder, one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: Tautulli | None = None
        with closing(socket()) as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self, **environment: str) -> None:
        given = {**READY, "TAUTULLI_HTTP_PORT": str(self.port), "STAND_IN_RECONNECT_SECONDS": "0.05", **environment}
        self.running = Tautulli(self.folder, given)
        threading.Thread(target=self.running.run, daemon=True).start()

    def stop(self) -> None:
        if self.running:
            self.running.stop()
            self.running = None

    def get(self, path: str, **more: Any) -> requests.Response:
        return requests.get(f"{self.url}{path}", allow_redirects=False, timeout=5, **more)

    def api(self, command: str, key: str = KEY) -> requests.Response:
        return self.get("/api/v2", params={"apikey": key, "cmd": command})

    def sign_in(self, user: str, password: str, key: str = KEY) -> int:
        form = {"username": user, "password": password}
        headers = {"X-Api-Key": key}
        return requests.post(f"{self.url}/auth/signin", data=form, headers=headers, timeout=5).status_code


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    found = Runner(tmp_path)
    yield found
    found.stop()


@pytest.fixture(scope="module")
def stored() -> str:
    return passwords.hashed("secret")


def test_the_file_is_filled_in_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "config.ini"
    file.write_text('[General]\napi_key = "mine"\n[Own]\nkey = 1\n')
    Config(file, {})
    found = parse(file.read_text())
    assert (found["General"]["api_key"], found["Own"]["key"], found["PMS"]["pms_port"]) == ("mine", "1", "32400")
    assert len(found["Advanced"]["jwt_secret"]) == 32


def test_the_environment_wins_and_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "config.ini"
    config = Config(file, {"TAUTULLI_PMS_TOKEN": "from-outside", "TAUTULLI_PMS_IP": ""})
    assert (config["pms_token"], config["pms_ip"]) == ("from-outside", "127.0.0.1")
    assert "from-outside" not in file.read_text()


def test_a_plain_password_is_hashed_at_the_first_start_only(tmp_path: Path) -> None:
    file = tmp_path / "config.ini"
    file.write_text("[General]\nhttp_username = me\nhttp_password = secret\nhttp_hashed_password = 0\n")
    hashed = Config(file, {})["http_password"]
    assert hashed.startswith("PBKDF2$sha256$600000$")
    assert passwords.fits("secret", hashed)
    file.write_text(file.read_text().replace(hashed, "another"))
    assert Config(file, {})["http_password"] == "another"
    assert not passwords.fits("another", "another")


def test_state_needs_no_key(runner: Runner) -> None:
    runner.start(TAUTULLI_HTTP_PASSWORD="x", TAUTULLI_HTTP_USERNAME="me")
    assert runner.get("/status").json() == {"result": "success", "message": "Ok"}


def test_below_a_root_the_old_place_leads_there(runner: Runner) -> None:
    runner.start(TAUTULLI_HTTP_ROOT="/tautulli")
    answer = runner.get("/status")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/tautulli/status")
    assert runner.get("/tautulli/status").status_code == 200


def test_without_the_first_run_all_leads_to_the_wizard(runner: Runner) -> None:
    runner.start(TAUTULLI_FIRST_RUN_COMPLETE="0")
    assert runner.get("/home").headers["Location"] == "/welcome"
    runner.stop()
    runner.start()
    assert runner.get("/home").status_code == 200


@pytest.mark.parametrize("key", ["", "wrong" * 6 + "12", KEY[:-1]])
def test_errors_of_the_api_are_400(runner: Runner, key: str) -> None:
    runner.start()
    answer = runner.api("server_status", key)
    assert (answer.status_code, answer.json()["response"]["result"]) == (400, "error")
    assert runner.api("no_such_command").status_code == 400
    assert runner.get("/api/v2", headers={"X-Api-Key": KEY}).status_code == 400


def test_a_key_of_another_length_opens_nothing(runner: Runner) -> None:
    runner.start(TAUTULLI_API_KEY=KEY + "0")
    assert runner.api("server_status", KEY + "0").status_code == 400


def test_signing_in(runner: Runner, stored: str) -> None:
    runner.start(TAUTULLI_HTTP_USERNAME="me", TAUTULLI_HTTP_PASSWORD=stored)
    assert runner.get("/home").headers["Location"] == "/auth/login"
    assert runner.sign_in("me", "secret", key="none") == 403
    assert runner.sign_in("me", "secret") == 200
    assert runner.sign_in("me", "wrong") == 401
    log = (runner.folder / "logs" / "tautulli.log").read_text()
    assert "Tautulli WebAuth :: Invalid user login attempt from 'me'." in log


def test_after_ten_failures_nobody_gets_in(runner: Runner, stored: str) -> None:
    runner.start(TAUTULLI_HTTP_USERNAME="me", TAUTULLI_HTTP_PASSWORD=stored)
    assert [runner.sign_in("nobody", "wrong") for _attempt in range(10)] == [401] * 10
    assert runner.sign_in("me", "secret") == 429


def test_a_plain_password_in_the_environment_opens_nothing(runner: Runner) -> None:
    runner.start(TAUTULLI_HTTP_USERNAME="me", TAUTULLI_HTTP_PASSWORD="secret")
    assert runner.sign_in("me", "secret") == 401


def connected(runner: Runner) -> bool:
    found: bool = runner.api("server_status").json()["response"]["data"]["connected"]
    return found


def test_it_is_connected_when_plex_lets_it_in(runner: Runner, tmp_path: Path) -> None:
    with Loopback(tmp_path / "plex") as plex:
        plex.plex.preferences.sign_in({"PlexOnlineToken": "the-servers-own"})
        link = {"TAUTULLI_PMS_PORT": str(plex.port), "TAUTULLI_PMS_IDENTIFIER": plex.plex.preferences.identifier}
        runner.start(**link, TAUTULLI_PMS_TOKEN="another")
        assert not connected(runner)
        runner.stop()
        runner.start(**link, TAUTULLI_PMS_TOKEN="the-servers-own")
        end = time.monotonic() + 5
        while not connected(runner):
            assert time.monotonic() < end
            time.sleep(0.02)
        plex.stop()
        while connected(runner):
            assert time.monotonic() < end
            time.sleep(0.02)


def test_what_it_tells_of_streams_history_and_libraries(runner: Runner, tmp_path: Path) -> None:
    shows = tmp_path / "tv"
    for season, name in (("Season 01", "S01E01"), ("Season 01", "S01E02"), ("Season 02", "S02E01")):
        folder = shows / "A Quiet Harbour" / season
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"A Quiet Harbour - {name}.mkv").write_bytes(b"x")
    with Loopback(tmp_path / "plex") as plex:
        query = {"name": "TV", "type": "show", "agent": "tv.plex.agents.series", "scanner": "Plex TV Series"}
        place = {**query, "language": "en-US", "location": str(shows)}
        assert requests.post(f"{plex.url}/library/sections", params=place, timeout=5).status_code == 201
        end = time.monotonic() + 5
        while not requests.get(f"{plex.url}/library/sections/1/all?type=4", timeout=5).text.count("<Video"):
            assert time.monotonic() < end
            time.sleep(0.02)
        plex.plex.preferences.sign_in({"PlexOnlineToken": "the-servers-own"})
        runner.start(
            TAUTULLI_PMS_PORT=str(plex.port),
            TAUTULLI_PMS_IDENTIFIER=plex.plex.preferences.identifier,
            TAUTULLI_PMS_TOKEN="the-servers-own",
        )
        while not connected(runner) or not runner.api("get_libraries").json()["response"]["data"]:
            assert time.monotonic() < end
            time.sleep(0.02)
        activity = runner.api("get_activity").json()["response"]["data"]
        names = ("stream_count", "stream_count_transcode", "total_bandwidth")
        assert [activity[name] for name in names] == ["0", 0, 0]
        history = runner.api("get_history").json()["response"]["data"]
        assert (history["recordsTotal"], history["data"]) == (0, [])
        library = runner.api("get_libraries").json()["response"]["data"][0]
        assert [library[name] for name in ("count", "parent_count", "child_count")] == ["1", "2", "3"]


def test_without_plex_there_is_no_activity(runner: Runner) -> None:
    runner.start()
    assert runner.api("get_activity").json()["response"]["data"] == {}
