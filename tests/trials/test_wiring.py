# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the applications know of each other is put back when somebody changes it, and follows who is there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.bed.shell import wait_for
from tests.trials.applications import Application, all_servarr, plex
from tests.trials.demo import Demo
from tests.trials.play import play, told


@pytest.fixture(scope="module")
def applications(demo: Demo) -> dict[str, Application]:
    return all_servarr(demo)


def test_ten_changes_behind_its_back(demo: Demo, applications: dict[str, Application], figures: list[str]) -> None:
    sonarr, radarr, lidarr = applications["sonarr"], applications["radarr"], applications["lidarr"]
    books, prowlarr, server = applications["bookshelf"], applications["prowlarr"], plex(demo)
    folder = next(item for item in lidarr.get("rootfolder") if item["path"].rstrip("/") == "/data/media/music")
    lidarr.ask("DELETE", f"rootfolder/{folder['id']}")
    sonarr.set_field("downloadclient", "NZBGet", host="localhost")
    prowlarr.delete("applications", "radarr")
    demo.host.exec("sh", "-c", "printf 00000000000000000000000000000000 > /opt/media/secrets/sonarr_4k_api_key")
    sonarr.change("config/mediamanagement", copyUsingHardlinks=False)
    radarr.change("config/naming", renameMovies=False)
    radarr.delete("notification", "Plex")
    books.delete("downloadclient", "NZBGet")
    lidarr.change("config/host", username="somebody")
    section = next(
        item for item in server.get("library/sections")["MediaContainer"]["Directory"] if item["title"] == "Music"
    )
    server.ask("PUT", f"library/sections/{section['key']}?name=Noise&agent={section['agent']}")
    expected = [
        r"^lidarr: .*rootfolder.*/data/media/music",
        r"^sonarr: .*downloadclient.*NZBGet.*host",
        r"^prowlarr: .*applications.*radarr",
        r"^/opt/media/secrets/sonarr_4k_api_key: ",
        r"^sonarr: .*mediamanagement.*copyUsingHardlinks",
        r"^radarr: .*naming.*renameMovies",
        r"^radarr: .*notification.*Plex",
        r"^bookshelf: .*downloadclient.*NZBGet",
        r"^lidarr: .*host.*username",
        r"^Plex library Music: name",
    ]
    asked = {name: application.writes() for name, application in applications.items() if name != "sonarr-4k"}
    announced = told("site.yml", "--check", "--diff")
    assert announced.code == 0, announced.failed
    for pattern in expected:
        assert len([line for line in announced.changes if re.search(pattern, line)]) == 1, (pattern, announced.changes)
    assert len(announced.changes) == len(expected), announced.changes
    assert {name: applications[name].writes() for name in asked} == asked, "check mode wrote"
    done = told("site.yml")
    assert done.code == 0, done.failed
    assert done.changes == announced.changes
    again = told("site.yml")
    assert (again.code, again.changes) == (0, []), again.changes
    figures.append("ten changes behind its back: all announced, nothing else; put right by one run; the next: none")


@contextmanager
def faults(demo: Demo, **given: dict[str, object]) -> Iterator[None]:
    """Let the stand-ins fail as told, each by a file in its state folder."""
    paths = {name: f"/opt/media/state/{name.replace('_', '-')}/stand-in-faults.json" for name in given}
    for name, fault in given.items():
        demo.host.exec("sh", "-c", f"cat > {paths[name]} <<'END'\n{json.dumps(fault)}\nEND")
    try:
        yield
    finally:
        demo.host.exec("rm", "--force", *paths.values())


def test_an_application_that_fails_is_named_and_the_others_are_wired(
    demo: Demo, applications: dict[str, Application], figures: list[str]
) -> None:
    # Something to do for each, so that each meets its fault; and for one that is well.
    applications["prowlarr"].delete("applications", "radarr")
    for name in ("radarr", "sonarr-4k"):
        applications[name].change("config/mediamanagement", copyUsingHardlinks=False)
    with faults(
        demo,
        sonarr={"status": 401, "paths": ["/api/"]},
        sonarr_4k={"status": 409, "paths": ["/api/v3/config/mediamanagement"], "methods": ["PUT"]},
        radarr={"status": 500, "paths": ["/api/v3/config/mediamanagement"], "methods": ["PUT"]},
        lidarr={"rubbish": True, "paths": ["/api/"]},
        bookshelf={"status": 503, "paths": ["/api/"]},
    ):
        failed = told("site.yml", "--tags", "wire", variables={"arr_timeout": 5})
    assert failed.code != 0
    for name in ("sonarr", "sonarr-4k", "radarr", "lidarr", "bookshelf"):
        assert re.search(rf"\b{name}\b[:.]", failed.failed), (name, failed.failed)
    assert "sonarr_api_key" in failed.failed  # which key was refused
    assert applications["prowlarr"].named("applications", "radarr")
    figures.append(f"five applications that fail in five ways: {len(failed.failed.splitlines())} lines, Prowlarr wired")
    demo.inner("pause", demo.name("sonarr"))
    try:
        slow = told("site.yml", "--tags", "wire", variables={"arr_timeout": 5})
    finally:
        demo.inner("unpause", demo.name("sonarr"))
    assert slow.code != 0
    assert "sonarr" in slow.failed
    assert applications["radarr"].get("config/mediamanagement")["copyUsingHardlinks"] is True
    wait_for("sonarr answers", lambda: applications["sonarr"].get("tag") is not None, seconds=30)
    assert play("site.yml").code == 0
    assert play("site.yml").changed == 0
