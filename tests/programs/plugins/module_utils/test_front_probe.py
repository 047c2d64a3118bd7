# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The probe over real sockets: what comes back is told apart, down to the ways of not answering."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest
from ansible_collections.homelab.media.plugins.module_utils import front_probe
from ansible_collections.homelab.media.plugins.module_utils.front_probe import Door, Question, Reply

from tests.programs.small_front import Request, certificate, front, page


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    return certificate(tmp_path_factory.mktemp("front"), "sonarr.media.test")


def test_it_asks_for_the_name_and_follows_nothing(pair: tuple[str, str]) -> None:
    seen: list[Request] = []

    def answering(request: Request) -> bytes:
        seen.append(request)
        return page(302, "moved", Location="https://auth.media.test/?rd=x")

    with front(answering, *pair) as door:
        reply = front_probe.ask(door, Question("sonarr.media.test", "/a/../b", headers=(("X-Real-IP", "1.2.3.4"),)))
    assert (reply.status, reply.headers["location"], reply.body) == (302, "https://auth.media.test/?rd=x", "moved")
    (request,) = seen
    assert (request.method, request.path, request.name, request.tls) == ("GET", "/a/../b", "sonarr.media.test", True)
    assert request.headers["x-real-ip"] == "1.2.3.4"


def test_without_tls_and_with_another_method(pair: tuple[str, str]) -> None:
    with front(lambda request: page(200, f"{request.method} {request.tls}"), *pair) as door:
        reply = front_probe.ask(door, Question("sonarr.media.test", tls=False, method="POST"))
    assert reply.body == "POST False"


@pytest.mark.parametrize("tls", [True, False])
def test_a_connection_that_ends_without_an_answer(pair: tuple[str, str], tls: bool) -> None:
    with front(lambda _request: b"", *pair) as door:
        assert front_probe.ask(door, Question("x.media.test", tls=tls)) == Reply(lack=front_probe.CLOSED)


def test_a_name_that_tls_itself_turns_away(pair: tuple[str, str]) -> None:
    with front(lambda _request: page(), *pair, refused=("x.media.test",)) as door:
        assert front_probe.ask(door, Question("x.media.test")) == Reply(lack=front_probe.CLOSED)
        assert front_probe.ask(door, Question("y.media.test")).status == 200


def test_what_is_no_web_server_is_not_taken_for_silence(pair: tuple[str, str]) -> None:
    with front(lambda _request: b"SSH-2.0-Whatever\r\n", *pair) as door:
        assert front_probe.ask(door, Question("x.media.test")).lack == front_probe.GARBLED
        # Plain text where TLS should be: the port without TLS, asked with it.
        swapped = Door(door.address, door.http_port, door.https_port, 2.0)
        assert front_probe.ask(swapped, Question("x.media.test")).lack in (front_probe.GARBLED, front_probe.SILENT)


def test_nobody_there_and_nobody_who_speaks() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        door = Door("127.0.0.1", port, port, 0.2)
        assert front_probe.ask(door, Question("x.media.test", tls=False)).lack == front_probe.SILENT
        assert front_probe.ask(door, Question("x.media.test")).lack == front_probe.SILENT
    assert front_probe.ask(door, Question("x.media.test")).lack == front_probe.UNREACHABLE


def test_a_page_that_never_ends_has_answered(pair: tuple[str, str]) -> None:
    with front(lambda _request: b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nsome", *pair) as door:
        assert front_probe.ask(door, Question("x.media.test")).status == 200


def test_many_at_once(pair: tuple[str, str]) -> None:
    together = threading.Barrier(8, timeout=5)

    def answering(request: Request) -> bytes:
        together.wait()
        return page(200, request.name)

    names = [f"n{number}.media.test" for number in range(8)]
    with front(answering, *pair) as door:
        replies = front_probe.ask_all(door, [Question(name) for name in [*names, *names]])
    assert [reply.body for reply in replies.values()] == names
    assert front_probe.ask_all(door, []) == {}


def test_a_certificate_is_judged_when_that_is_asked_for(pair: tuple[str, str], tmp_path: Path) -> None:
    with front(lambda _request: page(), *pair) as door:
        assert front_probe.certificate(door, "sonarr.media.test", pair[0]) == ""
        assert "match" in front_probe.certificate(door, "radarr.media.test", pair[0])
        stranger, _key = certificate(tmp_path, "sonarr.media.test")
        assert front_probe.certificate(door, "sonarr.media.test", stranger)
        assert front_probe.certificate(door, "sonarr.media.test", str(tmp_path / "nothing"))
    assert "refused" in front_probe.certificate(door, "sonarr.media.test", pair[0])
