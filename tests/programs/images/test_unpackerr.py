# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in for Unpackerr takes and refuses what upstream does, and unpacks what it should."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.images.unpackerr.stand_in import extract, metrics, queue, settings
from tests.images.unpackerr.stand_in.main import Unpackerr

KEY = "0123456789abcdef0123456789abcdef"
FILE = f"""
interval = "1s"
start_delay = "0s"
file_mode = "0664"
dir_mode = "0775"
[webserver]
metrics = true
[[sonarr]]
url = "http://sonarr:8989/"
api_key = "{KEY}"
protocols = "usenet,UsenetDownloadProtocol"
"""


@pytest.fixture
def read(tmp_path: Path):
    def from_file(text: str = FILE, **environment: str) -> settings.Settings:
        path = tmp_path / "unpackerr.conf"
        path.write_text(text)
        return settings.read({"UN_CONFIG_FILE": str(path), **environment})

    return from_file


def test_the_file_is_read(read) -> None:
    told = read()
    assert (told.interval, told.start_delay, told.retry_delay) == (1, 0, 300)
    assert (told.file_mode, told.dir_mode, told.metrics) == (0o664, 0o775, True)
    assert [(app.kind, app.url, app.protocols) for app in told.apps] == [
        ("sonarr", "http://sonarr:8989", ("usenet", "UsenetDownloadProtocol"))
    ]


def test_usenet_is_not_a_default(read) -> None:
    told = read(FILE.replace("protocols", "#"))
    assert told.apps[0].protocols == ("torrent", "TorrentDownloadProtocol")


def test_the_environment_wins_and_may_add(read, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY + "\n")
    told = read(
        UN_INTERVAL="3m",
        UN_SONARR_0_URL="http://other:8989",
        UN_RADARR_0_URL="http://radarr:7878",
        UN_RADARR_0_API_KEY=f"filepath:{tmp_path}/key",
        UN_RADARR_0_PATHS_0="/downloads",
    )
    assert told.interval == 180
    assert [(app.url, app.paths) for app in told.apps] == [
        ("http://other:8989", ()),
        ("http://radarr:7878", ("/downloads",)),
    ]


@pytest.mark.parametrize(
    "text",
    [
        FILE.replace(KEY, KEY[:-1]),
        FILE.replace(KEY, KEY + "0"),
        FILE.replace('"1s"', '"1x"'),
        FILE.replace('"1s"', "1"),
        FILE.replace('"0664"', '"rw"'),
        FILE.replace("true", '"maybe"'),
        FILE.replace("[[sonarr]]", "[sonarr]"),
        FILE.replace('"usenet,UsenetDownloadProtocol"', '["usenet"]'),
        FILE.replace(f'"{KEY}"', '"filepath:/nowhere"'),
        "interval = ",
    ],
)
def test_a_bad_setting_ends_the_start(read, text: str) -> None:
    with pytest.raises(settings.SettingsError):
        read(text)


def test_an_application_without_a_key_is_passed_over(read) -> None:
    told = read("[[sonarr]]\nurl = 'http://sonarr:8989'\n")
    assert told.apps == ()
    assert len(told.skipped) == 1


def test_only_finished_downloads_of_a_wanted_protocol_are_ready() -> None:
    record = {"title": "A", "status": "completed", "protocol": "usenet", "outputPath": "/d/a"}
    said = {
        "records": [
            record,
            {**record, "status": "downloading"},
            {**record, "protocol": "torrent"},
            {**record, "outputPath": None},
        ]
    }
    found = queue.parse(said, ("usenet",))
    assert (found.total, [item.path for item in found.ready]) == (4, ["/d/a"])


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Any]:
    """An application whose queue holds one finished download, packed by the real 7-Zip."""
    folder = tmp_path / "download"
    folder.mkdir()
    (folder / "film.mkv").write_bytes(b"film" * 100)
    subprocess.run(
        [extract.SEVEN_ZIP, "a", "-bd", "packed.7z", "film.mkv"], cwd=folder, check=True, capture_output=True
    )
    (folder / "film.mkv").unlink()
    asked: list[tuple[str, str | None]] = []
    records = [{"title": "A", "status": "completed", "protocol": "usenet", "outputPath": str(folder)}]

    class Web(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path.partition("?")[0], self.headers.get("X-Api-Key")))
            body = json.dumps({"records": records}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Web)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    server.asked, server.records, server.folder = asked, records, folder  # type: ignore[attr-defined]
    yield server
    server.shutdown()
    server.server_close()


def told(read, server: Any, kind: str = "sonarr", key: str = KEY) -> settings.Settings:
    url = f"http://127.0.0.1:{server.server_port}"
    result: settings.Settings = read(
        FILE.replace("[[sonarr]]", f"[[{kind}]]").replace("http://sonarr:8989/", url).replace(KEY, key)
    )
    return result


def test_what_was_left_packed_is_unpacked_with_the_modes_told(read, application) -> None:
    previous = os.umask(0o077)
    try:
        program = Unpackerr(told(read, application))
        program.poll(0)
    finally:
        os.umask(previous)
    film = application.folder / "film.mkv"
    assert film.read_bytes() == b"film" * 100
    assert stat.S_IMODE(film.stat().st_mode) == 0o664
    assert sorted(path.name for path in application.folder.iterdir()) == ["film.mkv", "packed.7z"]
    assert application.asked == [("/api/v3/queue", KEY)]
    assert 'unpackerr_gauges{name="extracted"} 1' in program.metrics.text()


def test_what_it_made_goes_after_the_import_and_nothing_else(read, application) -> None:
    program = Unpackerr(told(read, application))
    program.poll(0)
    application.records.clear()
    program.poll(10)
    assert (application.folder / "film.mkv").exists()
    program.poll(400)
    assert sorted(path.name for path in application.folder.iterdir()) == ["packed.7z"]
    assert 'unpackerr_counters{name="finished"} 1' in program.metrics.text()


def test_a_broken_archive_is_tried_again_and_leaves_nothing(read, application) -> None:
    (application.folder / "packed.7z").write_bytes(b"7z\xbc\xaf\x27\x1cbroken")
    program = Unpackerr(told(read, application))
    for now in (0, 400, 401, 800):
        program.poll(now)
    assert sorted(path.name for path in application.folder.iterdir()) == ["packed.7z"]
    assert program.metrics.counters["retries"] == 2


def test_lidarr_and_readarr_have_another_version_of_the_api(read, application) -> None:
    for kind in ("lidarr", "readarr"):
        Unpackerr(told(read, application, kind)).poll(0)
    assert {path for path, _key in application.asked} == {"/api/v1/queue"}


def test_an_application_that_is_down_is_counted_and_asked_again(read, application) -> None:
    program = Unpackerr(told(read, application))
    application.shutdown()
    application.server_close()
    program.poll(0)
    program.poll(1)
    assert list(program.metrics.fetch_errors.values()) == [2]


def test_the_metrics_are_served(read) -> None:
    server = metrics.serve(metrics.Metrics(), "127.0.0.1:0")
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/metrics", timeout=5) as answer:
            text = answer.read().decode()
    finally:
        server.shutdown()
        server.server_close()
    assert 'unpackerr_gauges{name="waiting"} 0' in text
    assert "unpackerr_uptime_seconds_total" in text
