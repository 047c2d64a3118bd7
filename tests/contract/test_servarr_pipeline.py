# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Servarr stand-ins together: from a request to a file in the library, by the real NZBGet."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as xml

import pytest
import requests

from tests.contract.openapi import CONTRACTS, check_exchanges
from tests.contract.plex_on_loopback import Loopback
from tests.contract.servarr_on_loopback import KEY, StandIn, until
from tests.contract.usenet_on_loopback import ACCOUNT, Downloader, Usenet
from tests.contract.usenet_on_loopback import KEY as INDEXER_KEY

FILM = os.urandom(900_000)
NAMES = {"Sonarr": "tv", "Radarr": "movies", "Lidarr": "music", "Readarr": "books"}
CATEGORY = {"Sonarr": "tvCategory", "Radarr": "movieCategory", "Lidarr": "musicCategory", "Readarr": "musicCategory"}


class House:
    """Indexer, news server, NZBGet, Prowlarr and the applications, wired as a person would."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.usenet = Usenet()
        stack.callback(self.usenet.close)
        self.downloader = Downloader(folder / "usenet", self.usenet.news.server_address[1])
        stack.callback(self.downloader.stop)
        self.prowlarr = stack.enter_context(StandIn("Prowlarr", folder / "prowlarr"))
        self.apps: dict[str, StandIn] = {}

    def add(self, name: str) -> StandIn:
        app = self.apps[name] = self.stack.enter_context(StandIn(name, self.folder / name.lower()))
        root = self.folder / "media" / NAMES[name]
        root.mkdir(parents=True)
        more = {"name": "Shelf", "defaultQualityProfileId": 1, "defaultMetadataProfileId": 1}
        if name in ("Sonarr", "Radarr"):
            more = {}
        assert app.ask("POST", "rootfolder", {"path": str(root), **more}).status_code == 201
        made = app.ask("POST", "downloadclient", self.client(app))
        assert made.status_code == 201, made.text
        made = self.prowlarr.ask("POST", "applications", self.application(app))
        assert made.status_code == 201, made.text
        return app

    def client(self, app: StandIn, **changed: Any) -> dict[str, Any]:
        values = {"host": "127.0.0.1", "port": self.downloader.port, "username": ACCOUNT[0], "password": ACCOUNT[1]}
        values[CATEGORY[app.name]] = NAMES[app.name]
        return app.schema("downloadclient", "Nzbget", "NZBGet", **{**values, **changed})

    def application(self, app: StandIn, **changed: Any) -> dict[str, Any]:
        values = {"prowlarrUrl": self.prowlarr.url, "baseUrl": app.url, "apiKey": KEY, **changed}
        return self.prowlarr.schema("applications", app.name, app.name, **values)

    def indexer(self, **changed: Any) -> dict[str, Any]:
        values = {"baseUrl": self.usenet.url, "apiKey": INDEXER_KEY, **changed}
        entry = self.prowlarr.schema("indexer", "Newznab", "Loopback", **values)
        return {**entry, "enable": True, "redirect": True, "appProfileId": 1}

    def synced(self, app: StandIn) -> dict[str, Any]:
        until(lambda: app.get("indexer"), f"Prowlarr's indexer is in {app.name}")
        return app.get("indexer")[0]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with ExitStack() as stack:
        house = House(tmp_path, stack)
        made = house.prowlarr.ask("POST", "indexer", house.indexer())
        assert made.status_code == 201, made.text
        yield house
        if CONTRACTS.is_dir():
            for app in (house.prowlarr, *house.apps.values()):
                assert check_exchanges(app.name, app.exchanges()) >= 3


def post_episode(house: House) -> None:
    title = "Harbour.Lights.S01E01.1080p.WEB-DL.x264-GRP"
    house.usenet.post(title, f"{title}.mkv", FILM, 5040, tvdbid="900101", season="1", episode="1")


def add_series(app: StandIn, **options: Any) -> dict[str, Any]:
    found = app.get("series/lookup?term=tvdb:900101")[0]
    root = app.get("rootfolder")[0]["path"]
    wanted = {"qualityProfileId": 1, "rootFolderPath": root, "monitored": True, "seasonFolder": True}
    made = app.ask("POST", "series", {**found, **wanted, "addOptions": {"monitor": "all", **options}})
    assert made.status_code == 201, made.text
    return made.json()


def pending(app: StandIn) -> list[dict[str, Any]]:
    return [entry for entry in app.get("queue")["records"] if entry["trackedDownloadState"] == "importPending"]


def test_a_series_is_found_through_prowlarr_downloaded_and_moved(house: House) -> None:
    sonarr = house.add("Sonarr")
    root = house.folder / "media" / "tv"
    post_episode(house)
    indexer = house.synced(sonarr)
    fields = {field["name"]: field.get("value") for field in indexer["fields"]}
    assert indexer["name"] == "Loopback (Prowlarr)"
    assert fields["baseUrl"] == f"{house.prowlarr.url}/1/"
    assert (fields["apiPath"], fields["apiKey"]) == ("/api", "********")
    series = add_series(sonarr, searchForMissingEpisodes=True)
    target = root / "Harbour Lights" / "Season 1" / "Harbour.Lights.S01E01.1080p.WEB-DL.x264-GRP.mkv"
    until(target.exists, lambda: f"the episode is in the library: {sonarr.log()}", 40)
    until(lambda: not house.downloader.call("history", False), "NZBGet's history is empty again")
    assert target.read_bytes() == FILM
    assert target.stat().st_nlink == 1
    first = sonarr.get(f"episode?seriesId={series['id']}")[0]
    assert (first["hasFile"], sonarr.get("queue")["totalRecords"]) == (True, 0)
    events = [entry["eventType"] for entry in sonarr.get("history")["records"]]
    assert events == ["downloadFolderImported", "grabbed"]
    grabbed = [entry for entry in house.prowlarr.get("history")["records"] if entry["eventType"] == "releaseGrabbed"]
    assert len(grabbed) == 1
    assert any(asked.get("tvdbid") == "900101" for asked in house.usenet.asked)


def test_a_copy_is_a_hard_link(house: House) -> None:
    sonarr = house.add("Sonarr")
    handling = sonarr.get("config/downloadclient")
    sonarr.ask("PUT", "config/downloadclient", {**handling, "enableCompletedDownloadHandling": False})
    client = sonarr.get("downloadclient")[0]
    sonarr.ask("PUT", "downloadclient/1", {**client, "removeCompletedDownloads": False})
    post_episode(house)
    house.synced(sonarr)
    add_series(sonarr)
    sonarr.run_command("EpisodeSearch", episodeIds=[1])
    until(lambda: pending(sonarr), lambda: f"the download waits for its import: {sonarr.log()}", 40)
    waiting = pending(sonarr)[0]
    ended = sonarr.run_command(
        "DownloadedEpisodesScan",
        path=waiting["outputPath"],
        downloadClientId=waiting["downloadId"],
        importMode="Copy",
    )
    assert ended["result"] == "successful", ended
    source = next(Path(waiting["outputPath"]).glob("*.mkv"))
    target = next((house.folder / "media" / "tv").rglob("*.mkv"))
    assert source.stat().st_ino == target.stat().st_ino
    assert target.stat().st_nlink == 2


def test_a_film_is_imported_and_plex_is_told(house: House) -> None:
    radarr, root = house.add("Radarr"), house.folder / "media" / "movies"
    plex = house.stack.enter_context(Loopback(house.folder / "plex"))
    connection = radarr.schema(
        "notification", "PlexServer", "Plex", host="127.0.0.1", port=plex.port, authToken="t", updateLibrary=True
    )
    connection["onDownload"] = True
    refused = radarr.ask("POST", "notification", connection)
    assert refused.status_code == 400
    assert "library" in refused.json()[0]["errorMessage"]
    library = {"name": "Movies", "type": "movie", "agent": "tv.plex.agents.movie", "scanner": "Plex Movie"}
    radarr.session.post(f"{plex.url}/library/sections", params={**library, "language": "en-US", "location": str(root)})
    made = radarr.ask("POST", "notification", connection)
    assert made.status_code == 201, made.text
    naming = radarr.get("config/naming")
    radarr.ask("PUT", "config/naming", {**naming, "renameMovies": True})
    title = "The.Paper.Lighthouse.2024.1080p.BluRay.x264-GRP"
    house.usenet.post(title, "abc.mkv", FILM, 2040, tmdb="910201")
    house.synced(radarr)
    found = radarr.get("movie/lookup/tmdb?tmdbId=910201")
    wanted = {"qualityProfileId": 4, "rootFolderPath": str(root), "monitored": True, "tags": []}
    options = {"searchForMovie": True, "monitor": "movieOnly"}
    made = radarr.ask("POST", "movie", {**found, **wanted, "addOptions": options})
    assert made.status_code == 201, made.text
    folder = root / "The Paper Lighthouse (2024)"
    target = folder / "The Paper Lighthouse (2024) Bluray-1080p.mkv"
    until(target.exists, lambda: f"the film is in the library: {radarr.log()}", 40)
    until(lambda: "/library/sections/1/refresh?path=" in plex.log(), lambda: f"Plex is told: {plex.log()}")
    assert radarr.get("movie/1")["movieFile"]["quality"]["quality"]["name"] == "Bluray-1080p"


@pytest.mark.parametrize(
    ("name", "maker", "work", "title", "file", "category"),
    [
        ("Lidarr", "artist", "album", "Glass.Meridian-Slow.Tides-2024-FLAC-GRP", "01 - one.flac", 3040),
        ("Readarr", "author", "book", "Northbank Writers Collective - The Winter of Maps (epub)", "b.epub", 7020),
    ],
)
def test_music_and_books_go_the_same_way(
    house: House, name: str, maker: str, work: str, title: str, file: str, category: int
) -> None:
    app, root = house.add(name), house.folder / "media" / NAMES[name]
    house.usenet.post(title, file, FILM, category)
    house.synced(app)
    found = app.get(f"{maker}/lookup?term={'glass' if maker == 'artist' else 'northbank'}")[0]
    wanted = {"qualityProfileId": 1, "metadataProfileId": 1, "rootFolderPath": str(root), "monitored": True}
    options = {"monitor": "all", f"searchForMissing{work.capitalize()}s": True}
    made = app.ask("POST", maker, {**found, **wanted, "addOptions": options})
    assert made.status_code == 201, made.text
    until(lambda: list(root.rglob(f"*{Path(file).suffix}")), lambda: f"it is in the library: {app.log()}", 40)
    until(lambda: app.get("queue")["totalRecords"] == 0, "nothing is under way")
    assert app.get(work)[0]["statistics"]["sizeOnDisk"] == len(FILM)


def test_a_broken_download_is_not_fetched_again(house: House) -> None:
    sonarr = house.add("Sonarr")
    post_episode(house)
    house.usenet.articles.clear()
    house.synced(sonarr)
    add_series(sonarr)
    sonarr.run_command("EpisodeSearch", episodeIds=[1])

    def events() -> list[str]:
        return [entry["eventType"] for entry in sonarr.get("history")["records"]]

    until(lambda: events() == ["downloadFailed", "grabbed"], lambda: f"it is given up: {sonarr.log()}", 40)
    until(lambda: not house.downloader.call("history", False), "NZBGet's history is empty again")
    sonarr.run_command("EpisodeSearch", episodeIds=[1])
    assert events() == ["downloadFailed", "grabbed"]
    assert sonarr.get("wanted/missing")["records"][0]["title"] == "The First Lamp"


def test_prowlarr_leads_downloads_back_to_itself_and_redirects(house: House) -> None:
    post_episode(house)
    address = f"{house.prowlarr.url}/1/api"
    assert requests.get(address, params={"t": "search", "apikey": "wrong"}, timeout=5).status_code == 401
    feed = requests.get(address, params={"t": "tvsearch", "tvdbid": "900101", "apikey": KEY}, timeout=5)
    link = xml.fromstring(feed.content).findtext(".//link") or ""
    assert link.startswith(f"{house.prowlarr.url}/1/download?")
    answer = requests.get(link, allow_redirects=False, timeout=5)
    assert answer.status_code == 301
    assert answer.headers["Location"].startswith(f"{house.usenet.url}/api?t=get&id=Harbour")
    forged = requests.get(link.replace("link=", "link=A"), allow_redirects=False, timeout=5)
    assert forged.status_code == 404


def test_everything_is_there_after_a_restart(house: House) -> None:
    sonarr = house.add("Sonarr")
    house.synced(sonarr)
    add_series(sonarr)
    kinds = ("series", "episode?seriesId=1", "indexer", "downloadclient", "tag", "qualityprofile")
    before = [sonarr.get(kind) for kind in kinds]
    assert sonarr.ask("POST", "system/restart").status_code == 200
    sonarr.wait()
    sonarr.start()
    sonarr.wait_until_ready()
    assert [sonarr.get(kind) for kind in kinds] == before
