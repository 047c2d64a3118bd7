# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bed's webhook receiver, and how a trial reads what it was told."""

from __future__ import annotations

import json
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.bed import hook

# In the image these files lie in a folder of their own, where they find each other by their bare names.
sys.path.insert(0, str(Path(__file__).parents[2] / "images" / "internet" / "lib"))

import inbox
import sites

ALERT = {"status": "firing", "alerts": [{"status": "firing", "labels": {"alertname": "DiskLow"}}]}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    file = tmp_path / "hook.jsonl"
    file.touch()
    monkeypatch.setattr(inbox.Handler, "inbox", inbox.Inbox(file), raising=False)
    # A trial reads the file in the container of the internet.
    monkeypatch.setattr(hook, "docker", lambda *_command: file.read_text())
    server = ThreadingHTTPServer(("127.0.0.1", 0), inbox.Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def tell(address: str, body: bytes, method: str = "POST", **headers: str) -> int:
    request = urllib.request.Request(address, body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def test_messages_are_kept_in_their_order(place: str) -> None:
    assert tell(f"{place}/alerts?a=1", json.dumps(ALERT).encode(), Authorization="Bearer x") == 200
    assert tell(place, "Tür".encode(), "PUT", Title="ntfy") == 200
    first, second = hook.messages()
    assert (first["method"], first["path"], first["query"], first["body"]) == ("POST", "/alerts", "a=1", ALERT)
    assert first["headers"]["authorization"] == "Bearer x"
    assert (second["method"], second["body"], second["headers"]["title"]) == ("PUT", "Tür", "ntfy")
    assert hook.messages(after=1) == [second]


def test_who_came_how_is_what_the_front_says(place: str) -> None:
    tell(place, b"x", **{"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.101"})
    (message,) = hook.messages()
    assert (message["scheme"], message["from"]) == ("https", "198.51.100.101")


def test_a_look_is_no_message(place: str) -> None:
    with urllib.request.urlopen(place, timeout=5) as answer:
        assert answer.status == 200
    assert hook.messages() == []


def test_a_refusal_can_be_asked_for(place: str) -> None:
    assert tell(f"{place}/503/alerts", json.dumps(ALERT).encode()) == 503
    assert [message["status"] for message in hook.messages()] == [503]
    assert hook.alerts() == set()
    assert tell(f"{place}/5031", json.dumps(ALERT).encode()) == 200
    assert hook.alerts() == {("DiskLow", "firing")}


def test_too_much_is_not_kept(place: str) -> None:
    assert tell(place, b"x" * (inbox.LARGEST + 1)) == 413
    assert hook.messages() == []


def test_its_name_leads_to_it() -> None:
    assert sites.port_of("hook.provider.test") == 8103
    assert len(set(sites.SITES.values())) == len(sites.SITES)
