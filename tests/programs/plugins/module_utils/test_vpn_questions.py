# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages asked for over real sockets, from here and from inside another network namespace."""

from __future__ import annotations

import http.server
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.homelab.media.plugins.module_utils.vpn_questions import Inside, Place, Question, ask

from tests.unit.real_host import need_root


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        key = self.headers.get("X-API-Key", "none")
        body = f"{self.path} {self.client_address[0]} {key}".encode()
        if self.path == "/slow":
            time.sleep(2)
        self.send_response(401 if self.path == "/closed" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        pass


class SixServer(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6


@pytest.fixture
def port() -> Iterator[int]:
    """Serve the page on 127.0.0.1 and ::1."""
    four = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    six = SixServer(("::1", four.server_port), Page)
    for server in (four, six):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield four.server_port
    for server in (four, six):
        server.shutdown()
        server.server_close()


def test_a_page_is_asked_for_by_the_wanted_ip_version(port: int) -> None:
    answers = ask(
        {
            "four": Question(f"http://127.0.0.1:{port}/ip?a=b", 4, 5),
            "six": Question(f"http://[::1]:{port}/ip", 6, 5, {"X-API-Key": "sesame"}),
            "neither": Question(f"http://127.0.0.1:{port}/ip", 6, 5),
        }
    )
    assert answers["four"].text == "/ip?a=b 127.0.0.1 none"
    assert answers["six"].text == "/ip ::1 sesame"
    assert not answers["four"].error
    assert answers["neither"].error


def test_what_does_not_answer_says_why(port: int) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        answers = ask(
            {
                "closed": Question(f"http://127.0.0.1:{port}/closed", 4, 5, {"X-API-Key": "sesame"}),
                "refused": Question(f"http://127.0.0.1:{unused.getsockname()[1]}/", 4, 5),
                "slow": Question(f"http://127.0.0.1:{port}/slow", 4, 0.2),
                "unknown": Question("http://no-such-name.invalid/", 4, 5),
            }
        )
    assert answers["closed"].error == "127.0.0.1 answered 401"
    assert "refused" in answers["refused"].error
    assert "timed out" in answers["slow"].error
    assert answers["unknown"].error
    assert not [name for name, answer in answers.items() if answer.text]
    assert "sesame" not in str(answers)


def test_all_are_asked_at_once(port: int) -> None:
    begun = time.monotonic()
    ask({str(number): Question(f"http://127.0.0.1:{port}/slow", 4, 5) for number in range(5)})
    assert time.monotonic() - begun < 4


def test_a_key_is_not_in_what_is_printed_of_a_question() -> None:
    assert "sesame" not in repr(Question("http://127.0.0.1/", 4, 5, {"X-API-Key": "sesame"}))


SERVE = """
import http.server, sys
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"inside")
    def log_message(self, *_): pass
server = http.server.HTTPServer(("127.0.0.1", 8000), Page)
print("ready", flush=True)
server.serve_forever()
"""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A process in a network of its own, with its own idea of names."""
    need_root()
    command = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", sys.executable, "-c", SERVE]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout and server.stdout.readline() == "ready\n"
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    (tmp_path / "hosts").write_text("127.0.0.1 only-inside\n")
    yield Place(server.pid, str(tmp_path / "resolv.conf"), str(tmp_path / "hosts"))
    server.kill()
    server.communicate()


def test_inside_the_names_and_the_network_are_those_of_the_container(place: Place) -> None:
    questions = {
        "inside": Question("http://only-inside:8000/", 4, 5),
        "outside": Question("http://203.0.113.9/", 4, 5),
    }
    before = here()
    answers = Inside(place, questions).answers(10)
    assert answers["inside"].text == "inside"
    assert "unreachable" in answers["outside"].error
    # And this process is where it was.
    assert ask(questions)["inside"].error
    assert here() == before


def here() -> tuple[object, ...]:
    return (
        *(Path(path).read_bytes() for path in ("/etc/hosts", "/etc/resolv.conf")),
        Path("/proc/self/ns/net").readlink(),
    )


def test_a_container_that_is_gone_is_told_and_nothing_is_asked(place: Place, port: int) -> None:
    gone = Place(2**22 + 1, place.resolv_conf, place.hosts)
    answers = Inside(gone, {"status": Question(f"http://127.0.0.1:{port}/", 4, 5)}).answers(10)
    assert "cannot be entered" in answers["status"].error


def test_who_takes_too_long_is_not_waited_for(place: Place, port: int) -> None:
    slow = Place(os.getpid(), place.resolv_conf, place.hosts)
    begun = time.monotonic()
    assert Inside(slow, {"slow": Question(f"http://127.0.0.1:{port}/slow", 4, 5)}).answers(0.3) == {}
    assert time.monotonic() - begun < 1.5
