# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every request of module servarr, and what Prowlarr asks because of it, against the applications' OpenAPI files.

The download client is the real NZBGet, so that what is saved has been tested by a connection.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.modules import servarr

from tests.contract.openapi_requests import FILES, FOLDER, Contract
from tests.programs.plugins.modules.test_nzbget_config import SECRETS, Program
from tests.programs.servarr_stand_in import StandIn
from tests.unit.run_module import run_module

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="needs the folder ../shared/contracts beside the project")

CATEGORY = {"sonarr": "tvCategory", "radarr": "movieCategory", "lidarr": "musicCategory", "bookshelf": "musicCategory"}
ROOT: dict[str, dict[str, Any]] = {
    "sonarr": {},
    "radarr": {},
    "lidarr": {"name": "Music", "defaultQualityProfileId": "Any", "defaultMetadataProfileId": "Standard"},
    "bookshelf": {"name": "Books", "defaultQualityProfileId": "eBook", "defaultMetadataProfileId": "Standard"},
}
QUALITIES: dict[str, list[Any]] = {
    "sonarr": ["Bluray-1080p", {"name": "WEB 1080p", "qualities": ["WEBDL-1080p", "WEBRip-1080p"]}],
    "radarr": ["Bluray-1080p", {"name": "WEB 1080p", "qualities": ["WEBDL-1080p", "WEBRip-1080p"]}],
    "lidarr": ["FLAC"],
    "bookshelf": ["EPUB"],
}


class Suite:
    """All five applications, and everything that this collection declares for them, and some more."""

    def __init__(self, folder: Path, nzbget: Program) -> None:
        self.folder, self.nzbget = folder, nzbget
        self.applications = {kind: StandIn(folder, kind) for kind in FILES}
        self.contracts = {kind: Contract(kind) for kind in FILES}
        self.complaints: list[str] = []
        self.methods: set[str] = set()
        for name, text in (("password", "sign-in"), ("nzbget", SECRETS["nzbget_password"]), ("digest_key", "k" * 32)):
            (folder / name).write_text(text)

    def resources(self, kind: str) -> dict[str, list[Any]]:
        if kind == "prowlarr":
            return {"appprofile": [self.profile()], "applications": [self.application(each) for each in CATEGORY]}
        folder = self.folder / f"{kind}-media"
        folder.mkdir(exist_ok=True)
        found: dict[str, list[Any]] = {
            "tag": ["4k", "old"],
            "rootfolder": [{"path": str(folder), **ROOT[kind]}],
            # An empty category is something that an application only warns of.
            "downloadclient": [self.client(kind), self.client(kind, "Plain", "")],
            "delayprofile": [{"tags": ["4k"], "usenetDelay": 30}],
            "remotepathmapping": [{"host": "elsewhere", "remotePath": "/far", "localPath": str(folder)}],
            "customformat": [
                {
                    "name": "Remaster",
                    "specifications": [
                        {"name": "title", "implementation": "ReleaseTitleSpecification", "fields": {"value": "x"}}
                    ],
                }
            ],
            "qualityprofile": [
                {
                    "name": "Mine",
                    "upgradeAllowed": True,
                    "cutoff": "WEB 1080p" if kind in ("sonarr", "radarr") else QUALITIES[kind][0],
                    "qualities": QUALITIES[kind],
                    "formats": {"Remaster": 25},
                }
            ],
        }
        if kind in ("sonarr", "radarr"):
            found["releaseprofile"] = [{"name": "No cams", "ignored": ["cam"], "tags": ["4k"]}]
        if kind == "lidarr":
            types = {"primaryAlbumTypes": ["Album", "EP"], "secondaryAlbumTypes": ["Studio"]}
            found["metadataprofile"] = [{"name": "Mine", **types, "releaseStatuses": ["Official"]}]
        return found

    def profile(self) -> dict[str, Any]:
        return {"name": "Quiet", "enableRss": False, "enableAutomaticSearch": True, "enableInteractiveSearch": True}

    def application(self, kind: str) -> dict[str, Any]:
        target, own = self.applications[kind], self.applications["prowlarr"]
        return {
            "name": kind,
            "implementation": "Readarr" if kind == "bookshelf" else kind.capitalize(),
            "syncLevel": "fullSync",
            "fields": {"prowlarrUrl": own.url, "baseUrl": target.url},
            "secret_fields": {"apiKey": str(target.key_file)},
        }

    def client(self, kind: str, name: str = "NZBGet", category: str = "tv") -> dict[str, Any]:
        return {
            "name": name,
            "implementation": "Nzbget",
            "enable": True,
            "tags": ["4k"],
            "fields": {"host": "127.0.0.1", "port": self.nzbget.port, "username": "nzbget", CATEGORY[kind]: category},
            "secret_fields": {"password": str(self.folder / "nzbget")},
        }

    def run(self, *, empty: bool = False) -> dict[str, Any]:
        declared = []
        for kind, application in self.applications.items():
            settings = {"host": {"username": "admin", "logLevel": "warn"}}
            if kind != "prowlarr":
                settings["mediamanagement"] = {"setPermissionsLinux": True, "minimumFreeSpaceWhenImporting": 200}
                settings["downloadclient"] = {"enableCompletedDownloadHandling": True, "autoRedownloadFailed": False}
            declared.append(
                {
                    "name": kind,
                    "kind": kind,
                    "url": application.url,
                    "api_key_file": str(application.key_file),
                    "password_file": str(self.folder / "password"),
                    "settings": settings,
                    "resources": {} if empty else self.resources(kind),
                }
            )
        arguments = {
            "applications": declared,
            "ledger": str(self.folder / "wired.json"),
            "ledger_key_file": str(self.folder / "digest_key"),
        }
        for application in self.applications.values():
            application.forget()
        answer = run_module(servarr.main, arguments)
        assert not answer.get("failed"), answer["msg"]
        self.check()
        return answer

    def check(self) -> None:
        """Collect what the OpenAPI files have against what was asked in this run."""
        for kind, application in self.applications.items():
            requests = [line for line in application.requests() if line["path"].startswith("/api/")]
            assert requests
            self.methods |= {line["method"] for line in requests}
            for line in requests:
                self.complaints += [f"{kind}: {complaint}" for complaint in self.contracts[kind].complaints(line)]


