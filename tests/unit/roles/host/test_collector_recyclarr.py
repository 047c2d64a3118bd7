# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How Recyclarr's last sync went, as its logs tell the collector."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from roles.host.files.collector import recyclarr
from roles.host.files.collector.findings import Findings, Trouble
from tests.unit.roles.host.collector_nursery import series

FAILED, WRITTEN = "media_recyclarr_sync_failed", "media_recyclarr_sync_timestamp_seconds"
WELL = "[12:00:01 INF] Processing sonarr\n[12:00:02 INF] All is up to date, no ERR here\n"
BAD = "[12:00:01 INF] Processing sonarr\n[12:00:02 ERR] github.com cannot be reached\n"


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / recyclarr.LOGS
    folder.mkdir(parents=True)
    return folder


def written(logs: Path, name: str, text: str, at: int) -> Path:
    file = logs / name
    file.write_text(text)
    os.utime(file, (at, at))
    return file


def told(root: Path) -> dict[str, float]:
    found = Findings()
    recyclarr.collect(found, str(root))
    return series(found)


def test_the_newest_log_counts(logs: Path, tmp_path: Path) -> None:
    written(logs, "recyclarr_1.log", BAD, 1000)
    assert told(tmp_path) == {FAILED: 1, WRITTEN: 1000}
    written(logs, "recyclarr_2.log", WELL, 2000)
    assert told(tmp_path) == {FAILED: 0, WRITTEN: 2000}


@pytest.mark.parametrize("level", ["ERR", "FTL"])
def test_both_levels_of_errors_are_errors(logs: Path, tmp_path: Path, level: str) -> None:
    written(logs, "recyclarr_1.log", f"[12:00:01 {level}] no\n", 1000)
    assert told(tmp_path)[FAILED] == 1


def test_only_the_end_of_a_long_log_is_read(logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recyclarr, "_END", len(WELL))
    written(logs, "recyclarr_1.log", BAD + WELL, 1000)
    assert told(tmp_path)[FAILED] == 0
    written(logs, "recyclarr_1.log", WELL + BAD, 1000)
    assert told(tmp_path)[FAILED] == 1


def test_without_a_sync_there_is_nothing_to_tell(logs: Path, tmp_path: Path) -> None:
    assert told(tmp_path) == {}
    logs.rmdir()
    assert told(tmp_path) == {}


def test_what_is_no_log_is_passed_over(logs: Path, tmp_path: Path) -> None:
    """The folder is Recyclarr's own: it may lead elsewhere."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text(BAD)
    written(logs, "recyclarr_1.log", WELL, 1000)
    written(logs, "recyclarr_1.verbose.log", BAD, 2000)
    written(logs, "notes.txt", BAD, 2000)
    (logs / "recyclarr_2.log").symlink_to(elsewhere)
    (logs / "recyclarr_3.log").mkdir()
    os.mkfifo(logs / "recyclarr_4.log")
    assert told(tmp_path) == {FAILED: 0, WRITTEN: 1000}


def test_logs_that_cannot_be_read_are_trouble(tmp_path: Path) -> None:
    place = tmp_path / recyclarr.LOGS
    place.parent.mkdir(parents=True)
    place.write_text("a file")
    with pytest.raises(Trouble, match="Recyclarr's logs cannot be read"):
        told(tmp_path)
