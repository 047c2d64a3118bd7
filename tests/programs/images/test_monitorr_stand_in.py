# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in for Monitorr with the collection's own files in it, and the script by which it sees how a service is."""

from __future__ import annotations

import json
import shutil
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import monitorr_settings

from tests.images.monitorr.stand_in import php, schema
from tests.images.monitorr.stand_in.monitorr import Monitorr
from tests.images.monitorr.stand_in.web import listen

ROLE = Path(__file__).parents[3] / "roles" / "portal" / "files" / "monitorr"
SETTINGS = {"media_domain": "media.test", "media_timezone": "Europe/Berlin", "portal_monitorr_title": "Our house"}
PLAN: dict[str, Any] = {
    "pages": [{"service": "sonarr", "names": ["sonarr.media.test"], "path": "/", "access": "two_factor"}],
    "portal": {
        name: {"title": name.capitalize(), "section": "House", "text": ""} for name in ("nzbget", "sonarr", "unpackerr")
    },
}


class Board:
    """A Monitorr in a folder, as the containers' mounts make it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "monitorr"
        self.data = folder / "data"
        for place in ("assets/data", "live", "house"):
            (self.root / place).mkdir(parents=True)
        self.data.mkdir()
        shutil.copy(ROLE / "up.php", self.root / "live" / "up.php")
        self.point(f"{self.data}/")
        for name, value in monitorr_settings.plain(SETTINGS).items():
            self.put(name, value)
        self._server = listen(Monitorr(self.root), 0)
        self.port = self._server.server_address[1]
        self.put("services_settings-data.json", self.tiles())
        self.say(nzbget="up", sonarr="up", unpackerr="up")
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def tiles(self) -> list[dict[str, str]]:
        """Return the tiles, with this board's port in the place of its container's."""
        text = json.dumps(monitorr_settings.tiles(PLAN))
        found: list[dict[str, str]] = json.loads(text.replace("localhost:80/", f"localhost:{self.port}/"))
        return found

    def put(self, name: str, value: Any) -> None:
        (self.data / name).write_text(monitorr_settings.text(value))

    def point(self, folder: str) -> None:
        (self.root / "assets/data/datadir.json").write_text(monitorr_settings.text({"datadir": folder}))

    def say(self, age: float = 0, **states: str) -> None:
        services = {name: {"state": state, "since": None} for name, state in states.items()}
        document = {"time": time.time() - age, "services": services, "vpn": None, "disks": []}
        (self.root / "house" / "health.json").write_text(json.dumps(document))

    def get(self, path: str = "/") -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def states(self) -> list[str]:
        _status, text = self.get()
        return [part.partition('"')[0] for part in text.split('<li class="')[1:]]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    found = Board(tmp_path)
    yield found
    found.close()


# --- with the collection's files in it -----------------------------------------------------------------------------


def test_the_board_shows_every_service(board: Board) -> None:
    status, text = board.get()
    assert status == 200
    assert "<h1>Our house</h1>" in text
    assert '<a href="https://sonarr.media.test/" target="_blank">Sonarr</a>' in text
    assert board.states() == ["Online"] * 3


def test_a_service_that_is_down_is_not_online_and_the_others_are(board: Board) -> None:
    board.say(nzbget="up", sonarr="down", unpackerr="starting")
    assert board.states() == ["Online", "Unresponsive", "Unresponsive"]


def test_a_collector_that_is_silent_makes_all_of_them_red(board: Board) -> None:
    board.say(601, nzbget="up", sonarr="up", unpackerr="up")
    assert board.states() == ["Unresponsive"] * 3
    board.say(590, nzbget="up", sonarr="up", unpackerr="up")
    assert board.states() == ["Online"] * 3


@pytest.mark.parametrize("said", [None, "", "[]", '{"time": "now"}', '{"services": {"sonarr": {"state": "up"}}}'])
def test_what_nobody_can_read_is_not_up(board: Board, said: str | None) -> None:
    file = board.root / "house" / "health.json"
    if said is None:
        file.unlink()
    else:
        file.write_text(said)
    assert board.get("/live/up.php?service=sonarr") == (503, "nothing is known\n")


@pytest.mark.parametrize(
    ("query", "status", "text"),
    [
        ("service=sonarr", 200, "up\n"),
        ("service=nzbget", 503, "not up\n"),
        ("service=nobody", 404, "no such service\n"),
        ("service=../sonarr", 404, "no such service\n"),
        ("service[]=sonarr", 404, "no such service\n"),
        ("", 404, "no such service\n"),
    ],
)
def test_the_script_answers_for_one_service(board: Board, query: str, status: int, text: str) -> None:
    board.say(sonarr="up", nzbget="absent")
    assert board.get(f"/live/up.php?{query}") == (status, text)


def test_what_is_closed_says_so() -> None:
    status, kind, body = php.run(ROLE / "closed.php", "")
    assert (status, kind.partition(";")[0]) == (403, "text/plain")
    assert body.startswith(b"closed")


# --- the stand-in's own strictness ---------------------------------------------------------------------------------


def test_without_a_pointer_there_is_no_board(board: Board) -> None:
    (board.root / "assets/data/datadir.json").unlink()
    assert "no pointer to a data directory" in board.get()[1]
    board.point(str(board.data))
    status, text = board.get()
    assert status == 500
    assert "does not end in a slash" in text


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"type": "Standard"}, "type is 'Standard', not one of ' Standard', ' Ping Only'"),
        ({"serviceTitle": "x" * 21}, "serviceTitle is longer than 20"),
        ({"serviceTitle": "a/b"}, "serviceTitle has a slash"),
        ({"checkurl": "http://localhost/"}, "checkurl has no port"),
        ({"linkurl": "sonarr"}, "linkurl is no address"),
        ({"enabled": True}, "enabled is True, and not text"),
        ({"colour": "red"}, "colour is not known"),
        ({"image": ""}, "image is '', and not text"),
    ],
)
def test_a_tile_is_refused(board: Board, change: dict[str, Any], text: str) -> None:
    tiles = board.tiles()
    board.put("services_settings-data.json", [{**tiles[0], **change}, *tiles[1:]])
    with pytest.raises(schema.Wrong, match="tile 0: ") as caught:
        schema.read(board.data)
    assert text in str(caught.value)
    assert board.get()[0] == 500


def test_a_title_that_is_there_twice_is_refused(board: Board) -> None:
    board.put("services_settings-data.json", [board.tiles()[0]] * 2)
    with pytest.raises(schema.Wrong, match="tile 'nzbget' is there twice"):
        schema.read(board.data)


@pytest.mark.parametrize(
    ("name", "change", "text"),
    [
        ("user_preferences", {"registration": "No"}, "user: registration is 'No'"),
        ("user_preferences", {"sitetitle": "x" * 16}, "user: sitetitle is longer than 15"),
        ("site_settings", {"cpuok": "100"}, "site: cpuok is '100', not a number between 1 and 100"),
        ("site_settings", {"rftime": 180000}, "site: rftime is 180000, and not text"),
    ],
)
def test_another_file_is_refused(board: Board, name: str, change: dict[str, Any], text: str) -> None:
    file = f"{name}-data.json"
    board.put(file, {**monitorr_settings.plain(SETTINGS)[file], **change})
    with pytest.raises(schema.Wrong) as caught:
        schema.read(board.data)
    assert text in str(caught.value)


def test_a_path_that_leads_out_is_refused(board: Board) -> None:
    assert board.get("/../data/site_settings-data.json")[0] == 403
    assert board.get("/nothing.php")[0] == 404
