# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module against the stand-in for Plex, with plex.tv beside it, and against servers that are not Plex."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.modules import plex_server, plex_server_info

from tests.contract.plex_on_loopback import CUSTOMER, Loopback
from tests.images.plex.stand_in.server import Answer, Request
from tests.unit.run_module import run_module


class Bench:
    """A Plex, the module's arguments for it, and three folders."""

    def __init__(self, folder: Path, plex: Loopback) -> None:
        self.plex = plex
        self.media = folder / "media"
        for name in ("movies", "tv", "music"):
            (self.media / name).mkdir(parents=True)
        self.token = folder / "plex_token"
        self.token.write_text(CUSTOMER.token)
        self.arguments: dict[str, Any] = {
            "url": plex.url,
            "plex_tv": plex.tv.url,
            "config_file": str(plex.preferences_file),
            "timeout": 5,
            "preferences": {"FriendlyName": "cellar", "allowMediaDeletion": False, "secureConnections": 1},
            "libraries": [
                {"name": "Movies", "type": "movie", "locations": [str(self.media / "movies")]},
                {"name": "TV Shows", "type": "show", "locations": [str(self.media / "tv")]},
            ],
        }

    def run(self, *, check: bool = False, **more: Any) -> dict[str, Any]:
        return run_module(plex_server.main, {**self.arguments, **more}, check=check)

    def owned(self, *, check: bool = False, **more: Any) -> dict[str, Any]:
        return self.run(check=check, token_file=str(self.token), **more)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with Loopback(tmp_path / "support") as plex:
        yield Bench(tmp_path, plex)


def told(answer: dict[str, Any]) -> list[str]:
    assert not answer.get("failed"), answer.get("msg")
    return [f"{item['after_header']}: {item['before'].strip()} -> {item['after'].strip()}" for item in answer["diff"]]


def library_names(bench: Bench) -> list[str]:
    return [section.name for section in bench.plex.plex.libraries.sections.values()]


def test_from_nothing_to_as_wanted_and_then_nothing_more(bench: Bench) -> None:
    expected = [
        "Plex preference FriendlyName:  -> cellar",
        "Plex preference allowMediaDeletion: 1 -> 0",
        f"Plex library Movies:  -> movie, {bench.media / 'movies'}",
        f"Plex library TV Shows:  -> show, {bench.media / 'tv'}",
        "Plex: unclaimed -> claimed by the account of plex_token",
    ]
    assert told(bench.owned(check=True)) == expected
    assert bench.plex.writes() == []
    answer = bench.owned()
    assert told(answer) == expected
    assert (answer["claimed"], len(answer["libraries"]), answer["doubles"]) == (True, 2, [])
    written = bench.plex.writes()
    again = bench.owned()
    assert (again["changed"], told(again), again["claimed"]) == (False, [], True)
    assert bench.plex.writes() == written
    assert library_names(bench) == ["Movies", "TV Shows"]


def test_without_an_account_all_else_is_done(bench: Bench) -> None:
    answer = bench.run()
    assert (answer["changed"], answer["claimed"]) == (True, False)
    assert library_names(bench) == ["Movies", "TV Shows"]
    assert bench.plex.tv.asked == []


def test_the_code_is_asked_for_once_and_last(bench: Bench) -> None:
    bench.owned()
    assert bench.plex.tv.asked[0] == "GET /api/claim/token.json"
    assert bench.plex.tv.asked.count("GET /api/claim/token.json") == 1
    assert bench.plex.writes()[-1].startswith("200 POST /myplex/claim")
    bench.owned()
    assert bench.plex.tv.asked.count("GET /api/claim/token.json") == 1


def test_a_bad_account_token_is_told_and_all_else_is_done(bench: Bench) -> None:
    bench.token.write_text("a-bad-token")
    answer = bench.owned()
    assert answer["failed"]
    assert "refused the account's token (HTTP 401)" in answer["msg"]
    assert "a-bad-token" not in json.dumps(answer["msg"])
    assert library_names(bench) == ["Movies", "TV Shows"]


def test_another_plex_on_the_port_is_left_alone(bench: Bench) -> None:
    own = bench.media.parent / "Preferences.xml"
    own.write_text('<?xml version="1.0"?><Preferences ProcessedMachineIdentifier="that-of-this-hosts-state"/>')
    answer = bench.owned(config_file=str(own))
    assert "is another Plex than the one of this host's state" in answer["msg"]
    assert bench.plex.writes() == []
    assert library_names(bench) == []


def test_a_claimed_server_refuses_another_account(bench: Bench) -> None:
    bench.owned()
    bench.token.write_text("of-somebody-else")
    answer = bench.owned()
    assert answer["failed"]
    assert (
        "refused the token (HTTP 401). Expected: plex_token of the account that the server is claimed by"
        in answer["msg"]
    )


