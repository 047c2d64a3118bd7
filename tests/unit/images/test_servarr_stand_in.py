# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Servarr stand-in's own thinking: shapes of bodies, names, titles, settings of the environment."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.bed.shell import wait_for
from tests.images.servarr.stand_in import health, newznab, nzbget, prowlarr_sync, titles
from tests.images.servarr.stand_in.apps import APPS, app_named
from tests.images.servarr.stand_in.config_file import BrokenConfig, ConfigFile
from tests.images.servarr.stand_in.database import Database
from tests.images.servarr.stand_in.environment import listening, overrides
from tests.images.servarr.stand_in.errors import ApiError
from tests.images.servarr.stand_in.implementations import category_field, offered
from tests.images.servarr.stand_in.naming import rendered
from tests.images.servarr.stand_in.provider_shapes import is_enabled, supported
from tests.images.servarr.stand_in.qualities import blank_profile, qualities
from tests.images.servarr.stand_in.shapes import bind, shape, without_nulls

SONARR, RADARR, PROWLARR = APPS["Sonarr"], APPS["Radarr"], APPS["Prowlarr"]
SHAPE = shape("id=i name=s enable=b tags=[i] level=off|some|all size=n? when=t")


def test_what_is_left_out_becomes_its_default_and_the_unknown_is_dropped() -> None:
    bound = bind({"NAME": "x", "Level": "ALL", "nonsense": 1, "tags": None}, SHAPE)
    assert bound == {
        "id": 0,
        "name": "x",
        "enable": False,
        "tags": [],
        "level": "all",
        "size": None,
        "when": "0001-01-01T00:00:00Z",
    }
    assert without_nulls({"a": None, "b": [{"c": None}]}) == {"b": [{}]}


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"id": "1"}, "$.id"),
        ({"id": 1.5}, "$.id"),
        ({"enable": 1}, "$.enable"),
        ({"name": 4}, "$.name"),
        ({"tags": ["a"]}, "$.tags[0]"),
        ({"level": "every"}, "$.level"),
        ({"level": None}, "$.level"),
        ([], "$"),
    ],
)
def test_a_wrong_type_is_refused_with_its_place(body: Any, path: str) -> None:
    with pytest.raises(ApiError) as caught:
        bind(body, SHAPE)
    assert (caught.value.status, list(caught.value.body["errors"])) == (400, [path])


def test_the_environment_is_read_as_upstream_reads_it() -> None:
    environment = {
        "sonarr__auth__apikey": "k",
        "SONARR__AUTH__METHOD": "forms",
        "SONARR__AUTH__REQUIRED": "DisabledForLocalAddresses",
        "SONARR__SERVER__NOTHING": "1",
        "RADARR__SERVER__PORT": "1",
        "SONARR__SERVER__URLBASE": "",
        "PORT": "9",
    }
    assert overrides(environment, SONARR) == {"ApiKey": "k", "AuthenticationRequired": "DisabledForLocalAddresses"}
    assert listening(environment) == {"Port": "9"}
    assert overrides({"READARR__AUTH__METHOD": "External"}, APPS["Readarr"]) == {}
    assert overrides({"READARR__AUTH__METHOD": "External"}, APPS["Bookshelf"]) == {"AuthenticationMethod": "External"}
    with pytest.raises(ValueError, match="APP_NAME"):
        app_named("Whisparr")


def test_config_xml_lives(tmp_path: Path) -> None:
    file = tmp_path / "config.xml"
    config = ConfigFile(file, RADARR, {"Port": "1"})
    config.complete()
    first = file.read_text()
    config.complete()
    assert file.read_text() == first
    assert len(config.get("ApiKey")) == 32
    assert (config.get("Port"), "<Port>" in first) == ("1", False)
    file.write_text("<Other/>")
    with pytest.raises(BrokenConfig, match="invalid config file"):
        config.read()


def test_numbers_are_never_given_twice(tmp_path: Path) -> None:
    database = Database(tmp_path / "x.db")
    assert [database.add("tag", {"label": label})["id"] for label in "ab"] == [1, 2]
    database.delete("tag", 2)
    assert database.add("tag", {"label": "c"})["id"] == 3
    assert Database(tmp_path / "x.db").all("tag") == database.all("tag")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("{Series Title} - S{season:00}E{episode:00}", "Harbour Lights - S01E02"),
        ("{Series.Title}{ - Nothing}/x", "Harbour Lights/x"),
        ("{[Quality Full]} {Episode Title}", "[WEBDL-1080p] What - A+B!"),
        ("Season {season}", "Season 1"),
    ],
)
def test_names_are_filled_in(text: str, name: str) -> None:
    tokens = {"Series Title": "Harbour Lights", "Quality Full": "WEBDL-1080p", "Episode Title": "What: A/B?"}
    assert rendered(text, {**tokens, "season": 1, "episode": 2}) == name


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("The.Long.Orbit.S01E02.720p.HDTV-X", ("The.Long.Orbit", 1, [2])),
        ("A Show - s1e01e02 - b", ("A Show", 1, [1, 2])),
        ("A.Show.S02.1080p.WEB-DL", ("A.Show", 2, [])),
        ("A.Film.2024.1080p", None),
    ],
)
def test_episodes_are_read_from_titles(title: str, found: tuple[str, int, list[int]] | None) -> None:
    assert titles.episodes(title) == found