@pytest.fixture
def suite(tmp_path: Path) -> Iterator[Suite]:
    nzbget = Program(tmp_path)
    suite = Suite(tmp_path, nzbget)
    try:
        nzbget.seed()
        nzbget.start()
        for application in suite.applications.values():
            application.start()
        for application in suite.applications.values():
            application.wait()
        yield suite
    finally:
        nzbget.stop()
        for application in suite.applications.values():
            application.stop()


def test_every_request_is_one_that_the_application_knows(suite: Suite) -> None:
    """Making everything, finding nothing to do, putting everything right, and taking it all away again."""
    assert suite.run()["changed"]
    assert suite.run()["diff"] == []
    drift(suite)
    assert suite.run()["changed"]
    assert suite.run()["diff"] == []
    assert suite.run(empty=True)["changed"]
    assert suite.complaints == []
    assert suite.methods == {"GET", "POST", "PUT", "DELETE"}


def drift(suite: Suite) -> None:
    for kind, application in suite.applications.items():
        host = application.ask("GET", "config/host")
        application.ask("PUT", "config/host/1", {**host, "logLevel": "debug"})
        if kind == "prowlarr":
            application.change("applications", "sonarr", syncLevel="addOnly")
            continue
        application.change("downloadclient", "NZBGet", {"port": 1})
        application.change("qualityprofile", "Mine", upgradeAllowed=False)
        application.change("customformat", "Remaster", name="Renamed")


def test_a_password_that_was_changed_in_an_application_is_put_right(suite: Suite) -> None:
    """NZBGet refuses the stored one, the application complains, and the declared one is tested and written.

    Bookshelf shows what it has, so that no complaint is needed.
    """
    suite.run()
    sonarr = suite.applications["sonarr"]
    for application in (sonarr, suite.applications["bookshelf"]):
        application.change("downloadclient", "NZBGet", {"password": "wrong"})
    deadline = time.monotonic() + 10
    while not any(entry["source"] == "DownloadClientCheck" for entry in sonarr.ask("GET", "health")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    told = [entry["before_header"] for entry in suite.run()["diff"]]
    assert told == ["sonarr: downloadclient NZBGet: password", "bookshelf: downloadclient NZBGet: password"]
    assert suite.run()["diff"] == []
    assert suite.complaints == []


GOOD = {"method": "POST", "path": "/api/v3/tag", "query": "", "request": {"label": "4k"}}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, []),
        ({"path": "/api/v3/tags"}, ["POST /api/v3/tags: no such operation"]),
        ({"method": "PATCH"}, ["PATCH /api/v3/tag: no such operation"]),
        ({"query": "forceSave=true"}, ["POST /api/v3/tag: no parameter forceSave"]),
        ({"request": {"label": 4}}, ["POST /api/v3/tag: $.label: "]),
        ({"request": {"lable": "4k"}}, ["POST /api/v3/tag: $: Additional properties are not allowed"]),
        ({"method": "GET"}, ["GET /api/v3/tag: has a body"]),
    ],
)
def test_a_wrong_request_is_complained_of(change: dict[str, Any], told: list[str]) -> None:
    found = Contract("sonarr").complaints({**GOOD, **change})
    assert len(found) == len(told)
    for complaint, start in zip(found, told, strict=True):
        assert complaint.startswith(start)
