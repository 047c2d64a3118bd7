# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Units: what is enabled and started, and what a timer starts. With a systemctl that is played."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.homelab.media.plugins.module_utils import units
from ansible_collections.homelab.media.plugins.module_utils.units import Unit, parse

#: Tells what a file says of a unit, and writes down what it is told to do.
SYSTEMCTL = """#!/usr/bin/env python3
import json, pathlib, sys
folder = pathlib.Path(__file__).parent
words = sys.argv[1:]
if words[0] == "show":
    states = json.loads((folder / "states.json").read_text())
    for key, value in states.get(words[-1], {}).items():
        print(f"{key}={value}")
else:
    with (folder / "done").open("a") as done:
        print(*words, file=done)
"""
TIMER, SERVICE = parse([{"name": "a.timer"}, {"name": "a.service", "enabled": False, "started": False}])
WELL = {
    "a.timer": {"UnitFileState": "enabled", "ActiveState": "active", "NeedDaemonReload": "no"},
    "a.service": {"UnitFileState": "static", "ActiveState": "inactive", "NeedDaemonReload": "no"},
}


def ensure(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    states: dict[str, dict[str, str]],
    *changed: str,
    check: bool = False,
) -> tuple[list[str], list[str]]:
    """Return the subjects of the changes, and what systemctl was told to do."""
    (tmp_path / "systemctl").write_text(SYSTEMCTL)
    (tmp_path / "systemctl").chmod(0o755)
    (tmp_path / "states.json").write_text(json.dumps(states))
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    outcome = units.ensure([TIMER, SERVICE], changed, check=check)
    done = tmp_path / "done"
    return [change.subject for change in outcome.changes], done.read_text().splitlines() if done.exists() else []


def test_what_a_timer_starts_is_neither_enabled_nor_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (Unit("a.timer", True), Unit("a.service", False, (), False)) == (TIMER, SERVICE)
    assert ensure(tmp_path, monkeypatch, {}) == (["a.timer", "a.timer"], ["enable a.timer", "restart a.timer"])


def test_what_is_right_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ensure(tmp_path, monkeypatch, WELL) == ([], [])


def test_a_changed_file_of_either_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ensure(tmp_path, monkeypatch, WELL, "/etc/systemd/system/a.service") == ([], ["daemon-reload"])


def test_a_file_that_a_run_before_has_written_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    states = {**WELL, "a.service": {**WELL["a.service"], "NeedDaemonReload": "yes"}}
    assert ensure(tmp_path, monkeypatch, states) == ([], ["daemon-reload"])


def test_check_mode_tells_and_does_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ensure(tmp_path, monkeypatch, {}, check=True) == (["a.timer", "a.timer"], [])
