# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in for Exportarr against upstream's own samples: the API's answers in, the expected series out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.exportarr_on_loopback import Samples, exportarr, scrape, series_of, words_of

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "contracts" / "exportarr" / "testdata"
KINDS = ("sonarr", "radarr", "lidarr")
COMMON = ("health", "history", "rootfolder", "status")
# The samples are of the version to come. What it added to 2.3.0, which is what the stand-in plays:
LATER = ("sonarr_series_tag_total",)

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="Exportarr's samples are not here: ../shared/contracts/exportarr/testdata"
)


@pytest.fixture(params=KINDS)
def samples(request: pytest.FixtureRequest) -> Iterator[Samples]:
    application = Samples(FOLDER, request.param)
    yield application
    application.close()


def expected(samples: Samples, more: bool) -> str:
    own = FOLDER / samples.kind / "expected_metrics_extended.txt"
    if not more or not own.is_file():
        own = FOLDER / samples.kind / "expected_metrics.txt"
    files = [own, *(FOLDER / "common" / f"expected_{name}_metrics.txt" for name in COMMON)]
    text = "\n".join(file.read_text(encoding="utf-8").strip() for file in files)
    return text.replace("SOMEURL", samples.url).replace("APP_", f"{samples.kind}_")


def without(text: str, *names: str) -> str:
    lines = text.splitlines()
    return "\n".join(line for line in lines if not any(name in line for name in names))


@pytest.mark.parametrize("more", [False, True])
def test_the_samples_become_the_expected_series(samples: Samples, more: bool) -> None:
    with exportarr(samples.kind, samples.url, ENABLE_ADDITIONAL_METRICS=str(more).lower()) as address:
        told = scrape(address)
    assert told.status_code == 200, told.text
    wanted = without(expected(samples, more), *LATER)
    ours = without(told.text, "_queue_total", "exportarr_app_info")
    assert series_of(ours) == series_of(wanted)
    assert words_of(ours) == words_of(wanted)


def test_of_a_queue_only_the_last_entry_tells_its_state(samples: Samples) -> None:
    """As 2.3.0: upstream's samples have a series for each state, which is newer."""
    name = f"{samples.kind}_queue_total"
    with exportarr(samples.kind, samples.url) as address:
        told = series_of(scrape(address).text)
        samples.changed["queue"] = {"page": 1, "pageSize": 10, "totalRecords": 0, "records": []}
        empty = series_of(scrape(address).text)
    labels = {"download_state": "queued", "download_status": "ok", "status": "queued", "url": samples.url}
    assert {key: value for key, value in told.items() if key[0] == name} == {(name, tuple(sorted(labels.items()))): 3}
    assert not any(key[0] == name for key in empty)
    newer = (FOLDER / "common" / "expected_queue_metrics.txt").read_text(encoding="utf-8")
    assert len(series_of(newer)) == 2


def test_a_queue_is_read_page_by_page(samples: Samples) -> None:
    record = {"status": "completed", "trackedDownloadStatus": "warning", "trackedDownloadState": "importBlocked"}
    samples.changed["queue"] = {"page": 1, "pageSize": 10, "totalRecords": 21, "records": [record]}
    with exportarr(samples.kind, samples.url) as address:
        told = series_of(scrape(address).text)
    assert [value for key, value in told.items() if key[0].endswith("_queue_total")] == [3]
    version = "v1" if samples.kind == "lidarr" else "v3"
    pages = [f"/api/{version}/queue?page={number}" for number in (1, 2, 3)]
    assert [asked for asked in samples.asked if "queue" in asked] == pages


def test_another_answer_becomes_another_series(samples: Samples) -> None:
    """The comparison above can fail."""
    samples.changed["history"] = {"totalRecords": 1369}
    with exportarr(samples.kind, samples.url) as address:
        told = series_of(scrape(address).text)
    wanted = series_of(expected(samples, False))
    differs = {key[0] for key in told.keys() & wanted.keys() if told[key] != wanted[key]}
    assert differs == {f"{samples.kind}_history_total"}


def test_what_cannot_be_told_fails_the_scrape(samples: Samples) -> None:
    folder = samples.answer("rootfolder")
    with exportarr(samples.kind, samples.url) as address:
        samples.changed["rootfolder"] = folder * 2
        twice = scrape(address)
        samples.changed["rootfolder"] = {"message": "Something else"}
        other = scrape(address)
        del samples.changed["rootfolder"]
        assert scrape(address).status_code == 200
    assert (twice.status_code, other.status_code) == (500, 500)
    assert "collected before with the same name and label values" in twice.text
