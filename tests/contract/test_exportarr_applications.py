# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in for Exportarr before the stand-ins of the applications: every question is answered there."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.exportarr_on_loopback import Series, exportarr, scrape, series_of
from tests.contract.openapi import check_exchanges, contract
from tests.contract.servarr_on_loopback import KEY, KINDS, StandIn, until

NAMES = ("Sonarr", "Radarr", "Lidarr", "Readarr", "Prowlarr")
SHOW = {"tvdbId": 900101, "title": "Harbour Lights", "seasons": []}
FILM = {"tmdbId": 910201, "title": "The Paper Lighthouse", "minimumAvailability": "released"}
WORKS: dict[str, tuple[str, dict[str, Any], str, int]] = {
    "Sonarr": ("series", SHOW, "sonarr_episode_missing_total", 5),
    "Radarr": ("movie", FILM, "radarr_movie_total", 1),
    "Lidarr": ("artist", {}, "lidarr_albums_total", 1),
    "Readarr": ("author", {}, "readarr_book_total", 1),
}
# How many names there are at least, with nothing in the library and the queue.
FAMILIES = {"Sonarr": 18, "Radarr": 13, "Lidarr": 12, "Readarr": 15, "Prowlarr": 6}


@pytest.fixture(scope="module", params=NAMES)
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with StandIn(request.param, tmp_path_factory.mktemp(request.param)) as stand_in:
        yield stand_in


def value(series: Series, name: str, **labels: str) -> float | None:
    fitting = [number for key, number in series.items() if key[0] == name and set(labels.items()) <= set(key[1])]
    return fitting[0] if fitting else None


def test_a_new_application_is_told_of(app: StandIn) -> None:
    with exportarr(app.kind, app.url, ENABLE_ADDITIONAL_METRICS="true", ENABLE_UNKNOWN_QUEUE_ITEMS="true") as address:
        told = scrape(address)
    assert told.status_code == 200, told.text
    series = series_of(told.text)
    assert value(series, f"{app.kind}_system_status", url=app.url) == 1
    assert value(series, f"{app.kind}_history_total") == 0
    assert len({name for name, _labels in series}) >= FAMILIES[app.name]
    assert all(dict(labels).get("url") == app.url for name, labels in series if name != "exportarr_app_info")


def test_its_health_is_told(app: StandIn) -> None:
    until(lambda: app.get("health"), lambda: "an application without indexers is not well")
    with exportarr(app.kind, app.url) as address:
        series = series_of(scrape(address).text)
    told = [dict(labels) for name, labels in series if name == f"{app.kind}_system_health_issues"]
    assert {issue["message"] for issue in app.get("health")} == {labels["message"] for labels in told}


@pytest.mark.parametrize("app", sorted(WORKS), indirect=True)
def test_a_work_is_counted(app: StandIn, tmp_path: Path) -> None:
    path, body, name, count = WORKS[app.name]
    root: dict[str, Any] = {"path": str(tmp_path)}
    if app.name in ("Lidarr", "Readarr"):
        root.update(name="Shelf", defaultQualityProfileId=1, defaultMetadataProfileId=1)
    assert app.ask("POST", "rootfolder", root).status_code == 201
    if not body:
        term = "glass" if app.name == "Lidarr" else "northbank"
        found = app.get(f"{path}/lookup?term={term}")[0]
        body = {**found, "metadataProfileId": 1}
    more = {"qualityProfileId": 1, "rootFolderPath": str(tmp_path), "monitored": True}
    made = app.ask("POST", path, {**body, **more})
    assert made.status_code == 201, made.text
    with exportarr(app.kind, app.url, ENABLE_ADDITIONAL_METRICS="true") as address:
        series = series_of(scrape(address).text)
    assert value(series, name) == count
    assert value(series, f"{app.kind}_rootfolder_freespace_bytes", path=str(tmp_path))


@pytest.mark.parametrize("app", ["Prowlarr"], indirect=True)
def test_an_indexer_is_counted_with_what_was_asked_of_it(app: StandIn) -> None:
    indexer = app.schema("indexer", "Newznab", "Nobody", baseUrl="http://127.0.0.1:9", apiKey="k")
    made = app.ask("POST", "indexer", {**indexer, "enable": False, "redirect": True, "appProfileId": 1})
    assert made.status_code == 201, made.text
    whole = {**made.json(), "enable": True}
    changed = app.ask("PUT", f"indexer/{whole['id']}", whole, params={"forceSave": "true"})
    assert changed.status_code == 202, changed.text
    with exportarr(app.kind, app.url, PROWLARR__BACKFILL="true") as address:
        place = f"{app.url}/{whole['id']}/api"
        asked = app.session.get(place, params={"t": "search", "q": "x", "apikey": KEY}, timeout=10)
        assert asked.status_code == 502
        series = series_of(scrape(address).text)
    assert value(series, "prowlarr_indexer_total") == 1
    assert value(series, "prowlarr_indexer_enabled_total") == 1
    assert value(series, "prowlarr_indexer_queries_total", indexer="Nobody") == 1
    assert value(series, "prowlarr_indexer_failed_queries_total", indexer="Nobody") == 1
    assert value(series, "prowlarr_user_agent_queries_total", user_agent="python-requests") == 1


def test_all_of_it_kept_the_contract(app: StandIn) -> None:
    contract(app.name)
    assert check_exchanges(app.name, app.exchanges()) > 10


def test_a_refused_key_and_a_dead_application_fail_the_scrape(app: StandIn) -> None:
    faults = app.folder / "config" / "stand-in-faults.json"
    with exportarr(app.kind, app.url) as address:
        with exportarr(app.kind, app.url, API_KEY="f" * 32) as stranger:
            refused = scrape(stranger)
        assert (refused.status_code, "Client Error" in refused.text) == (500, True)
        # An error of the application is asked again, twice: two are forgiven, three are not.
        faults.write_text(json.dumps({"status": 500, "paths": [f"/api/{KINDS[app.name][1]}/history"], "times": 2}))
        assert scrape(address).status_code == 200
        faults.write_text(json.dumps({"status": 500, "paths": [f"/api/{KINDS[app.name][1]}/history"], "times": 3}))
        assert scrape(address).status_code == 500
        faults.unlink()
        assert scrape(address).status_code == 200
    with exportarr(app.kind, "http://127.0.0.1:9") as address:
        assert scrape(address).status_code == 500


def test_prometheus_can_read_it(app: StandIn) -> None:
    with exportarr(app.kind, app.url, ENABLE_ADDITIONAL_METRICS="true") as address:
        text = scrape(address).text
    # 3 is for style: upstream calls gauges ..._total. Anything else is a text that cannot be read.
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert checked.returncode in (0, 3), checked.stderr
    broken = subprocess.run(
        ["promtool", "check", "metrics"], input=text + "a{ 1\n", capture_output=True, text=True, check=False
    )
    assert broken.returncode == 1
