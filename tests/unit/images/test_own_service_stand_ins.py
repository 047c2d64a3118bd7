# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-ins of the examples: what they believe, refuse and keep."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.images.miniflux import settings as miniflux
from tests.images.navidrome import stand_in as navidrome
from tests.images.qbittorrent import stand_in as qbittorrent


def music(folder: Path, **more: str) -> navidrome.Navidrome:
    (folder / "music").mkdir(exist_ok=True)
    (folder / "data").mkdir(exist_ok=True)
    given = {"ND_MUSICFOLDER": str(folder / "music"), "ND_DATAFOLDER": str(folder / "data"), **more}
    return navidrome.Navidrome(given)


def test_navidrome_believes_the_header_of_a_trusted_proxy_alone(tmp_path: Path) -> None:
    house = music(tmp_path, ND_EXTAUTH_TRUSTEDSOURCES="10.0.0.62/32,fd00::1/128")
    assert house.signed_in("10.0.0.62", "anna") == "anna"
    assert house.signed_in("::ffff:10.0.0.62", "ben") == "ben"
    assert house.signed_in("10.0.0.63", "mallory") == ""
    assert house.signed_in("10.0.0.62", "") == ""
    assert house.users() == {"anna": True, "ben": False}
    assert music(tmp_path).signed_in("10.0.0.62", "anna") == ""


def test_navidrome_answers_as_upstream_does(tmp_path: Path) -> None:
    house = music(tmp_path, ND_PROMETHEUS_ENABLED="true")
    (tmp_path / "music" / "a.flac").touch()

    def ask(url: str) -> tuple[int, str, str]:
        return navidrome.answer(house, "10.0.0.9", url, "anna")

    assert ask("/ping")[::2] == (200, ".")
    assert ask("/") == (302, "location", "/app/")
    assert 'db_model_totals{model="song"} 1' in ask("/metrics")[2]
    assert json.loads(ask("/rest/ping.view?u=a")[2])["subsonic-response"]["error"]["code"] == 40
    assert ask("/api/user")[0] == 401
    assert navidrome.answer(music(tmp_path), "10.0.0.9", "/metrics", "")[0] == 404


@pytest.mark.parametrize(
    "wrong", [{"ND_SCANER": "1h"}, {"ND_PROMETHEUS_ENABLED": "yes"}, {"ND_DATAFOLDER": "/nowhere"}]
)
def test_navidrome_does_not_start_with_what_is_wrong(tmp_path: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(navidrome.Problem):
        music(tmp_path, **wrong)


def test_miniflux_reads_secrets_from_files(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgres://a:b@c/d\n")
    read = miniflux.load({"DATABASE_URL_FILE": str(tmp_path / "url"), "RUN_MIGRATIONS": "1", "CREATE_ADMIN": "0"})
    assert (read.database, read.flags) == ("postgres://a:b@c/d", {"RUN_MIGRATIONS"})
    assert miniflux.within("127.0.0.1", read.metrics_from)
    assert not miniflux.within("10.0.0.1", read.metrics_from)


@pytest.mark.parametrize(
    "wrong",
    [
        {"DATABASE_URL_FILE": "/nowhere"},
        {"AUTH_PROXY_HEADER": "Remote-User"},
        {"CREATE_ADMIN": "maybe"},
        {"METRICS_ALLOWED_NETWORKS": "everywhere"},
    ],
)
def test_miniflux_does_not_start_with_what_is_wrong(wrong: dict[str, str]) -> None:
    with pytest.raises(miniflux.Problem):
        miniflux.load(wrong)


def test_qbittorrent_writes_its_configuration_once(tmp_path: Path) -> None:
    file = tmp_path / "qBittorrent" / "qBittorrent.conf"
    qbittorrent.configure(file, 6881)
    assert "Session\\Port=6881" in file.read_text()
    qbittorrent.configure(file, 7000)
    assert "Session\\Port=6881" in file.read_text()
