# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of a playbook as a person starts them, and what they said at the end."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.bed.shell import ROOT

RECAP = re.compile(r"^(?P<host>\S+)\s+: (?P<counts>.*\bchanged=\d+.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """What a run ended with."""

    code: int
    output: str

    @property
    def changed(self) -> int:
        """The sum of changed= over all hosts; -1 without a recap, which is never right."""
        counts = [int(re.search(r"\bchanged=(\d+)", found["counts"])[1]) for found in RECAP.finditer(self.output)]  # type: ignore[index]
        return sum(counts) if counts else -1


@dataclass(frozen=True)
class Told:
    """What a run ended with, item by item."""

    code: int
    changes: list[str]
    failed: str
    seconds: dict[str, float]  # how long each task took


def report(playbook: str, *words: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Run a playbook on the demo, and return the report that a scheduler would get of it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.json"
        more = {"HOMELAB_MEDIA_PLAN_REPORT_FILE": str(file), "ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORCE_COLOR": "0"}
        done = _run(playbook, words, variables, "inventories/demo", more)
        assert done.returncode == 0, done.stdout + done.stderr
        found: dict[str, Any] = json.loads(file.read_text())
        return found


def changes(told: Mapping[str, Any]) -> list[str]:
    """Return what a report tells of services and machine: a line for each change, in the order of their names."""
    items = {**told["services"], "": told["machine"]}
    return sorted(
        f"{name or 'host'}: {change['what']}: {change['how']}"
        for name, item in items.items()
        for change in item["changes"]
    )


def play(
    playbook: str, *words: str, variables: Mapping[str, Any] | None = None, inventory: str = "inventories/demo"
) -> Run:
    """Run a playbook with the project's own ansible-playbook; JSON keeps the types of the variables."""
    done = _run(playbook, words, variables, inventory, {"ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORCE_COLOR": "0"})
    return Run(done.returncode, done.stdout + done.stderr)


def kill(run: subprocess.Popen[bytes]) -> None:
    """Kill a run with its workers, which are in sessions of their own and would wait for it for ever."""
    lines = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout.splitlines()
    parents = {int(pid): int(parent) for pid, parent in (line.split() for line in lines)}
    doomed = [run.pid]
    for pid in doomed:  # grows as it goes
        doomed += [child for child, parent in parents.items() if parent == pid]
    for pid in doomed:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def told(playbook: str, *words: str, variables: Mapping[str, Any] | None = None) -> Told:
    """Run a playbook on the demo, and return each item that it changed or, in check mode, would change."""
    done = _run(playbook, words, variables, "inventories/demo", {"ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"})
    try:
        said = json.loads(done.stdout)
    except ValueError:
        raise AssertionError(done.stdout[-4000:] + done.stderr[-4000:]) from None
    reader = _reader()
    results = list(reader.task_results(said))
    return Told(
        code=done.returncode,
        changes=[change for name, result in results for change in reader.changes_of(name, result)],
        failed="\n".join(str(result.get("msg")) for _name, result in results if result.get("failed")),
        seconds={
            task["task"]["name"]: _seconds(task["task"]["duration"]) for play in said["plays"] for task in play["tasks"]
        },
    )


def _run(
    playbook: str, words: tuple[str, ...], variables: Mapping[str, Any] | None, inventory: str, more: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / ".venv/bin/ansible-playbook"), "-i", inventory, playbook, *words]
    if variables:
        command += ["--extra-vars", json.dumps(dict(variables))]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def _seconds(duration: Mapping[str, str]) -> float:
    if not duration.get("end"):
        return 0.0
    begun, ended = (datetime.fromisoformat(duration[key].rstrip("Z")) for key in ("start", "end"))
    return (ended - begun).total_seconds()


def _reader() -> ModuleType:
    """Return the program by which Molecule reads a run as well; its folder has the name of a package of others."""
    specification = importlib.util.spec_from_file_location("molecule_play", ROOT / "molecule/shared/play.py")
    assert specification and specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
