# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import daemon_settings
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Outcome

PRESENT = {"proxies": {"https-proxy": "http://me:s3cret@proxy:3128"}, "log-opts": {"max-size": "5m", "max-file": "2"}}


def ensure(folder: Path, wanted: dict[str, Any], check: bool = False, daemon: Path | None = None) -> Outcome:
    path, pid_file = str(folder / "daemon.json"), str(folder / "docker.pid")
    return daemon_settings.ensure(
        wanted, path=path, pid_file=pid_file, daemon=str(daemon) if daemon else None, check=check
    )


def program(folder: Path, exit_code: int) -> Path:
    """Make a dockerd that takes or refuses the file, and keeps what it was asked."""
    path = folder / "dockerd"
    path.write_text(f'#!/bin/sh\ncat "$3" > {folder}/asked\necho "no such directive" >&2\nexit {exit_code}\n')
    path.chmod(0o755)
    return path


def test_settings_are_merged_and_nothing_is_lost(tmp_path: Path) -> None:
    (tmp_path / "daemon.json").write_text(json.dumps(PRESENT))
    (tmp_path / "daemon.json").chmod(0o600)
    outcome = ensure(tmp_path, {"log-opts": {"max-size": "10m"}, "live-restore": True})
    assert json.loads((tmp_path / "daemon.json").read_text()) == {
        **PRESENT,
        "log-opts": {"max-size": "10m", "max-file": "2"},
        "live-restore": True,
    }
    assert (tmp_path / "daemon.json").stat().st_mode & 0o777 == 0o600
    assert outcome.changed and outcome.facts == {"restart_needed": True}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["daemon.json"]


def test_the_difference_shows_the_given_settings_alone(tmp_path: Path) -> None:
    (tmp_path / "daemon.json").write_text(json.dumps(PRESENT))
    result = ensure(tmp_path, {"log-opts": {"max-size": "10m"}}).result()
    assert json.loads(result["diff"][0]["before"]) == {"log-opts": {"max-size": "5m"}}
    assert json.loads(result["diff"][0]["after"]) == {"log-opts": {"max-size": "10m"}}
    assert "s3cret" not in json.dumps(result)


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    assert ensure(tmp_path, {"live-restore": True}).changed
    (tmp_path / "docker.pid").touch()
    before = (tmp_path / "daemon.json").stat()
    outcome = ensure(tmp_path, {"live-restore": True})
    assert not outcome.changed and outcome.facts == {"restart_needed": False}
    assert (tmp_path / "daemon.json").stat().st_mtime_ns == before.st_mtime_ns


def test_a_restart_that_a_killed_run_left_out_is_still_needed(tmp_path: Path) -> None:
    (tmp_path / "docker.pid").touch()
    os.utime(tmp_path / "docker.pid", (1, 1))
    ensure(tmp_path, {"live-restore": True})
    outcome = ensure(tmp_path, {"live-restore": True})
    assert not outcome.changed and outcome.facts == {"restart_needed": True}


def test_check_mode_tells_and_writes_nothing(tmp_path: Path) -> None:
    outcome = ensure(tmp_path, {"live-restore": True}, check=True)
    assert outcome.changed and outcome.facts == {"restart_needed": True}
    assert list(tmp_path.iterdir()) == []


def test_the_daemon_is_asked_before_the_file_is_in_place(tmp_path: Path) -> None:
    ensure(tmp_path, {"live-restore": True}, daemon=program(tmp_path, 0))
    assert json.loads((tmp_path / "asked").read_text()) == {"live-restore": True}


def test_a_file_that_the_daemon_refuses_is_not_put_in_place(tmp_path: Path) -> None:
    (tmp_path / "daemon.json").write_text("{}")
    with pytest.raises(MediaError, match="dockerd refuses it"):
        ensure(tmp_path, {"live-rest": True}, daemon=program(tmp_path, 1))
    assert (tmp_path / "daemon.json").read_text() == "{}"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["asked", "daemon.json", "dockerd"]


@pytest.mark.parametrize("text", ['{"live-restore"', "[]"])
def test_a_file_that_cannot_be_merged_is_told_and_kept(tmp_path: Path, text: str) -> None:
    (tmp_path / "daemon.json").write_text(text)
    with pytest.raises(MediaError, match="host_docker_daemon_settings"):
        ensure(tmp_path, {"live-restore": True})
    assert (tmp_path / "daemon.json").read_text() == text
