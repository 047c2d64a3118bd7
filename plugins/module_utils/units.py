# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host's systemd units: enabled, running, and reloaded when what they read has changed."""

from __future__ import annotations

import datetime
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Outcome, Problem


@dataclass(frozen=True)
class Unit:
    """A unit that shall be enabled, and running where it is one that keeps running.

    enabled: it shall start with the machine; what a timer starts shall not.
    started: it shall be active after the run.
    files: the paths that it reads; when one of them has changed it is restarted.
    """

    name: str
    started: bool
    files: tuple[str, ...] = ()
    enabled: bool = True


def ensure(units: Sequence[Unit], changed_files: Sequence[str], *, check: bool) -> Outcome:
    """Enable, start and restart the units as needed.

    changed_files: the paths that this run has written, or in check mode would write.
    """
    outcome = Outcome()
    if not units:
        return outcome
    seen = {unit.name: _show(unit.name) for unit in units}
    rewritten = {_file(unit) for unit in units} & set(changed_files)
    if not check and (rewritten or any(state["NeedDaemonReload"] == "yes" for state in seen.values())):
        _systemctl("daemon-reload")
    for unit in units:
        before = seen[unit.name]
        if unit.enabled and before["UnitFileState"] != "enabled":
            outcome.add(unit.name, before["UnitFileState"] or "disabled", "enabled")
            if not check:
                _systemctl("enable", unit.name)
        stale = {_file(unit), *unit.files} & set(changed_files) or _older_than_files(unit, before)
        if unit.started and (before["ActiveState"] != "active" or stale):
            after = "restarted" if before["ActiveState"] == "active" else "active"
            outcome.add(unit.name, before["ActiveState"], after)
            if not check:
                _systemctl("restart", unit.name)
    return outcome


def _file(unit: Unit) -> str:
    return f"/etc/systemd/system/{unit.name}"


def _older_than_files(unit: Unit, state: Mapping[str, str]) -> bool:
    """Tell whether the unit was started before a file that it reads was written: a run may have been cut in between."""
    try:
        started = datetime.datetime.strptime(state["ActiveEnterTimestamp"], "%a %Y-%m-%d %H:%M:%S.%f UTC")
    except ValueError:
        return False
    entered = started.replace(tzinfo=datetime.timezone.utc).timestamp()
    return any(path.exists() and path.stat().st_mtime > entered for path in map(Path, unit.files))


def _show(name: str) -> dict[str, str]:
    properties = ("UnitFileState", "ActiveState", "NeedDaemonReload", "ActiveEnterTimestamp")
    done = subprocess.run(
        ["systemctl", "show", "--timestamp=us+utc", "--property", ",".join(properties), name],
        capture_output=True,
        text=True,
        check=False,
    )
    told = dict(line.partition("=")[::2] for line in done.stdout.splitlines())
    return {key: told.get(key, "") for key in properties}


def _systemctl(*words: str) -> None:
    done = subprocess.run(["systemctl", *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise MediaError([Problem(" ".join(["systemctl", *words]), done.stderr.strip(), "a unit that starts")])


def parse(declared: Sequence[Mapping[str, Any]]) -> list[Unit]:
    """Read the units of a declaration."""
    return [
        Unit(item["name"], item.get("started", True), tuple(item.get("files") or ()), item.get("enabled", True))
        for item in declared
    ]
