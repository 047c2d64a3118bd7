# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a request to the library: what is asked for is found, fetched, imported, and Plex is told."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.bed.news import post
from tests.bed.shell import BedError, wait_for
from tests.trials.applications import Application, all_servarr, plex
from tests.trials.demo import Demo
from tests.trials.play import play, told

#: What is asked for: the search term, the release that the indexer then has, and by what it knows it.
SHOW = {"term": "tvdb:900101", "release": "Harbour.Lights.S01E01.1080p.WEB-DL.x264-BED", "id": {"tvdbid": 900101}}
SHOW_4K = {
    "term": "tvdb:900102",
    "release": "The.Long.Orbit.S01E01.2160p.WEB-DL.x265-BED",
    "id": {"tvdbid": 900102},
    "profile": "Ultra-HD",
}
FILM = {"term": "tmdb:910201", "release": "The.Paper.Lighthouse.2024.1080p.WEB-DL.x264-BED", "id": {"tmdbid": 910201}}


@pytest.fixture(scope="module")
def applications(demo: Demo) -> dict[str, Application]:
    return all_servarr(demo)


def look(demo: Demo, folder: str) -> dict[str, tuple[int, int, str]]:
    """Return inode, link count and owner:group mode of each media file below the folder, by path."""
    form = r"%i\t%n\t%U:%G %m\t%p\n"
    try:
        lines = demo.host.exec("find", folder, "-type", "f", "-name", "*.mkv", "-printf", form).splitlines()
    except BedError:  # a folder that was there when find read its parent, and is not any more
        return {}
    rows = [line.split("\t") for line in lines]
    return {path: (int(inode), int(links), rights) for inode, links, rights, path in rows}


def request(application: Application, resource: str, wish: dict[str, Any], root: str) -> dict[str, Any]:
    """Ask for a series or a film, as a request page does: look it up, add it, have it searched."""
    found = application.get(f"{resource}/lookup?term={wish['term']}")[0]
    search = "searchForMissingEpisodes" if resource == "series" else "searchForMovie"
    body = {
        **found,
        "qualityProfileId": application.named("qualityprofile", wish.get("profile", "Any"))["id"],
        "rootFolderPath": root,
        "monitored": True,
        "addOptions": {search: True, "monitor": "all" if resource == "series" else "movieOnly"},
    }
    added: dict[str, Any] = application.ask("POST", resource, body)
    return added


@pytest.mark.parametrize(
    ("name", "resource", "library", "wish", "category"),
    [
        ("sonarr", "series", "tv", SHOW, 5040),
        ("sonarr-4k", "series", "tv-4k", SHOW_4K, 5045),
        ("radarr", "movie", "movies", FILM, 2040),
    ],
)
def test_a_request_ends_in_the_library(
    demo: Demo,
    applications: dict[str, Application],
    figures: list[str],
    name: str,
    resource: str,
    library: str,
    wish: dict[str, Any],
    category: int,
) -> None:
    post(wish["release"], megabytes=12, category=category, attributes=wish["id"])
    begun = time.monotonic()
    request(applications[name], resource, wish, f"/data/media/{library}")
    seen: set[int] = set()

    def imported() -> dict[str, tuple[int, int, str]]:
        seen.update(inode for inode, _links, _rights in look(demo, "/data/usenet").values())
        return look(demo, f"/data/media/{library}")

    ((path, (inode, _links, rights)),) = wait_for(f"{name} has imported", imported, seconds=180, every=0.1).items()
    # The very file that NZBGet unpacked: it was moved within one file system, as upstream does with what came from
    # Usenet, and not copied.
    assert inode in seen
    assert rights == "1000:1000 664"
    folders = demo.host.exec("find", f"/data/media/{library}", "-type", "d", "-printf", "%U:%G %m\\n").split("\n")
    assert set(filter(None, folders)) == {"1000:1000 2775"}
    in_plex = wait_for(f"Plex lists {path}", lambda: listed(demo, library, path), seconds=30)
    figures.append(
        f"{name}: requested, found, fetched, imported as {path}, in Plex after {time.monotonic() - begun:.0f} s"
    )
    assert in_plex