def test_a_server_claimed_by_hand_is_asked_with_its_own_token(bench: Bench) -> None:
    bench.owned()
    assert bench.run()["changed"] is False
    answer = bench.run(config_file="/nowhere")
    assert "is claimed, and there is no token to ask it with" in answer["msg"]


def test_what_somebody_changed_is_put_back_item_by_item(bench: Bench) -> None:
    bench.owned()
    bench.plex.settle()
    server = bench.plex.plex
    server.preferences.change({"FriendlyName": "attic", "OnDeckWindow": "3"})
    films, shows = server.libraries.sections.values()
    server.libraries.change(films, {"agent": ["com.plexapp.agents.none"], "name": ["Films"]})
    server.libraries.remove(shows)
    expected = [
        "Plex preference FriendlyName: attic -> cellar",
        "Plex library Movies: name: Films -> Movies",
        f"Plex library TV Shows:  -> show, {bench.media / 'tv'}",
    ]
    assert told(bench.owned(check=True)) == expected
    assert told(bench.owned()) == expected
    assert bench.owned()["changed"] is False
    # What nobody declared is as the person left it.
    assert server.preferences.value("OnDeckWindow") == 3
    assert films.agent == "com.plexapp.agents.none"


def test_a_moved_folder_keeps_its_library(bench: Bench) -> None:
    bench.owned()
    key = next(iter(bench.plex.plex.libraries.sections))
    moved = [
        {**bench.arguments["libraries"][0], "locations": [str(bench.media / "music"), str(bench.media / "movies")]}
    ]
    assert told(bench.owned(libraries=moved)) == [
        f"Plex library Movies: locations: {bench.media / 'movies'} -> {bench.media / 'movies'}, {bench.media / 'music'}"
    ]
    assert [number for number, section in bench.plex.plex.libraries.sections.items() if section.name == "Movies"] == [
        key
    ]


def test_a_library_goes_only_when_it_is_said(bench: Bench) -> None:
    bench.owned()
    assert bench.owned(libraries=[])["changed"] is False
    gone = [{"name": "movies", "type": "movie", "state": "absent"}]
    assert told(bench.owned(libraries=gone)) == [f"Plex library Movies: movie, {bench.media / 'movies'} -> "]
    assert bench.owned(libraries=gone)["changed"] is False
    assert library_names(bench) == ["TV Shows"]


def test_one_that_is_there_twice_is_told_and_left(bench: Bench) -> None:
    bench.owned()
    films = next(iter(bench.plex.plex.libraries.sections.values()))
    bench.plex.plex.libraries.create(
        {
            **{name: [getattr(films, name)] for name in ("name", "type", "agent", "scanner", "language")},
            "location": [str(bench.media / "movies")],
        }
    )
    answer = bench.owned()
    assert (answer["changed"], answer["doubles"]) == (False, ["Movies"])
    assert len(library_names(bench)) == 3


def test_it_waits_while_plex_starts(bench: Bench) -> None:
    bench.plex.stop()
    bench.plex.start(starting=0.6)
    begun = time.monotonic()
    assert told(bench.run())
    assert time.monotonic() - begun > 0.5
    assert library_names(bench) == ["Movies", "TV Shows"]
    assert any(" 400 POST /library/sections" in line for line in bench.plex.log().splitlines())


def test_a_plex_that_is_down_is_waited_for(bench: Bench) -> None:
    bench.plex.stop()
    threading.Timer(0.5, bench.plex.start).start()
    assert bench.run()["reachable"] is True
    bench.plex.stop()
    answer = bench.run(timeout=0.3)
    assert f"Plex at {bench.plex.url}: does not answer" in answer["msg"]


def stumble(bench: Bench, method: str, path: str, *, after: bool = False) -> None:
    """Let the server answer HTTP 503 to the first such request; after: once it has done what it was asked."""
    right, left = bench.plex.plex.answer, [1]

    def answer(request: Request) -> Answer:
        if (request.method, request.path) != (method, path) or not left:
            return right(request)
        left.clear()
        if after:
            right(request)
        return Answer(503, "<h1>503 Service Unavailable</h1>")

    bench.plex.plex.answer = answer  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", "/:/prefs"), ("PUT", "/:/prefs"), ("GET", "/library/sections"), ("POST", "/library/sections")),
        ("POST", "/myplex/claim"),
    ],
)
def test_a_stumble_at_any_request_is_survived(bench: Bench, method: str, path: str) -> None:
    stumble(bench, method, path)
    assert bench.owned()["changed"] is True
    assert library_names(bench) == ["Movies", "TV Shows"]
    assert any(f" 503 {method} {path}" in line for line in bench.plex.log().splitlines())


def test_a_creation_whose_answer_got_lost_is_not_asked_for_again(bench: Bench) -> None:
    stumble(bench, "POST", "/library/sections", after=True)
    assert bench.owned()["doubles"] == []
    assert library_names(bench) == ["Movies", "TV Shows"]


