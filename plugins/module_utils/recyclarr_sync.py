# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sync with Recyclarr what was never synced, was synced with another configuration, or has begun anew since.

Recyclarr syncs by its own clock and not when its container starts. What was last synced is kept beside its state, so
that both go together when the state is purged. An application that lost its database has lost what was synced as well.
A sync that failed since, by that clock or by hand, is done again: nobody else would see that it did.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import recyclarr_log
from ansible_collections.homelab.media.plugins.module_utils.atomic import NotAFileError, read_file, write_file
from ansible_collections.homelab.media.plugins.module_utils.hiding import without
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Outcome, Problem
from ansible_collections.homelab.media.plugins.module_utils.ownership import Ownership
from ansible_collections.homelab.media.plugins.module_utils.paths import LinkRefusedError, opened, reach

RECORD = "synced.json"
LINES = 15


@dataclass(frozen=True)
class Target:
    """Recyclarr on this host.

    folder: the Compose project's. state: the folder that becomes Recyclarr's /config.
    databases: the file of each instance in which the application keeps what was synced.
    secrets: files whose content is never shown, whatever Recyclarr writes.
    """

    folder: str
    service: str
    state: str
    timeout: float
    databases: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = field(default=())


def ensure(target: Target, wanted: Mapping[str, Any], check: bool) -> Outcome:
    """Sync the instances whose configuration is not the last synced one; in check mode only tell which.

    wanted: the configuration of each instance, without secrets.
    """
    outcome = Outcome()
    before = _read(target)
    now = {name: _digest(configuration) for name, configuration in wanted.items()}
    states = {name: _identity(target.databases.get(name, "")) for name in wanted}
    failure = recyclarr_log.last_failure(target.state)
    reasons = {name: _reason(before.get(name), now[name], states[name], failure) for name in wanted}
    due = [name for name, reason in reasons.items() if reason]
    gone = [name for name in before if name not in now]
    for name in due:
        outcome.add(f"recyclarr {name}", reasons[name], "synced")
    for name in gone:
        # Without this, an instance that comes back with an empty state would count as synced.
        outcome.add(f"recyclarr {name}", "synced", "no instance any more")
    outcome.facts = {"synced": sorted(set(now) - set(due)), "due": due}
    if check or not (due or gone):
        return outcome
    kept = {name: entry for name, entry in before.items() if name in now}
    problems = []
    for name in due:
        problem = _sync(target, name)
        if problem:
            problems.append(problem)
        else:
            kept[name] = {"configuration": now[name], "database": states[name], "at": f"{time.time():.3f}"}
    _write(target, kept)
    if problems:
        raise MediaError(problems)
    outcome.facts = {"synced": sorted(now), "due": []}
    return outcome


def _reason(entry: Mapping[str, str] | None, digest: str, database: str, failure: float) -> str:
    """Return how the last sync was, where it has to be done again; nothing where it holds.

    failure: when the last sync of all failed, if it did.
    """
    if entry is None:
        return "never synced"
    if entry.get("configuration") != digest:
        return "synced with another configuration"
    if entry.get("database") != database:
        return "synced before it lost its database"
    return "its last sync failed" if failure > _seconds(entry.get("at")) else ""


def _seconds(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


def _identity(path: str) -> str:
    """Return what tells a file from another one of the same name: number and birth; nothing where there is none."""
    if not path or not Path(path).exists():
        return ""
    # Python has no name for a file's birth. A number alone is given again to the next file.
    done = subprocess.run(["stat", "--format", "%i %.W", path], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _digest(configuration: Any) -> str:
    return hashlib.sha256(json.dumps(configuration, sort_keys=True).encode()).hexdigest()[:32]


def _read(target: Target) -> dict[str, dict[str, str]]:
    """Return what is known of each instance's last sync; nothing where there is no record, or none that can be read."""
    try:
        with reach(target.state, str(Path(target.state).parent)) as (place, missing):
            if missing:
                return {}
            with opened(place) as directory:
                found = read_file(directory, RECORD)
                record = json.loads(found[0]) if found else {}
    except (ValueError, NotAFileError, LinkRefusedError):
        return {}
    known = record if isinstance(record, dict) else {}
    return {name: entry for name, entry in known.items() if isinstance(entry, dict)}


def _write(target: Target, record: Mapping[str, Any]) -> None:
    text = json.dumps(record, indent=1, sort_keys=True) + "\n"
    try:
        with reach(target.state, str(Path(target.state).parent)) as (place, missing):
            if missing:
                raise FileNotFoundError(2, os.strerror(2), target.state)
            with opened(place) as directory:
                write_file(directory, RECORD, text.encode(), Ownership(0, 0, 0o644))
    except OSError as error:
        expected = "the folder that the render phase makes"
        raise MediaError([Problem(target.state, f"cannot hold {RECORD} ({error.strerror})", expected)]) from error


def _sync(target: Target, name: str) -> Problem | None:
    """Sync one instance, and return what went wrong."""
    command = ["docker", "compose", "--ansi", "never", "exec", "-T", target.service, "recyclarr", "sync", "-i", name]
    try:
        done = subprocess.run(
            command, cwd=target.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", timeout=target.timeout, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Problem(name, f"was not synced by Recyclarr within {target.timeout:g} s", "an end of the sync")
    except OSError as error:
        return Problem("docker", f"cannot be run ({error.strerror})", "Docker with Compose on the host")
    if done.returncode == 0:
        return None
    lines = [line.rstrip() for line in _blotted(done.stdout, target).splitlines() if line.strip()][-LINES:]
    said = "".join(f"\n      | {line}" for line in lines)
    reason = f"could not be synced by Recyclarr (exit code {done.returncode}):{said}\n     "
    return Problem(name, reason, "a configuration that Recyclarr takes, and an application that answers")


def _blotted(text: str, target: Target) -> str:
    secrets = []
    for file in target.secrets:
        try:
            secret = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            continue
        secrets.append(secret)
    return without(secrets, text)