def listed(demo: Demo, library: str, path: str) -> bool:
    """Tell whether the library of that folder in Plex has the file."""
    server = plex(demo)
    sections = server.get("library/sections")["MediaContainer"]["Directory"]
    keys = [item["key"] for item in sections if f"/data/media/{library}" in [at["path"] for at in item["Location"]]]
    assert len(keys) == 1, sections
    files = {"movies": 1}.get(library, 4)  # Plex's numbers for films and for episodes
    return path in str(server.get(f"library/sections/{keys[0]}/all?type={files}"))


@pytest.mark.parametrize(
    ("name", "command", "library", "release"),
    [
        ("sonarr", "DownloadedEpisodesScan", "tv", "Harbour.Lights.S01E02.1080p.WEB-DL.x264-BED"),
        ("sonarr-4k", "DownloadedEpisodesScan", "tv-4k", "The.Long.Orbit.S01E02.2160p.WEB-DL.x265-BED"),
        ("radarr", "DownloadedMoviesScan", "movies", "Night.Ferry.North.2025.1080p.WEB-DL.x264-BED"),
    ],
)
def test_an_import_that_leaves_the_download_is_a_hard_link(
    demo: Demo,
    applications: dict[str, Application],
    figures: list[str],
    name: str,
    command: str,
    library: str,
    release: str,
) -> None:
    """A download that nobody asked for, imported as a copy: the file is there once, and has two names."""
    fetched = post(release, megabytes=5)
    number = demo.fetch(fetched.name, fetched.nzb)  # of no category, so that no application takes it by itself
    wait_for(
        f"NZBGet has {release}",
        lambda: [item for item in demo.nzbget("history", False) if item["NZBID"] == number],
        seconds=120,
        every=0.3,
    )
    if name == "radarr":
        request(applications[name], "movie", {"term": "tmdb:910202"}, f"/data/media/{library}")
    before = look(demo, f"/data/media/{library}")
    ((download, (inode, links, _rights)),) = look(demo, f"/data/usenet/complete/{release}").items()
    assert links == 1
    folder = download.rpartition("/")[0]
    applications[name].ask("POST", "command", {"name": command, "path": folder, "importMode": "Copy"})

    def added() -> dict[str, tuple[int, int, str]]:
        now = look(demo, f"/data/media/{library}")
        return {path: now[path] for path in now if path not in before}

    ((path, (linked, links, rights)),) = wait_for(f"{name} has imported", added, seconds=60, every=0.2).items()
    assert (linked, links, rights) == (inode, 2, "1000:1000 664")
    assert look(demo, folder)[download][0] == inode
    figures.append(f"{name}: {path} is inode {inode}, link count 2, owner and mode {rights}")


def test_a_second_run_writes_nothing_to_any_application(
    demo: Demo, applications: dict[str, Application], figures: list[str]
) -> None:
    before = {name: len(application.writes()) for name, application in applications.items()}
    assert all(before.values()), "a log without a single write does not tell anything"
    run = play("site.yml")
    assert (run.code, run.changed) == (0, 0), run.output
    assert {name: len(application.writes()) for name, application in applications.items()} == before
    figures.append(f"second run: changed=0; write requests in the logs of {len(before)} applications: 0")


# Where nobody else is at work: seconds are what it is about.
@pytest.mark.long
def test_wiring_with_nothing_to_do_is_quick(demo: Demo, figures: list[str]) -> None:
    task = "homelab.media.stack : Keep what the services know of each other"
    runs = [told("site.yml").seconds[task] for _each in range(3)]
    figures.append(f"wiring all services with nothing to do: {', '.join(f'{run:.2f} s' for run in runs)}")
    assert sorted(runs)[1] < 5