def test_a_claim_whose_answer_got_lost_has_come_through(bench: Bench) -> None:
    stumble(bench, "POST", "/myplex/claim", after=True)
    assert bench.owned()["claimed"] is True
    assert bench.plex.tv.asked.count("GET /api/claim/token.json") == 1


def test_a_plex_tv_that_is_away_is_told_and_all_else_is_done(bench: Bench) -> None:
    bench.plex.tv.close()
    answer = bench.owned(timeout=0.5)
    assert f"plex.tv at {bench.plex.tv.url}: does not answer" in answer["msg"]
    assert library_names(bench) == ["Movies", "TV Shows"]


def test_check_mode_without_plex_on_a_fresh_host(bench: Bench) -> None:
    bench.plex.stop()
    answer = bench.run(check=True, config_file="/nowhere", token_file="/nowhere/plex_token")
    assert [line.split(":")[0] for line in told(answer)] == ["Plex library Movies", "Plex library TV Shows", "Plex"]
    assert (answer["reachable"], answer["claimed"]) == (False, False)


def test_check_mode_without_plex_knows_its_file(bench: Bench) -> None:
    bench.owned()
    bench.plex.stop()
    assert told(bench.owned(check=True)) == []
    wanted = {**bench.arguments["preferences"], "FriendlyName": "attic", "OnDeckWindow": 3}
    assert told(bench.owned(check=True, preferences=wanted)) == ["Plex preference FriendlyName: cellar -> attic"]


def test_check_mode_before_the_token_is_stored(bench: Bench) -> None:
    bench.owned()
    assert told(bench.run(check=True, token_file=str(bench.token) + "-not-yet")) == []


def test_everything_that_cannot_be_is_refused_before_anything_is_written(bench: Bench) -> None:
    answer = bench.run(preferences={"NoSuchThing": 1, "secureConnections": 9})
    assert "2 problems found" in answer["msg"]
    answer = bench.run(libraries=[{"name": "Movies", "type": "movie"}])
    assert "libraries[0].locations: is empty" in answer["msg"]
    assert bench.plex.writes() == []


def test_what_a_plex_need_not_know_is_left_out(bench: Bench) -> None:
    wanted = {"NoSuchThing": 1, "onDeckWindow": 5, "friendlyName": "attic"}
    assert "Plex preference OnDeckWindow: 16 -> 5" in told(bench.run(preferences_if_known=wanted))
    assert bench.run(preferences_if_known=wanted)["changed"] is False
    assert bench.plex.plex.preferences.value("FriendlyName") == "cellar"


def test_a_folder_that_plex_does_not_see_is_told(bench: Bench) -> None:
    answer = bench.run(libraries=[{"name": "Movies", "type": "movie", "locations": ["/nowhere"]}])
    assert "answered POST /library/sections with HTTP 400 (400 Bad Request /nowhere is no folder)" in answer["msg"]


def test_no_token_is_in_any_answer(bench: Bench) -> None:
    said = json.dumps([bench.owned(check=True), bench.owned(), bench.owned()])
    own = bench.plex.plex.preferences.token
    assert own and own not in said
    invocation_free = said.replace(str(bench.token), "")
    assert CUSTOMER.token not in invocation_free


@pytest.fixture
def stranger() -> Iterator[Callable[[int, bytes], str]]:
    """Start a server that gives everybody the same answer; return its address."""
    servers = []

    def start(status: int, body: bytes) -> str:
        class Same(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: object) -> None:
                return

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Same)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (200, b"<html>hello</html>", "answered /identity with '<html>hello</html>'"),
        (200, b'{"MediaContainer": {"size": 0}}', "answered /identity without an id"),
        (404, b"<h1>404 Not Found</h1>", "answered GET /identity with HTTP 404 (404 Not Found)"),
        (500, b"oh", "answered GET /identity with HTTP 500 (oh)"),
        (302, b"", "answered GET /identity with HTTP 302"),
    ],
)
def test_what_is_not_plex_is_told(stranger: Callable[[int, bytes], str], status: int, body: bytes, reason: str) -> None:
    url = stranger(status, body)
    answer = run_module(plex_server.main, {"url": url, "timeout": 0.3})
    assert answer["failed"]
    assert f"Plex at {url}: {reason}" in answer["msg"]


def test_the_twin_reads_and_writes_nothing(bench: Bench) -> None:
    bench.owned()
    written = bench.plex.writes()
    asked = {name: bench.arguments[name] for name in ("url", "config_file")}
    for more in ({}, {"token_file": str(bench.token)}):
        found = run_module(plex_server_info.main, {**asked, **more})
        assert [library["name"] for library in found["libraries"]] == ["Movies", "TV Shows"]
        assert (found["claimed"], found["preferences"]["FriendlyName"]) == (True, "cellar")
    assert bench.plex.writes() == written
    bench.plex.stop()
    assert run_module(plex_server_info.main, {**asked, "timeout": 0.1})["reachable"] is False
