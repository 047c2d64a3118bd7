# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection, against a server that answers what a test says, and closes when a test says so."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import servarr_api
from ansible_collections.homelab.media.plugins.module_utils.servarr_api import (
    Client,
    Refused,
    Rejected,
    ServarrError,
    Unreachable,
)

KEY = "0123456789abcdef0123456789abcdef"
CLOSE = (0, b"")
Answer = tuple[int, Any]


class Server(http.server.ThreadingHTTPServer):
    """answers: what comes next, the last one again and again. CLOSE: the connection ends without an answer."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Answer] = [(200, {})]
        self.asked: list[tuple[str, str, Any]] = []
        self.connections = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def client(self, patience: float = 5, slowest: float = 5) -> Client:
        return Client("sonarr", self.url, "/api/v3", KEY, "/the/file", patience, slowest)

    def get_request(self) -> Any:
        self.connections += 1
        return super().get_request()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        self.server.asked.append((self.command, self.path, body))
        answers = self.server.answers
        status, content = answers.pop(0) if len(answers) > 1 else answers[0]
        if not status:
            self.close_connection = True
            return
        content = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        if 300 <= status < 400:
            self.send_header("Location", "http://127.0.0.1/sonarr/api/v3/tag?apikey=" + KEY)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, *_args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_one_connection_serves_many_questions(server: Server) -> None:
    client = server.client()
    for _each in range(3):
        assert client.get("tag") == {}
    assert client.send("PUT", "tag/1", {"label": "4k"}) == {}
    assert server.connections == 1
    assert server.asked[-1] == ("PUT", "/api/v3/tag/1", {"label": "4k"})


@pytest.mark.parametrize("status", [502, 503, 504])
def test_an_application_that_starts_is_asked_again(server: Server, status: int) -> None:
    server.answers = [(status, {"errorMessage": "Sonarr is starting up"}), CLOSE, (200, [])]
    assert server.client().get("tag") == []


def test_patience_ends(server: Server) -> None:
    server.answers = [(503, {})]
    with pytest.raises(Unreachable, match=r"sonarr: is not ready \(GET /api/v3/tag was answered with 503\)"):
        server.client(patience=0).get("tag")
    assert len(server.asked) == 1


def test_a_port_where_nothing_listens_is_told_with_its_address() -> None:
    with pytest.raises(Unreachable, match=r"sonarr: does not answer at http://127.0.0.1:9 \(Connection refused\)"):
        Client("sonarr", "http://127.0.0.1:9", "/api/v3", KEY, "/the/file", 0).get("tag")


def test_an_idle_connection_that_was_closed_is_opened_again_at_once(server: Server) -> None:
    client = server.client(patience=0)
    client.get("tag")
    server.answers = [CLOSE, (200, [1])]
    assert client.get("tag") == [1]
    assert server.connections == 2


def test_a_write_whose_answer_is_lost_is_not_repeated(server: Server) -> None:
    client = server.client()
    client.get("tag")
    server.answers = [CLOSE, (201, {"id": 1})]
    with pytest.raises(Unreachable):
        client.send("POST", "tag", {"label": "4k"})
    assert [method for method, _path, _body in server.asked] == ["GET", "POST"]


def test_a_slow_answer_is_given_up_and_asked_for_again(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    normal = Handler.answer

    def slow(handler: Handler) -> None:
        if not server.asked:
            server.asked.append(("GET", "slow", None))
            release.wait(5)
            handler.close_connection = True
            return
        normal(handler)

    monkeypatch.setattr(Handler, "do_GET", slow)
    assert server.client(slowest=0.1).get("tag") == {}
    release.set()


def test_a_refused_key_is_told_at_once(server: Server) -> None:
    server.answers = [(401, b"")]
    with pytest.raises(Refused, match="sonarr: refuses the API key in /the/file"):
        server.client().get("tag")
    assert len(server.asked) == 1


def test_a_redirect_is_not_followed_and_its_query_is_not_shown(server: Server) -> None:
    server.answers = [(307, b"")]
    with pytest.raises(ServarrError, match="redirects GET /api/v3/tag to /sonarr/api/v3/tag") as caught:
        server.client().get("tag")
    assert KEY not in str(caught.value)


def test_rubbish_is_told_with_its_beginning(server: Server) -> None:
    server.answers = [(200, b"<html>" + KEY.encode())]
    with pytest.raises(ServarrError, match=r"answered GET /api/v3/tag with '<html>\(secret\)'"):
        server.client().get("tag")


@pytest.mark.parametrize(
    ("status", "document", "told"),
    [
        (400, [{"propertyName": "Host", "errorMessage": "Unable to connect", "attemptedValue": "v"}],
         "Host: Unable to connect"),
        (400, [{"errorMessage": f"Wrong key {KEY}"}], r"Wrong key \(secret\)"),
        (400, {"errors": {"$.port": ["not a number"]}}, r"\$.port: not a number"),
        (400, {"message": "no", "description": "at NzbDrone"}, "400: no$"),
        (409, {"message": "constraint failed\nUNIQUE"}, "409: constraint failed$"),
        (500, b"<html>", "was answered with 500$"),
        (404, {"message": "NotFound"}, "404: NotFound"),
    ],
)  # fmt: skip
def test_a_refusal_is_told_in_the_applications_own_words(server: Server, status: int, document: Any, told: str) -> None:
    server.answers = [(status, document)]
    with pytest.raises(Rejected, match=told) as caught:
        server.client().send("POST", "downloadclient", {})
    assert len(server.asked) == 1
    assert "POST /api/v3/downloadclient" in str(caught.value)
    assert "attemptedValue" not in str(caught.value)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ([{"severity": "warning"}, {"isWarning": True}], True),
        ([{"severity": "warning"}, {"severity": "error"}], False),
        ([], False),
        ({"message": "x"}, False),
        (["x"], False),
    ],
)
def test_only_warnings(document: Any, expected: bool) -> None:
    assert servarr_api.only_warnings(document) is expected
