# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module against a front door on loopback that is right, and then wrong in each way that lets a stranger see."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.modules import front_door_info

from tests.programs.small_front import Answering, Request, certificate, front, page
from tests.unit.run_module import run_module

PAGES = [
    {"service": "sonarr", "names": ["sonarr.media.test"], "path": "/", "access": "two_factor", "exempt": ["/api"]},
    {"service": "nzbget", "names": ["nzbget.media.test", "n.media.test"], "access": "one_factor", "exempt": []},
    {"service": "plex", "names": ["plex.media.test"], "path": "/web/", "access": "bypass", "exempt": []},
    {"service": "authelia", "names": ["auth.media.test"], "path": "/", "access": "portal", "exempt": []},
    {"service": "tautulli", "names": ["tautulli.media.test"], "path": "/", "access": "deny", "exempt": []},
]
ARGUMENTS = {
    "pages": PAGES,
    "sign_on": {"service": "authelia", "url": "https://auth.media.test", "host": "authelia", "port": 9091},
    "apis": {"sonarr": {"kind": "sonarr"}},
    "domain": "media.test",
}
KNOWN = {name for one in PAGES for name in one["names"]}
LOCKED = "<center>openresty</center>"


def right(request: Request) -> bytes:
    """Answer as the front door does when all is well."""
    if request.name not in KNOWN or request.name == "tautulli.media.test":
        return b""
    if not request.tls:
        return page(301, Location=f"https://{request.name}{request.path}")
    if request.name == "plex.media.test":
        return page(200, "Plex")
    if request.name == "auth.media.test":
        if request.path == "/api/state":
            return page(200, '{"status":"OK","data":{"username":"","authentication_level":0}}')
        return page(200, "<html>sign in</html>", Content_Type="text/html; charset=utf-8")
    if request.name == "sonarr.media.test" and request.path in ("/api/", "/api/v3/system/status"):
        return page(401, "no key")
    return page(302, Location=f"https://auth.media.test/?rd=https://{request.name}{request.path}")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    return certificate(tmp_path_factory.mktemp("door"), "sonarr.media.test")


def run(pair: tuple[str, str], answering: Answering, **more: Any) -> dict[str, Any]:
    with front(answering, *pair) as door:
        ports = {"https_port": door.https_port, "http_port": door.http_port, "timeout": 2}
        return run_module(front_door_info.main, {**ARGUMENTS, **ports, **more}, check=True)


def test_a_door_that_is_right(pair: tuple[str, str]) -> None:
    answer = run(pair, right)
    assert not answer.get("failed"), answer
    assert (answer["changed"], answer["unprotected"], answer["problems"]) == (False, [], [])
    assert {one["name"]: one["verdict"] for one in answer["pages"]} == {
        "sonarr.media.test": "protected",
        "nzbget.media.test": "protected",
        "n.media.test": "protected",
        "plex.media.test": "open",
        "auth.media.test": "portal",
        "tautulli.media.test": "nothing",
        "front-door-probe.media.test": "nothing",
        "127.0.0.1": "nothing",
    }
    assert answer["questions"] == 6 * 6 + 1 + 7 + 4


def shows(name: str, **asked: Any) -> Callable[[Request], bool]:
    """Return whether a request is for this name and has these properties, or headers (written with _)."""

    def fits(request: Request) -> bool:
        having = {**{key.replace("-", "_"): value for key, value in request.headers.items()}, **vars(request)}
        return request.name == name and all(having.get(key) == value for key, value in asked.items())

    return fits