@pytest.mark.parametrize(
    ("app", "title", "name"),
    [
        ("Sonarr", "A.S01E01.1080p.WEB-DL.x264-G", "WEBDL-1080p"),
        ("Sonarr", "A.S01E01.2160p.WEBRip-G", "WEBRip-2160p"),
        ("Sonarr", "A.S01E01-G", "Unknown"),
        ("Radarr", "A.2024.1080p.BluRay.REMUX-G", "Remux-1080p"),
        ("Radarr", "A.2024.DVDRip-G", "DVD"),
        ("Lidarr", "A-B-2024-FLAC-G", "FLAC"),
        ("Readarr", "A - B (epub)", "EPUB"),
    ],
)
def test_quality_is_read_from_titles(app: str, title: str, name: str) -> None:
    assert titles.quality(APPS[app], title)["name"] == name


def test_titles_are_compared_without_articles_and_signs() -> None:
    assert titles.clean("The Paper & Lighthouse!") == titles.clean("paper.and.lighthouse") == "paperandlighthouse"
    assert titles.film("The.Paper.Lighthouse.2024.1080p") == ("The.Paper.Lighthouse", 2024)
    assert titles.group("A.2024.1080p-GRP.mkv") == "GRP"


@pytest.mark.parametrize(
    ("changed", "result"),
    [
        ({}, "completed"),
        ({"DeleteStatus": "MANUAL"}, ""),
        ({"ParStatus": "FAILURE"}, "failed"),
        ({"UnpackStatus": "SPACE"}, "warning"),
        ({"MoveStatus": "FAILURE"}, "warning"),
        ({"DeleteStatus": "DUPE"}, "failed"),
        ({"MarkStatus": "BAD"}, "failed"),
    ],
)
def test_nzbgets_history_is_understood(changed: dict[str, str], result: str) -> None:
    well = {f"{name}Status": "NONE" for name in ("Par", "Unpack", "Move", "Script", "Delete", "Mark")}
    assert nzbget.outcome({**well, **changed}) == result


def test_categories_end_at_the_first_gap() -> None:
    config = {"Category1.Name": "tv", "Category3.Name": "books", "DestDir": "${MainDir}/c", "MainDir": "/d"}
    assert nzbget.categories(config) == ["tv"]
    assert nzbget.folder_of(config, "tv") == "/d/c/tv"
    assert nzbget.folder_of({**config, "AppendCategoryDir": "no"}, "tv") == "/d/c"
    assert nzbget.folder_of({**config, "Category1.DestDir": "${MainDir}/own"}, "tv") == "/d/own"


def test_fields_are_converted_and_masked() -> None:
    offer = offered(SONARR, "downloadclient")["Nzbget"]
    given = [{"name": "PORT", "value": "7000"}, {"name": "password", "value": "********"}]
    settings = offer.settings(given, {"password": "stored", "host": "before"})
    assert (settings["port"], settings["password"], settings["host"]) == (7000, "stored", "localhost")
    shown = {field["name"]: field.get("value") for field in offer.json_fields(settings, SONARR)}
    assert shown["password"] == "********"
    assert [failure.property for failure in offer.failures({**settings, "host": "http://x"})] == ["Host"]
    assert category_field(RADARR) == "movieCategory"


def test_definitions_in_use() -> None:
    assert not is_enabled("notification", {"onGrab": False, "includeHealthWarnings": True})
    assert is_enabled("notification", {"onGrab": True})
    assert not is_enabled("applications", {"syncLevel": "disabled"})
    assert is_enabled("indexer", {"enableRss": False, "enableAutomaticSearch": True, "enableInteractiveSearch": False})
    taken = supported(SONARR, "PlexServer")
    assert (taken["onDownload"], taken["onGrab"], taken["onHealthIssue"]) == (True, False, False)


@pytest.mark.parametrize("name", ["Sonarr", "Radarr", "Lidarr", "Readarr"])
def test_a_blank_profile_has_every_quality_once(name: str) -> None:
    entries = blank_profile(APPS[name])["items"]
    found = [part["quality"]["id"] for entry in entries for part in (entry["items"] or [entry])]
    assert sorted(found) == sorted(quality["id"] for quality in qualities(APPS[name]))


def test_dates_go_there_and_back() -> None:
    text = newznab.rfc_date("2026-11-22T20:00:00Z")
    assert text == "Sun, 22 Nov 2026 20:00:00 +0000"


def test_a_synced_indexer_is_compared_but_for_its_key() -> None:
    def indexer(key: str, categories: list[int]) -> dict[str, Any]:
        searches = {"enableRss": True, "enableAutomaticSearch": True, "enableInteractiveSearch": True}
        fields = [{"name": "apiKey", "value": key}, {"name": "categories", "value": categories}]
        return {"name": "x", **searches, "priority": 25, "fields": fields}

    assert prowlarr_sync.same(indexer("********", [5000]), indexer("real", [5000]))
    assert not prowlarr_sync.same(indexer("real", [5000]), indexer("real", [5040]))


def test_who_did_not_answer_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "AGAIN", 0.01)
    program = SimpleNamespace(auth=SimpleNamespace(key="k" * 32), app=SONARR)
    looks = health.Health(cast("Any", program))
    answers = iter([[("IndexerStatusCheck", "error", "Indexers unavailable")], []])
    monkeypatch.setattr(looks, "_arr", lambda: next(answers))
    looks.refresh()
    assert [issue["source"] for issue in looks.issues] == ["IndexerStatusCheck"]
    wait_for("nothing is wrong any more", lambda: looks.issues == [], seconds=5)
