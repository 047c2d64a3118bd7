# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module against the stand-in for Tautulli, beside the one for Plex; and the program that starts the real one."""

from __future__ import annotations

import importlib.util
import json
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from socket import socket
from types import ModuleType
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.modules import tautulli_info

from tests.contract.plex_on_loopback import Loopback
from tests.images.tautulli.stand_in import passwords
from tests.images.tautulli.stand_in.program import Tautulli
from tests.unit.run_module import run_module

KEY = "0123456789abcdef0123456789abcdef"
START = Path(__file__).parents[4] / "roles" / "plex" / "files" / "start-tautulli.py"


@pytest.fixture(scope="module")
def start() -> ModuleType:
    spec = importlib.util.spec_from_file_location("start_tautulli", START)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def plex(tmp_path: Path) -> Iterator[Loopback]:
    with Loopback(tmp_path / "plex") as server:
        server.plex.preferences.sign_in({"PlexOnlineToken": "the-servers-own"})
        yield server


def free_port() -> int:
    with closing(socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def asked(tmp_path: Path, plex: Loopback, start: ModuleType) -> Iterator[dict[str, Any]]:
    """Start a Tautulli as the role does; return the module's arguments for it."""
    folder = tmp_path / "tautulli"
    folder.mkdir()
    port = free_port()
    secrets = {"API_KEY": KEY, "HTTP_PASSWORD": "secret", "PMS_TOKEN": "the-servers-own"}
    environment = {
        "TAUTULLI_FIRST_RUN_COMPLETE": "1",
        "TAUTULLI_HTTP_HOST": "127.0.0.1",
        "TAUTULLI_HTTP_PORT": str(port),
        "TAUTULLI_PMS_PORT": str(plex.port),
        "STAND_IN_RECONNECT_SECONDS": "0.05",
        **start.environment(secrets),
    }
    (tmp_path / "key").write_text(KEY)
    running = Tautulli(folder, environment)
    threading.Thread(target=running.run, daemon=True).start()
    yield {"url": f"http://127.0.0.1:{port}", "api_key_file": str(tmp_path / "key"), "timeout": 5}
    running.stop()


def test_it_waits_until_plex_lets_it_in(asked: dict[str, Any], plex: Loopback) -> None:
    plex.stop()
    threading.Timer(0.4, plex.start).start()
    answer = run_module(tautulli_info.main, {**asked, "connected": True})
    assert (answer["reachable"], answer["connected"], answer["version"]) == (True, True, "v2.17.2")
    assert answer["changed"] is False


def test_one_that_plex_lets_in_no_more_is_told_as_such(asked: dict[str, Any], plex: Loopback) -> None:
    assert run_module(tautulli_info.main, {**asked, "connected": True})["connected"] is True
    plex.plex.preferences.sign_in({"PlexOnlineToken": "another"})
    end = time.monotonic() + 5
    while run_module(tautulli_info.main, asked)["connected"]:
        assert time.monotonic() < end
    answer = run_module(tautulli_info.main, {**asked, "connected": True, "timeout": 0.3})
    assert (answer["reachable"], answer["connected"]) == (True, False)


def test_a_wrong_key_is_told_and_no_key_is_shown(asked: dict[str, Any]) -> None:
    wrong = "f" * 32
    Path(asked["api_key_file"]).write_text(wrong)
    answer = run_module(tautulli_info.main, asked)
    assert "refused server_status (Invalid apikey). Expected: tautulli_api_key as Tautulli has it" in answer["msg"]
    assert wrong not in json.dumps(answer)


def test_one_that_is_down_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY)
    arguments = {"url": f"http://127.0.0.1:{free_port()}", "api_key_file": str(tmp_path / "key"), "timeout": 0.1}
    answer = run_module(tautulli_info.main, arguments)
    assert (answer["reachable"], answer.get("failed", False)) == (False, False)


def test_what_is_not_tautulli_is_told(plex: Loopback, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY)
    answer = run_module(tautulli_info.main, {"url": plex.url, "api_key_file": str(tmp_path / "key"), "timeout": 0.1})
    assert "answered server_status with no JSON of its own" in answer["msg"]


def test_the_password_is_handed_over_as_tautulli_stores_it(start: ModuleType) -> None:
    said = start.environment({"HTTP_PASSWORD": "secret ünd $more", "API_KEY": KEY})
    assert passwords.fits("secret ünd $more", said["TAUTULLI_HTTP_PASSWORD"])
    assert said["TAUTULLI_API_KEY"] == KEY
    assert start.hashed("x") != start.hashed("x")
