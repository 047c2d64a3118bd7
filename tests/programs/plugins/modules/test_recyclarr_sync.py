# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module against a "docker" that writes down how it was called."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.homelab.media.plugins.modules import recyclarr_sync

SECRET = "0123456789abcdef0123456789abcdef"
SONARR = {"base_url": "http://sonarr:8989", "wanted": {"quality_definition": {"type": "series"}}}
RADARR = {"base_url": "http://radarr:7878", "wanted": {"quality_definition": {"type": "movie"}}}
DOCKER = """#!/bin/sh
echo "$*" >> "$CALLS"
case "$*" in
    *"-i broken"*) echo "[INF] Processing"; echo "[ERR] key {secret} is refused" >&2; exit 1 ;;
    *"-i slow"*) exec sleep 60 ;;
esac
"""

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A host with Recyclarr's folder, a secret, and that docker."""
    (tmp_path / "state" / "recyclarr").mkdir(parents=True)
    (tmp_path / "key").write_text(SECRET)
    (tmp_path / "bin").mkdir()
    docker = tmp_path / "bin" / "docker"
    docker.write_text(DOCKER.format(secret=SECRET))
    docker.chmod(0o755)
    (tmp_path / "calls").touch()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    return tmp_path


@pytest.fixture
def run(place: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the module and return what it answers, in which there may never be a secret."""

    def call(instances: dict[str, Any], check: bool = False, timeout: float = 20) -> dict[str, Any]:
        arguments = {
            "folder": str(place),
            "state": str(place / "state" / "recyclarr"),
            "instances": instances,
            "databases": {name: str(place / "state" / name / "app.db") for name in instances},
            "secret_files": [str(place / "key"), str(place / "nothing")],
            "timeout": timeout,
        }
        with (
            patch_module_args({**arguments, "_ansible_check_mode": check, "_ansible_diff": True}),
            pytest.raises(SystemExit),
        ):
            recyclarr_sync.main()
        output = capsys.readouterr().out
        assert SECRET not in output
        result: dict[str, Any] = json.loads(output)
        return result

    return call


def calls(place: Path) -> list[str]:
    """Return the instances that were synced since the last question."""
    lines = (place / "calls").read_text().splitlines()
    (place / "calls").write_text("")
    assert all("compose --ansi never exec -T recyclarr recyclarr sync -i " in line for line in lines)
    return [line.split()[-1] for line in lines]


def changes(result: dict[str, Any]) -> list[str]:
    return [f"{item['after_header']}: {item['before'].strip()} -> {item['after'].strip()}" for item in result["diff"]]


def test_what_was_never_synced_is_synced_once(run: Run, place: Path) -> None:
    announced = run({"sonarr": SONARR, "radarr": RADARR}, check=True)
    assert calls(place) == []
    assert announced["due"] == ["sonarr", "radarr"]
    done = run({"sonarr": SONARR, "radarr": RADARR})
    assert calls(place) == ["sonarr", "radarr"]
    assert changes(announced) == changes(done) == [
        "recyclarr sonarr: never synced -> synced",
        "recyclarr radarr: never synced -> synced",
    ]  # fmt: skip
    again = run({"radarr": RADARR, "sonarr": SONARR})
    assert (again["changed"], again["due"], calls(place)) == (False, [], [])


def test_only_what_changed_is_synced_again(run: Run, place: Path) -> None:
    run({"sonarr": SONARR, "radarr": RADARR})
    calls(place)
    other = {**RADARR, "wanted": {"quality_definition": {"type": "movie", "preferred_ratio": 0.5}}}
    done = run({"sonarr": SONARR, "radarr": other})
    assert calls(place) == ["radarr"]
    assert changes(done) == ["recyclarr radarr: synced with another configuration -> synced"]


def test_an_instance_that_went_and_comes_back_is_synced_again(run: Run, place: Path) -> None:
    run({"sonarr": SONARR, "radarr": RADARR})
    announced, gone = run({"sonarr": SONARR}, check=True), run({"sonarr": SONARR})
    assert changes(announced) == changes(gone) == ["recyclarr radarr: synced -> no instance any more"]
    calls(place)
    assert run({"sonarr": SONARR})["changed"] is False
    run({"sonarr": SONARR, "radarr": RADARR})
    assert calls(place) == ["radarr"]


def test_an_application_that_lost_its_database_is_synced_again(run: Run, place: Path) -> None:
    database = place / "state" / "sonarr" / "app.db"
    database.parent.mkdir()
    database.write_text("first")
    run({"sonarr": SONARR, "radarr": RADARR})
    database.write_text("the same file with more in it")
    assert run({"sonarr": SONARR, "radarr": RADARR})["changed"] is False
    calls(place)
    database.unlink()
    announced = run({"sonarr": SONARR, "radarr": RADARR}, check=True)
    assert changes(announced) == ["recyclarr sonarr: synced before it lost its database -> synced"]
    # The number of the old file may well be the new one's; its birth is another.
    database.write_text("second")
    assert changes(run({"sonarr": SONARR, "radarr": RADARR})) == changes(announced)
    assert calls(place) == ["sonarr"]
    assert run({"sonarr": SONARR, "radarr": RADARR})["changed"] is False


def test_one_that_fails_does_not_keep_the_others_from_it(run: Run, place: Path) -> None:
    failed = run({"broken": SONARR, "radarr": RADARR})
    assert failed["failed"]
    assert "broken: could not be synced by Recyclarr (exit code 1)" in failed["msg"]
    assert "| [ERR] key (hidden) is refused" in failed["msg"]
    assert calls(place) == ["broken", "radarr"]
    assert run({"broken": SONARR, "radarr": RADARR}, check=True)["due"] == ["broken"]


def test_one_that_hangs_is_given_up(run: Run) -> None:
    assert "slow: was not synced by Recyclarr within 0.2 s" in run({"slow": SONARR}, timeout=0.2)["msg"]


@pytest.mark.parametrize("content", ["", "[]", "nonsense", '{"sonarr": "digest"}'])
def test_a_record_that_cannot_be_read_counts_as_none(run: Run, place: Path, content: str) -> None:
    (place / "state" / "recyclarr" / "synced.json").write_text(content)
    assert run({"sonarr": SONARR}, check=True)["due"] == ["sonarr"]
    run({"sonarr": SONARR})
    assert run({"sonarr": SONARR}, check=True)["due"] == []


def test_a_link_in_the_records_place_is_not_followed(run: Run, place: Path) -> None:
    stranger = place / "stranger"
    stranger.write_text("mine")
    (place / "state" / "recyclarr" / "synced.json").symlink_to(stranger)
    run({"sonarr": SONARR})
    assert stranger.read_text() == "mine"
    assert run({"sonarr": SONARR})["changed"] is False


def test_on_a_host_without_anything_check_mode_says_what_a_run_would_do(run: Run, place: Path) -> None:
    (place / "state" / "recyclarr").rmdir()
    assert run({"sonarr": SONARR}, check=True)["due"] == ["sonarr"]
    assert run({}, check=True)["changed"] is False


def write_log(place: Path, name: str, text: str, later: float) -> None:
    """Let Recyclarr have written a log so many seconds after now."""
    logs = place / "state" / "recyclarr" / "logs" / "cli"
    logs.mkdir(parents=True, exist_ok=True)
    (logs / name).write_text(text)
    os.utime(logs / name, (time.time() + later,) * 2)


@pytest.mark.parametrize("line", ["[03:00:01 ERR] it failed", "03:00:01 [ERR] it failed", "[03:00:01 FTL] it failed"])
def test_a_sync_by_its_clock_that_failed_is_seen_and_done_again_once(run: Run, place: Path, line: str) -> None:
    both = {"sonarr": SONARR, "radarr": RADARR}
    run(both)
    calls(place)
    write_log(place, "a.log", "[03:00:00 INF] Processing\n", 10)
    assert run(both, check=True)["changed"] is False
    write_log(place, "b.log", f"[03:00:00 INF] Processing\n{line}\n", 20)
    announced = run(both, check=True)
    assert changes(announced) == [
        "recyclarr sonarr: its last sync failed -> synced",
        "recyclarr radarr: its last sync failed -> synced",
    ]  # fmt: skip
    # The next one by the clock was well: there is nothing to do.
    write_log(place, "c.log", "[03:00:00 INF] Processing\n", 30)
    assert run(both, check=True)["changed"] is False
    for name in ("a.log", "c.log"):
        (place / "state" / "recyclarr" / "logs" / "cli" / name).unlink()
    os.utime(place / "state" / "recyclarr" / "logs" / "cli" / "b.log", (time.time(),) * 2)
    assert changes(run(both)) == changes(announced)
    assert calls(place) == ["sonarr", "radarr"]
    assert run(both)["changed"] is False


def test_what_only_speaks_of_an_error_is_none(run: Run, place: Path) -> None:
    run({"sonarr": SONARR})
    write_log(place, "a.log", "[03:00:00 INF] No [ERR] this time\n", 10)
    write_log(place, "b.verbose.log", "[03:00:00 ERR] x\n", 20)
    write_log(place, "notes.txt", "[03:00:00 ERR] x\n", 30)
    (place / "state" / "recyclarr" / "logs" / "cli" / "link.log").symlink_to("notes.txt")
    (place / "state" / "recyclarr" / "logs" / "cli" / "folder.log").mkdir()
    assert run({"sonarr": SONARR}, check=True)["changed"] is False
