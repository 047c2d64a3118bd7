# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every answer of the Servarr stand-in against the OpenAPI file of the application that it plays."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.openapi import Undocumented, contract
from tests.contract.servarr_on_loopback import KINDS, StandIn

COMMON = (
    *("system/status", "health", "tag", "tag/detail", "downloadclient", "indexer", "notification", "customfilter"),
    *("downloadclient/schema", "indexer/schema", "notification/schema", "command", "config/host", "config/ui"),
    *("config/downloadclient", "system/task", "system/backup", "update", "history"),
)
ARR = (
    *("qualityprofile", "qualityprofile/schema", "qualitydefinition", "customformat", "customformat/schema"),
    *("rootfolder", "delayprofile", "releaseprofile", "remotepathmapping", "importlist", "importlist/schema"),
    *("config/mediamanagement", "config/naming", "config/indexer", "queue", "queue/status", "queue/details"),
    *("diskspace", "indexerflag", "wanted/missing", "wanted/cutoff", "blocklist", "metadata", "metadata/schema"),
    "language",
)
OWN = {
    "sonarr": ("series", "series/lookup?term=harbour", "config/importlist"),
    "radarr": ("movie", "movie/lookup?term=lighthouse", "config/metadata", "config/importlist"),
    "lidarr": ("artist", "album", "artist/lookup?term=glass", "metadataprofile", "metadataprofile/schema"),
    "readarr": ("author", "book", "author/lookup?term=northbank", "metadataprofile", "metadataprofile/schema"),
    "prowlarr": ("appprofile", "appprofile/schema", "applications", "applications/schema", "indexerproxy"),
}
MORE = {
    "lidarr": ("config/metadataprovider",),
    "readarr": ("config/metadataprovider", "config/development"),
    "prowlarr": ("indexerproxy/schema", "config/development", "indexerstatus", "indexerstats"),
}


@pytest.fixture(scope="module", params=sorted(KINDS))
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with StandIn(request.param, tmp_path_factory.mktemp(request.param)) as stand_in:
        yield stand_in


def paths_of(kind: str) -> tuple[str, ...]:
    return COMMON + (() if kind == "prowlarr" else ARR) + OWN[kind] + MORE.get(kind, ())


def path_of(app: StandIn, path: str) -> str:
    return f"/api/{KINDS[app.name][1]}/{path.partition('?')[0]}"


def bodies_of(app: StandIn, folder: Path) -> list[tuple[str, dict[str, Any]]]:
    """Return what can be created without anybody else."""
    client = {**app.schema("downloadclient", "Nzbget", "NZBGet"), "enable": False}
    made: list[tuple[str, dict[str, Any]]] = [("tag", {"label": "4k"}), ("downloadclient", client)]
    if app.kind == "prowlarr":
        lidarr = {**app.schema("applications", "Lidarr", "Lidarr", apiKey="k"), "syncLevel": "disabled"}
        indexer = app.schema("indexer", "Newznab", "N", baseUrl="http://127.0.0.1:9", apiKey="k")
        searches = {"enableRss": True, "enableAutomaticSearch": True, "enableInteractiveSearch": False}
        return [
            *made,
            ("applications", lidarr),
            ("indexer", {**indexer, "enable": False, "redirect": True, "appProfileId": 1}),
            ("appprofile", {"name": "Quiet", **searches, "minimumSeeders": 1}),
        ]
    root: dict[str, Any] = {"path": str(folder)}
    if app.kind in ("lidarr", "readarr"):
        root.update(name="Shelf", defaultQualityProfileId=1, defaultMetadataProfileId=1)
    condition = app.get("customformat/schema")[0]
    condition.update(name="c", fields=[{"name": "value", "value": "x265"}])
    never = {"enableRss": False, "enableAutomaticSearch": False, "enableInteractiveSearch": False}
    indexer = app.schema("indexer", "Newznab", "N", baseUrl="http://127.0.0.1:9", apiKey="k")
    plex = app.schema("notification", "PlexServer", "Plex", host="plex", authToken="t")
    profile = {**app.get("qualityprofile/schema"), "name": "Mine"}
    profile["items"][1]["allowed"] = True
    first = profile["items"][1]
    profile["cutoff"] = first.get("quality", {}).get("id") or first["id"]
    delay = {"enableUsenet": True, "preferredProtocol": "usenet", "usenetDelay": 5, "tags": [1]}
    return [
        *made,
        ("rootfolder", root),
        ("qualityprofile", profile),
        ("customformat", {"name": "Small", "specifications": [condition]}),
        ("delayprofile", delay),
        ("indexer", {**indexer, **never}),
        ("notification", plex),
        ("remotepathmapping", {"host": "h", "remotePath": "/r", "localPath": str(folder)}),
        ("releaseprofile", {"enabled": True, "required": ["x"], "ignored": [], "tags": []}),
    ]


def test_answers_keep_the_contract(app: StandIn) -> None:
    rules = contract(app.name)
    for path in paths_of(app.kind):
        answer = app.ask("GET", path)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        rules.check_answer("GET", path_of(app, path), 200, answer.json())


def test_what_is_made_changed_and_deleted_keeps_it_too(app: StandIn, tmp_path: Path) -> None:
    rules = contract(app.name)
    for path, body in bodies_of(app, tmp_path):
        rules.check_request("POST", path_of(app, path), body)
        made = app.ask("POST", path, body)
        assert made.status_code == 201, f"{path}: {made.text}"
        rules.check_answer("POST", path_of(app, path), 201, made.json())
        one = f"{path}/{made.json()['id']}"
        read = app.get(one)
        rules.check_answer("GET", path_of(app, one), 200, read)
        if path == "rootfolder" and app.kind in ("sonarr", "radarr"):
            assert app.ask("PUT", one, read).status_code == 405
        else:
            changed = app.ask("PUT", one, read, params={"forceSave": "true"})
            assert changed.status_code == 202, f"{path}: {changed.text}"
            rules.check_answer("PUT", path_of(app, one), 202, changed.json())
    for path, _body in reversed(bodies_of(app, tmp_path)):
        number = max(item["id"] for item in app.get(path))
        gone = app.ask("DELETE", f"{path}/{number}")
        assert (gone.status_code, gone.json()) == (200, {}), path


def test_settings_go_back_as_they_came(app: StandIn) -> None:
    rules = contract(app.name)
    for path in (path for path in paths_of(app.kind) if path.startswith("config/") and path != "config/host"):
        before = app.get(path)
        rules.check_request("PUT", path_of(app, f"{path}/1"), before)
        answer = app.ask("PUT", f"{path}/1", before)
        assert (answer.status_code, answer.json()) == (202, before), path


def test_the_check_can_fail(app: StandIn) -> None:
    """Controls: a property too many, a wrong type, a path that is not there."""
    rules, path = contract(app.name), path_of(app, "downloadclient/schema")
    good = app.get("downloadclient/schema")
    rules.check_answer("GET", path, 200, good)
    unknown, wrong = copy.deepcopy(good), copy.deepcopy(good)
    unknown[0]["sillyProperty"] = 1
    wrong[0]["fields"][0]["order"] = "first"
    for bad in (unknown, wrong, {"message": "no list"}):
        with pytest.raises(AssertionError, match="does not keep the contract"):
            rules.check_answer("GET", path, 200, bad)
    with pytest.raises(AssertionError, match="does not keep the contract"):
        rules.check_request("POST", path_of(app, "tag"), {"label": 4})
    with pytest.raises(Undocumented):
        rules.check_answer("GET", path_of(app, "nothing"), 200, [])