SONARR = "sonarr.media.test"
WRONG = {
    "a host without the sign-on": (shows(SONARR, tls=True, method="GET", path="/"), page(200, "series")),
    "an application's own page of another status": (shows(SONARR, tls=True, path="/"), page(404, "series")),
    "a redirect of the application's own": (shows(SONARR, tls=True, path="/"), page(302, Location="/login")),
    "a redirect to somebody else": (shows(SONARR, tls=True, path="/"), page(302, Location="https://auth.other.test/")),
    "a forged user is believed": (shows(SONARR, remote_user="admin"), page(200, "series")),
    "a forged address is believed": (shows(SONARR, x_forwarded_for="127.0.0.1"), page(200, "series")),
    "no sign-on without TLS": (shows(SONARR, tls=False), page(200, "series")),
    "another method passes": (shows(SONARR, tls=True, method="POST"), page(200, "series")),
    "a web socket passes": (shows(SONARR, upgrade="websocket"), page(101, Upgrade="websocket")),
    "a cached file passes": (shows(SONARR, path="/front-door-probe.css"), page(404, "no such file")),
    "the key is not in force": (shows(SONARR, path="/api/v3/system/status"), page(200, "{}")),
    "the start of the API shows a page": (shows(SONARR, path="/api"), page(200, "<html>series</html>")),
    "the way out of an exempt path": (shows(SONARR, path="/api/../initialize.json"), page(200, "apiKey")),
    "the same, written otherwise": (shows(SONARR, path="/api/%2e%2e/"), page(200, "series")),
    "an error that the application made": (shows(SONARR, tls=True, path="/"), page(500, "stack trace")),
    "something that is no web server": (shows(SONARR, tls=True), b"SSH-2.0-Whatever\r\n"),
    "the second name of a page": (shows("n.media.test", tls=True, path="/"), page(200, "queue")),
    "a page that is to be denied": (shows("tautulli.media.test", tls=True), page(200, "graphs")),
    "an open page in clear": (shows("plex.media.test", tls=False), page(200, "Plex")),
    "the portal believes a forged user": (
        shows("auth.media.test", path="/api/state"),
        page(200, '{"status":"OK","data":{"username":"admin","authentication_level":2}}'),
    ),
    "an unknown name": (shows("front-door-probe.media.test", tls=True), page(200, "Congratulations!")),
    "an unknown name in clear": (shows("front-door-probe.media.test", tls=False), page(404, "")),
    "no name at all": (shows("127.0.0.1", tls=True), page(301, Location="https://sonarr.media.test/")),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_door_that_is_wrong(pair: tuple[str, str], fault: str) -> None:
    fits, instead = WRONG[fault]
    answer = run(pair, lambda request: instead if fits(request) else right(request))
    name = next(name for name in [*KNOWN, "front-door-probe.media.test", "127.0.0.1"] if fits_name(fits, name))
    assert answer["failed"]
    assert answer["unprotected"] == [name], answer["pages"]
    assert [problem["variable"] for problem in answer["problems"]] == [name]
    assert name in answer["msg"]
    assert not run(pair, lambda request: instead if fits(request) else right(request), report_only=True).get("failed")


def fits_name(fits: Callable[[Request], bool], name: str) -> bool:
    return name in [cell.cell_contents for cell in fits.__closure__ or ()]


def test_no_key_is_asked_for_where_nothing_is_found(pair: tuple[str, str]) -> None:
    """An application that answers 404 to all of it has not shown that its key is in force."""

    def answering(request: Request) -> bytes:
        return (
            page(404) if request.path.startswith("/api") and request.name == SONARR and request.tls else right(request)
        )

    answer = run(pair, answering)
    assert answer["unprotected"] == [SONARR]
    assert "no key is asked for" in answer["problems"][0]["reason"]


def test_closed_to_everybody_is_told_as_such(pair: tuple[str, str]) -> None:
    def answering(request: Request) -> bytes:
        answer = right(request)
        return page(500, LOCKED) if request.tls and answer and request.name != "plex.media.test" else answer

    answer = run(pair, answering)
    assert answer["failed"]
    assert answer["unprotected"] == []
    closed = {one["name"] for one in answer["pages"] if one["verdict"] == "closed"}
    assert closed == {"sonarr.media.test", "nzbget.media.test", "n.media.test", "auth.media.test"}
    assert {problem["variable"] for problem in answer["problems"]} == closed
    assert not run(pair, answering, accept_closed=True).get("failed")


@pytest.mark.parametrize(("wait", "told"), [(10, []), (0, [SONARR])])
def test_a_page_that_is_closed_may_open_in_a_while(pair: tuple[str, str], wait: float, told: list[str]) -> None:
    asked: list[Request] = []

    def answering(request: Request) -> bytes:
        if request.name == SONARR and request.tls:
            asked.append(request)
        return page(500, LOCKED) if asked == [request] else right(request)

    answer = run(pair, answering, wait=wait)
    assert [problem["variable"] for problem in answer["problems"]] == told


def test_a_page_that_shows_something_is_told_at_once(pair: tuple[str, str]) -> None:
    begun = time.monotonic()
    answer = run(pair, lambda request: page(200, "<html>") if request.name == SONARR else right(request), wait=60)
    assert answer["unprotected"] == [SONARR]
    assert time.monotonic() - begun < 30


def test_a_name_that_is_not_published_is_a_problem(pair: tuple[str, str]) -> None:
    answer = run(pair, lambda request: b"" if request.name == SONARR else right(request))
    assert [(one["variable"], one["reason"].split(":")[0]) for one in answer["problems"]] == [
        (SONARR, "is not published")
    ]


def test_nobody_at_the_door(pair: tuple[str, str]) -> None:
    with front(right, *pair) as door:
        ports = {"https_port": door.https_port, "http_port": door.http_port}
    answer = run_module(front_door_info.main, {**ARGUMENTS, **ports})
    assert answer["failed"]
    assert {one["verdict"] for one in answer["pages"] if one["name"] in KNOWN} == {"silent"}


def test_certificates_are_looked_at_when_an_authority_is_given(pair: tuple[str, str]) -> None:
    answer = run(pair, right, ca_file=pair[0])
    wrong = sorted(problem["variable"] for problem in answer["problems"])
    assert wrong == sorted(KNOWN - {SONARR, "tautulli.media.test"})


def test_no_pages_no_questions(pair: tuple[str, str]) -> None:
    answer = run(pair, right, pages=[])
    assert (answer["questions"], answer["problems"]) == (0, [])
