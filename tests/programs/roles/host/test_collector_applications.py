# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""NZBGet and Tautulli, asked as the collector asks them."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from roles.host.files.collector import nzbget, tautulli
from roles.host.files.collector.findings import Findings, Trouble
from tests.unit.roles.host.collector_nursery import application, closed, series, silent

SECRET = "s3cret-that-is-told-nowhere"
STATUS = {
    **{"RemainingSizeLo": 705032704, "RemainingSizeHi": 1, "RemainingSizeMB": 4768, "DownloadRate": 1048576},
    **{"DownloadPaused": False, "Download2Paused": False, "PostPaused": False, "PostJobCount": 1, "UpTimeSec": 60},
}


@pytest.fixture
def root(tmp_path: Path) -> str:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "key").write_text(SECRET)
    return str(tmp_path)


class Nzbget:
    """NZBGet's JSON-RPC for the restricted user."""

    def __init__(self, status: Any, groups: Any = ()) -> None:
        self.results = {"status": status, "listgroups": list(groups)}

    def __call__(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Any]:
        login = base64.b64encode(f"apps:{SECRET}".encode()).decode()
        if headers.get("Authorization") != f"Basic {login}":
            return 401, "<html>401</html>"
        asked = json.loads(body)
        if path != "/jsonrpc" or asked["method"] not in self.results:
            return 200, {"version": "1.1", "error": {"name": "JSONRPCError", "code": 1, "message": "Invalid procedure"}}
        return 200, {"version": "1.1", "result": self.results[asked["method"]]}


def ask_nzbget(url: str, root: str) -> Findings:
    found = Findings()
    nzbget.collect(found, {"url": url, "username": "apps", "password": "key"}, root)
    return found


def test_what_nzbget_downloads(root: str) -> None:
    with application(Nzbget(STATUS, groups=[{"NZBID": 1}, {"NZBID": 2}])) as url:
        assert series(ask_nzbget(url, root)) == {
            "media_nzbget_download_bytes_per_second": 1048576,
            "media_nzbget_remaining_bytes": 5_000_000_000,
            "media_nzbget_paused": 0,
            "media_nzbget_queue_items": 2,
        }


def test_the_lower_half_of_a_size_may_be_written_with_a_sign(root: str) -> None:
    with application(Nzbget({**STATUS, "RemainingSizeLo": -1, "RemainingSizeHi": 0, "DownloadPaused": True})) as url:
        told = series(ask_nzbget(url, root))
    assert (told["media_nzbget_remaining_bytes"], told["media_nzbget_paused"]) == (2**32 - 1, 1)


@pytest.mark.parametrize(
    ("answering", "said"),
    [
        (lambda *_asked: (401, "no"), "NZBGet answers 401"),
        (lambda *_asked: (200, "<html>"), "NZBGet answers with something else than JSON"),
        (lambda *_asked: (200, {"error": {"message": "no"}}), "NZBGet refuses status"),
        (Nzbget({}), "NZBGet tells something else than it should"),
        (Nzbget(None), "NZBGet tells something else than it should"),
    ],
)
def test_an_nzbget_that_cannot_be_asked(root: str, answering: Any, said: str) -> None:
    with application(answering) as url, pytest.raises(Trouble, match=said):
        ask_nzbget(url, root)


def test_an_nzbget_that_is_not_there_or_hangs(root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Trouble, match="NZBGet does not answer"):
        ask_nzbget(closed(), root)
    monkeypatch.setattr(nzbget, "SECONDS", 0.2)
    begun = time.monotonic()
    with silent() as url, pytest.raises(Trouble, match="NZBGet does not answer"):
        ask_nzbget(url, root)
    assert time.monotonic() - begun < 2


LIBRARIES = [
    {"section_id": "1", "section_name": "Movies", "section_type": "movie", "count": "887", "parent_count": None},
    {
        **{"section_id": "2", "section_name": "TV", "section_type": "show"},
        **{"count": "62", "parent_count": "240", "child_count": "3745"},
    },
    {"section_id": "3", "section_name": "Music", "section_type": "artist", "count": 5, "parent_count": 9},
]
ANSWERS: dict[str, Any] = {
    "get_activity": {"stream_count": "2", "stream_count_transcode": 1, "total_bandwidth": 25318, "sessions": []},
    "get_history": {"draw": 1, "recordsTotal": 1000, "recordsFiltered": 250, "data": []},
    "get_libraries": LIBRARIES,
}


class Tautulli:
    """Tautulli's API; below a root of its own it is nowhere else."""

    def __init__(self, root: str = "", **answers: Any) -> None:
        self.root = root
        self.answers = {**ANSWERS, **answers}

    def __call__(self, path: str, _headers: Mapping[str, str], _body: bytes) -> tuple[int, Any]:
        plain = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(plain.query).items()}
        known = plain.path == f"{self.root}/api/v2" and query.get("apikey") == SECRET
        data = self.answers.get(query.get("cmd", "")) if known else None
        result = "success" if data is not None else "error"
        return (200 if data is not None else 400), {"response": {"result": result, "message": None, "data": data or {}}}


def ask_tautulli(url: str, root: str) -> tuple[dict[str, float], str]:
    found = Findings()
    try:
        tautulli.collect(found, {"url": url, "key": "key"}, root)
    except Trouble as trouble:
        return series(found), str(trouble)
    return series(found), ""


def test_what_plex_plays(root: str) -> None:
    item = 'media_tautulli_library_items{{library="{}",type="{}"}}'
    with application(Tautulli()) as url:
        assert ask_tautulli(url, root) == (
            {
                "media_tautulli_streams": 2,
                "media_tautulli_transcodes": 1,
                "media_tautulli_bandwidth_kilobits": 25318,
                "media_tautulli_plays_total": 1000,
                item.format("Movies", "movie"): 887,
                item.format("TV", "show"): 62,
                item.format("TV", "season"): 240,
                item.format("TV", "episode"): 3745,
                item.format("Music", "artist"): 5,
                item.format("Music", "album"): 9,
            },
            "",
        )


def test_below_a_root_of_its_own(root: str) -> None:
    with application(Tautulli("/tautulli")) as url:
        told, trouble = ask_tautulli(f"{url}/tautulli", root)
    assert (told["media_tautulli_streams"], trouble) == (2, "")


def test_without_plex_nobody_plays(root: str) -> None:
    with application(Tautulli(get_activity=[])) as url:
        told, trouble = ask_tautulli(url, root)
    assert (told["media_tautulli_streams"], trouble) == (0, "")


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"get_history": None}, "Tautulli answers 400"),
        ({"get_history": {"draw": 1}}, "Tautulli tells something else of its history than it should"),
        ({"get_activity": {"stream_count": "many"}}, "Tautulli tells something else of its activity than it should"),
        ({"get_libraries": [{}]}, "Tautulli tells something else of its libraries than it should"),
    ],
)
def test_what_one_question_lacks_the_others_tell(root: str, answers: dict[str, Any], said: str) -> None:
    with application(Tautulli(**answers)) as url:
        told, trouble = ask_tautulli(url, root)
    assert trouble == said
    assert told


def test_the_key_is_told_nowhere(root: str) -> None:
    Path(root, "secrets", "key").write_text("wrong key\x01 in itself")
    for where in (lambda: application(Tautulli()), lambda: application(lambda *_asked: (200, "no"))):
        with where() as url:
            told, trouble = ask_tautulli(url, root)
        assert trouble
        assert "wrong" not in trouble
        assert told == {}
