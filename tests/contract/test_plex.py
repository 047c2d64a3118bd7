# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-ins for Plex and plex.tv from the other side: by the client library that people use with the real ones."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from plexapi.exceptions import BadRequest, Unauthorized
from plexapi.myplex import MyPlexAccount
from plexapi.server import PlexServer

from tests.contract.plex_on_loopback import CUSTOMER, Loopback

MOVIES = {"type": "movie", "agent": "tv.plex.agents.movie", "scanner": "Plex Movie", "language": "en-US"}


@pytest.fixture
def plex(tmp_path: Path) -> Iterator[Loopback]:
    with Loopback(tmp_path / "support") as server:
        yield server


@pytest.fixture
def films(tmp_path: Path) -> Path:
    folder = tmp_path / "media" / "movies"
    (folder / "A Quiet Harbour (2019)").mkdir(parents=True)
    (folder / "A Quiet Harbour (2019)" / "A Quiet Harbour (2019).mkv").write_bytes(b"film")
    (folder / "A Quiet Harbour (2019)" / "cover.nfo").write_bytes(b"no film")
    return folder


class Redirected(requests.Session):
    """Leads the client's requests to plex.tv to the one on loopback."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.plex_tv = url

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        return super().request(method, str(url).replace("https://plex.tv", self.plex_tv), *args, **kwargs)


def account(plex: Loopback) -> MyPlexAccount:
    return MyPlexAccount(token=CUSTOMER.token, session=Redirected(plex.tv.url))


def until(true: Any) -> None:
    end = time.monotonic() + 5
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_the_account_is_who_the_token_belongs_to(plex: Loopback) -> None:
    assert account(plex).username == CUSTOMER.username
    with pytest.raises(Unauthorized):
        MyPlexAccount(token="another", session=Redirected(plex.tv.url))


def test_a_server_is_claimed_once_and_then_closed_to_strangers(plex: Loopback) -> None:
    server = PlexServer(plex.url)
    assert not server.identity().claimed
    server.claim(account(plex))
    assert server.identity().claimed
    with pytest.raises(Unauthorized):
        PlexServer(plex.url)
    assert PlexServer(plex.url, CUSTOMER.token).myPlexUsername == CUSTOMER.username
    assert PlexServer(plex.url, plex.plex.preferences.token).myPlexUsername == CUSTOMER.username
    with pytest.raises(Unauthorized):
        PlexServer(plex.url, "another")
    line = (
        r"\w{3} \d\d, \d{4} \d\d:\d\d:\d\d\.\d{3} \[\d+\] DEBUG - Completed: \[127\.0\.0\.1:\d+\] 401 GET / \(\d live\)"
    )
    assert re.search(line, plex.log())


def test_no_token_is_in_the_log(plex: Loopback) -> None:
    PlexServer(plex.url).claim(account(plex))
    requests.get(f"{plex.url}/library/sections?X-Plex-Token={CUSTOMER.token}", timeout=5).raise_for_status()
    assert "POST /myplex/claim?token=xxxx" in plex.log()
    assert CUSTOMER.token not in plex.log()


def test_a_code_dies_after_four_minutes_and_works_once(plex: Loopback) -> None:
    late = account(plex).claimToken()
    plex.tv.clock.now += 241
    claim = f"{plex.url}/myplex/claim"
    assert requests.post(claim, params={"token": late}, timeout=5).status_code == 400
    code = account(plex).claimToken()
    plex.tv.clock.now += 239
    exchange = f"{plex.tv.url}/api/claim/exchange"
    headers = {"X-Plex-Client-Identifier": "one"}
    assert requests.post(exchange, params={"token": code}, headers=headers, timeout=5).status_code == 200
    assert requests.post(exchange, params={"token": code}, headers=headers, timeout=5).status_code == 404


def test_a_second_creation_makes_a_second_library(plex: Loopback, films: Path) -> None:
    library = PlexServer(plex.url).library
    for _again in range(2):
        library.add(name="Movies", location=str(films), **MOVIES)
    assert [section.title for section in library.sections()] == ["Movies", "Movies"]


def test_creation_is_refused_while_it_starts(plex: Loopback, films: Path) -> None:
    plex.stop()
    plex.start(starting=0.4)
    library = PlexServer(plex.url).library
    with pytest.raises(BadRequest, match="starting up"):
        library.add(name="Movies", location=str(films), **MOVIES)
    until(lambda: time.monotonic() > plex.plex.ready_at)
    library.add(name="Movies", location=str(films), **MOVIES)


def test_a_library_of_the_wrong_kind_or_place_is_refused(plex: Loopback, films: Path) -> None:
    library = PlexServer(plex.url).library
    with pytest.raises(BadRequest):
        library.add(name="Movies", location=str(films), **{**MOVIES, "scanner": "Plex Music"})
    query = {**MOVIES, "name": "Movies", "location": "/nowhere"}
    assert requests.post(f"{plex.url}/library/sections", params=query, timeout=5).status_code == 400


def test_what_is_in_the_folder_is_found(plex: Loopback, films: Path) -> None:
    library = PlexServer(plex.url).library
    library.add(name="Movies", location=str(films), **MOVIES)
    plex.settle()
    film = library.section("Movies").all()[0]
    assert (film.title, film.year, film.locations) == (
        "A Quiet Harbour",
        2019,
        [str(films / "A Quiet Harbour (2019)" / "A Quiet Harbour (2019).mkv")],
    )


def test_a_partial_scan_sees_only_its_folder(plex: Loopback, films: Path) -> None:
    library = PlexServer(plex.url).library
    library.add(name="Movies", location=str(films), **MOVIES)
    plex.settle()
    for name in ("One (2001)", "Two (2002)"):
        (films / name).mkdir()
        (films / name / f"{name}.mkv").write_bytes(b"film")
    library.section("Movies").update(path=str(films / "Two (2002)"))
    until(lambda: len(library.section("Movies").all()) == 2)
    plex.settle()
    assert sorted(film.title for film in library.section("Movies").all()) == ["A Quiet Harbour", "Two"]


def test_locations_are_replaced_as_a_whole(plex: Loopback, films: Path, tmp_path: Path) -> None:
    other = tmp_path / "media" / "other"
    other.mkdir()
    library = PlexServer(plex.url).library
    library.add(name="Movies", location=str(films), **MOVIES)
    library.section("Movies").edit(location=[str(other)], name="Films")
    changed = PlexServer(plex.url).library.section("Films")
    assert changed.locations == [str(other)]
    plex.settle()
    changed.delete()
    assert PlexServer(plex.url).library.sections() == []


def test_preferences_have_types_and_permitted_values(plex: Loopback) -> None:
    settings = PlexServer(plex.url).settings
    assert (settings.secureConnections, settings.allowMediaDeletion) == (1, True)
    settings.get("FriendlyName").set("cellar")
    settings.get("allowMediaDeletion").set(False)
    settings.save()
    settings = PlexServer(plex.url).settings
    assert (settings.friendlyName, settings.allowMediaDeletion) == ("cellar", False)
    for query in ({"secureConnections": "7"}, {"allowMediaDeletion": "yes"}, {"NoSuchThing": "1"}):
        assert requests.put(f"{plex.url}/:/prefs", params=query, timeout=5).status_code == 400


def test_the_file_is_written_from_memory(plex: Loopback) -> None:
    settings = PlexServer(plex.url).settings
    settings.get("FriendlyName").set("cellar")
    settings.save()
    text = plex.preferences_file.read_text()
    plex.preferences_file.write_text(text.replace("cellar", "attic"))
    plex.stop()
    plex.start()
    assert PlexServer(plex.url).friendlyName == "cellar"
    plex.stop()
    plex.preferences_file.write_text(plex.preferences_file.read_text().replace("cellar", "attic"))
    plex.start()
    assert PlexServer(plex.url).friendlyName == "attic"
