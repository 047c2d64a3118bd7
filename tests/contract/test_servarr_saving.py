# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the Servarr stand-in refuses to save, what it keeps, and what it hides."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.servarr_on_loopback import KEY, StandIn, free_port, until
from tests.contract.usenet_on_loopback import ACCOUNT, Downloader, Usenet
from tests.contract.usenet_on_loopback import KEY as INDEXER_KEY


@pytest.fixture(scope="module")
def sonarr(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with StandIn("Sonarr", tmp_path_factory.mktemp("sonarr")) as app:
        yield app


@pytest.fixture(scope="module")
def prowlarr(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with StandIn("Prowlarr", tmp_path_factory.mktemp("prowlarr")) as app:
        yield app


@pytest.fixture(scope="module")
def usenet() -> Iterator[Usenet]:
    site = Usenet()
    yield site
    site.close()


@pytest.fixture(scope="module")
def nzbget(usenet: Usenet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Downloader]:
    server = Downloader(tmp_path_factory.mktemp("nzbget") / "usenet", usenet.news.server_address[1])
    yield server
    server.stop()


def client(app: StandIn, listening: int, **changed: Any) -> dict[str, Any]:
    values = {
        "host": "127.0.0.1",
        "port": listening,
        "username": ACCOUNT[0],
        "password": ACCOUNT[1],
        "tvCategory": "tv",
    }
    return app.schema("downloadclient", "Nzbget", "NZBGet", **{**values, **changed})


def told(answer: Any) -> list[tuple[str, bool]]:
    assert answer.status_code == 400, answer.text
    return [(failure["propertyName"], failure["isWarning"]) for failure in answer.json()]


def fields(resource: dict[str, Any]) -> dict[str, Any]:
    return {field["name"]: field.get("value") for field in resource["fields"]}


@pytest.mark.parametrize(
    ("changed", "property"),
    [
        ({"password": "wrong"}, "Username"),
        ({"password": ""}, "Password"),
        ({"tvCategory": "TV"}, "TvCategory"),
        ({"port": 0}, "Port"),
        ({"host": "http://127.0.0.1"}, "Host"),
        ({"host": ""}, "Host"),
    ],
)
def test_a_download_client_is_tested_by_connecting(
    sonarr: StandIn, nzbget: Downloader, changed: dict[str, Any], property: str
) -> None:
    body = client(sonarr, nzbget.port, **changed)
    for path in ("downloadclient", "downloadclient/test", "downloadclient?forceSave=true"):
        assert told(sonarr.ask("POST", path, body)) == [(property, False)]
    assert sonarr.get("downloadclient") == []


def test_a_client_lives_its_life(sonarr: StandIn, nzbget: Downloader) -> None:
    dead = client(sonarr, free_port())
    assert told(sonarr.ask("POST", "downloadclient", dead)) == [("Host", False)]
    warned = client(sonarr, nzbget.port, tvCategory="")
    assert told(sonarr.ask("POST", "downloadclient", warned)) == [("TvCategory", True)]
    made = sonarr.ask("POST", "downloadclient", client(sonarr, nzbget.port))
    assert made.status_code == 201, made.text
    stored = made.json()
    assert fields(stored)["password"] == "********"
    assert told(sonarr.ask("POST", "downloadclient", {**client(sonarr, nzbget.port), "name": "nzbGET"})) == [
        ("Name", False)
    ]
    # The mask keeps the stored password: the test passes with it.
    assert sonarr.ask("PUT", "downloadclient/1", {**stored, "priority": 3}).status_code == 202
    # A field that is left out becomes its default, which is no longer this server's port and account.
    short = {**stored, "fields": [field for field in stored["fields"] if field["name"] != "port"]}
    assert fields(sonarr.ask("PUT", "downloadclient/1?forceSave=true", short).json())["port"] == 6789
    # Nothing differs, so nothing is tested: the port is the wrong one still.
    again = sonarr.get("downloadclient/1")
    assert sonarr.ask("PUT", "downloadclient/1", again).status_code == 202
    assert told(sonarr.ask("PUT", "downloadclient/1", {**again, "priority": 4})) == [("Host", False)]
    results = sonarr.ask("POST", "downloadclient/testall")
    assert (results.status_code, [result["id"] for result in results.json() if not result["isValid"]]) == (400, [1])
    until(
        lambda: any(issue["type"] == "error" and "NZBGet" in issue["message"] for issue in sonarr.get("health")),
        "health",
    )
    partial = {"id": 1, "name": "NZBGet", "implementation": "Nzbget", "configContract": "NzbgetSettings", "priority": 1}
    reset = sonarr.ask("PUT", "downloadclient/1", partial).json()
    assert (reset["enable"], reset["removeCompletedDownloads"]) == (False, False)
    assert sonarr.ask("PUT", "downloadclient/77", {**partial, "id": 77, "name": "Other"}).status_code == 404
    assert sonarr.ask("DELETE", "downloadclient/1").json() == {}


def test_the_user_is_hashed_and_the_hash_may_come_back(sonarr: StandIn) -> None:
    host = sonarr.get("config/host")
    twice = {"username": "Admin", "password": "first", "passwordConfirmation": "first"}
    assert told(sonarr.ask("PUT", "config/host/1", {**host, **twice, "passwordConfirmation": "other"})) == [
        ("PasswordConfirmation", False)
    ]
    stored = sonarr.ask("PUT", "config/host/1", {**host, **twice}).json()
    assert (stored["username"], stored["passwordConfirmation"]) == ("admin", "")
    assert "first" not in stored["password"]
    same = sonarr.ask("PUT", "config/host/1", stored).json()
    assert same["password"] == stored["password"]
    # The same password again is hashed again.
    again = sonarr.ask("PUT", "config/host/1", {**stored, **twice}).json()
    assert again["password"] != stored["password"]


@pytest.mark.parametrize(
    ("path", "changed", "property"),
    [
        ("config/mediamanagement", {"minimumFreeSpaceWhenImporting": 50}, "MinimumFreeSpaceWhenImporting"),
        ("config/mediamanagement", {"recycleBin": "/no/such/folder"}, "RecycleBin"),
        ("config/mediamanagement", {"setPermissionsLinux": True, "chmodFolder": "rwx"}, "ChmodFolder"),
        ("config/naming", {"seriesFolderFormat": "{Series Titl}"}, "SeriesFolderFormat"),
        ("config/naming", {"standardEpisodeFormat": "{Series Title} {season:00"}, "StandardEpisodeFormat"),
        ("config/host", {"port": 0}, "Port"),
        ("config/host", {"instanceName": "Television"}, "InstanceName"),
        ("config/indexer", {"rssSyncInterval": 5}, "RssSyncInterval"),
    ],
)
def test_bad_settings_are_refused(sonarr: StandIn, path: str, changed: dict[str, Any], property: str) -> None:
    before = sonarr.get(path)
    answer = sonarr.ask("PUT", f"{path}/1", {**before, **changed})
    assert (property, False) in told(answer)
    assert sonarr.get(path) == before


def test_root_folders_and_tags(sonarr: StandIn, tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert told(sonarr.ask("POST", "rootfolder", {"path": str(missing)})) == [("Path", False)]
    made = sonarr.ask("POST", "rootfolder", {"path": f"{tmp_path}/"})
    assert (made.status_code, made.json()["path"], made.json()["accessible"]) == (201, str(tmp_path), True)
    assert told(sonarr.ask("POST", "rootfolder", {"path": str(tmp_path)})) == [("Path", False)]
    first, second = (sonarr.ask("POST", "tag", {"label": label}) for label in ("Kids", "kids"))
    assert (first.status_code, second.status_code, first.json()) == (201, 201, second.json())
    assert first.json()["label"] == "kids"


def test_profiles_and_formats_belong_together(sonarr: StandIn) -> None:
    profile = sonarr.get("qualityprofile")[0]

    def refused(**changed: Any) -> list[tuple[str, bool]]:
        return told(sonarr.ask("PUT", f"qualityprofile/{profile['id']}", {**profile, **changed}))

    assert refused(cutoff=19) == [("Cutoff", False)]
    assert refused(items=profile["items"][1:]) == [("Items", False)]
    assert refused(name="SD") == [("Name", False)]
    assert refused(formatItems=[{"format": 9, "score": 1}]) == [("FormatItems", False)]
    condition: dict[str, Any] = {"name": "c", "implementation": "ReleaseTitleSpecification", "fields": []}
    wanted: dict[str, Any] = {"name": "x265"}
    assert told(sonarr.ask("POST", "customformat", wanted)) == [("Specifications", False)]
    wanted["specifications"] = [condition]
    assert told(sonarr.ask("POST", "customformat", wanted)) == [("Value", False)]
    condition["fields"] = [{"name": "value", "value": "x265"}]
    made = sonarr.ask("POST", "customformat", wanted)
    assert made.status_code == 201, made.text
    # From now on every profile has a score for it, and needs one.
    assert refused() == [("FormatItems", False)]
    assert [item["name"] for item in sonarr.get(f"qualityprofile/{profile['id']}")["formatItems"]] == ["x265"]
    sonarr.ask("DELETE", f"customformat/{made.json()['id']}")
    assert sonarr.ask("PUT", f"qualityprofile/{profile['id']}", profile).json() == profile


def test_a_tag_in_use_stays(sonarr: StandIn) -> None:
    tag = sonarr.ask("POST", "tag", {"label": "worn"}).json()
    body = {**sonarr.schema("downloadclient", "Deluge", "Deluge"), "enable": False, "tags": [tag["id"]]}
    made = sonarr.ask("POST", "downloadclient", body)
    assert made.status_code == 201, made.text
    assert sonarr.ask("DELETE", f"tag/{tag['id']}").status_code == 409
    sonarr.ask("DELETE", f"downloadclient/{made.json()['id']}")
    assert sonarr.ask("DELETE", f"tag/{tag['id']}").status_code == 200


def test_delay_profiles(sonarr: StandIn) -> None:
    first = sonarr.get("delayprofile/1")
    assert told(sonarr.ask("POST", "delayprofile", {**first, "id": 0})) == [("Tags", False)]
    assert sonarr.ask("DELETE", "delayprofile/1").status_code == 405
    both = {"enableUsenet": False, "enableTorrent": False}
    assert told(sonarr.ask("PUT", "delayprofile/1", {**first, **both})) == [("", False)]


def test_books_show_their_secrets(tmp_path: Path, nzbget: Downloader) -> None:
    with StandIn("Bookshelf", tmp_path) as books:
        body = books.schema(
            "downloadclient",
            "Nzbget",
            "NZBGet",
            host="127.0.0.1",
            port=nzbget.port,
            username=ACCOUNT[0],
            password=ACCOUNT[1],
            musicCategory="books",
        )
        assert fields(books.ask("POST", "downloadclient", body).json())["password"] == ACCOUNT[1]


def test_an_application_has_to_be_reached_and_to_reach_back(prowlarr: StandIn, sonarr: StandIn) -> None:
    def body(**changed: str) -> dict[str, Any]:
        values = {"prowlarrUrl": prowlarr.url, "baseUrl": sonarr.url, "apiKey": KEY, **changed}
        return prowlarr.schema("applications", "Sonarr", "Sonarr", **values)

    nobody = f"http://127.0.0.1:{free_port()}"
    for changed, property in (
        ({"apiKey": "wrong"}, "ApiKey"),
        ({"prowlarrUrl": nobody}, "ProwlarrUrl"),
        ({"baseUrl": nobody}, "BaseUrl"),
        ({"baseUrl": f"{sonarr.url}/base"}, "BaseUrl"),
    ):
        assert told(prowlarr.ask("POST", "applications", body(**changed))) == [(property, False)]
    down = {**body(baseUrl=nobody), "syncLevel": "disabled"}
    made = prowlarr.ask("POST", "applications", down)
    assert made.status_code == 201
    on = {**made.json(), "syncLevel": "fullSync"}
    assert told(prowlarr.ask("PUT", "applications/1", on)) == [("BaseUrl", False)]
    assert prowlarr.ask("PUT", "applications/1?forceSave=true", on).status_code == 202
    # Unchanged, and tested all the same.
    assert told(prowlarr.ask("PUT", "applications/1", prowlarr.get("applications/1"))) == [("BaseUrl", False)]


def test_an_indexer_is_synced_changed_and_taken_away(prowlarr: StandIn, sonarr: StandIn, usenet: Usenet) -> None:
    def body(**changed: Any) -> dict[str, Any]:
        entry = prowlarr.schema("indexer", "Newznab", "One", baseUrl=usenet.url, apiKey=INDEXER_KEY)
        return {**entry, "enable": True, "redirect": True, "appProfileId": 1, **changed}

    def names() -> list[str]:
        return [indexer["name"] for indexer in sonarr.get("indexer")]

    application = prowlarr.get("applications")[0]
    for field in application["fields"]:
        if field["name"] == "baseUrl":
            field["value"] = sonarr.url
    assert prowlarr.ask("PUT", "applications/1", application).status_code == 202
    assert told(prowlarr.ask("POST", "indexer", body(redirect=False))) == [("Redirect", False)]
    assert told(prowlarr.ask("POST", "indexer", body(appProfileId=9))) == [("AppProfileId", False)]
    wrong = prowlarr.schema("indexer", "Newznab", "One", baseUrl=usenet.url, apiKey="wrong")
    assert told(prowlarr.ask("POST", "indexer", {**wrong, "enable": True, "redirect": True, "appProfileId": 1})) == [
        ("ApiKey", False)
    ]
    made = prowlarr.ask("POST", "indexer", body())
    assert made.status_code == 201, made.text
    until(lambda: names() == ["One (Prowlarr)"], lambda: f"it is in Sonarr: {prowlarr.log()}")
    prowlarr.ask("PUT", "indexer/1", {**made.json(), "name": "Two"})
    until(lambda: names() == ["Two (Prowlarr)"], "it has the new name")
    # Prowlarr puts back what somebody deletes there.
    sonarr.ask("DELETE", "indexer/1")
    prowlarr.run_command("ApplicationIndexerSync", forceSync=True)
    assert names() == ["Two (Prowlarr)"]
    prowlarr.ask("DELETE", "indexer/1")
    until(lambda: names() == [], "it is gone from Sonarr")
