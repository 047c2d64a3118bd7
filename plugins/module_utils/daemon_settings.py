# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings for the Docker daemon, laid over what /etc/docker/daemon.json holds already."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Outcome, Problem

VARIABLE = "host_docker_daemon_settings"
PATH = "/etc/docker/daemon.json"
PID_FILE = "/var/run/docker.pid"


def ensure(
    settings: Mapping[str, Any],
    *,
    path: str = PATH,
    pid_file: str = PID_FILE,
    daemon: str | None = None,
    check: bool = False,
) -> Outcome:
    """Lay the settings over the file; tells in the fact restart_needed whether the daemon runs with an older file.

    daemon: the dockerd that is asked whether it takes the file, before it is put in place.
    """
    outcome = Outcome()
    current, mode = read(path)
    wanted = merge(current, settings)
    if wanted != current:
        # Only what was asked for is shown: the rest of the file is the person's own, and may hold a proxy's password.
        outcome.add(path, _show(shared(current, settings)), _show(settings))
        if not check:
            _write(path, wanted, mode, daemon)
    outcome.facts["restart_needed"] = outcome.changed or newer_than_daemon(path, pid_file)
    return outcome


def merge(current: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Lay settings over the current ones; dictionaries are merged, anything else is replaced."""
    merged = copy.deepcopy(dict(current))
    for key, value in settings.items():
        if isinstance(value, Mapping) and isinstance(merged.get(key), Mapping):
            merged[key] = merge(merged[key], value)
        else:
            merged[key] = copy.deepcopy(value)
    return merged


def shared(current: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of the current settings that the wanted ones speak of."""
    part: dict[str, Any] = {}
    for key, value in settings.items():
        if key in current:
            nested = isinstance(value, Mapping) and isinstance(current[key], Mapping)
            part[key] = shared(current[key], value) if nested else current[key]
    return part


def newer_than_daemon(path: str, pid_file: str) -> bool:
    """Tell whether the file was written after the daemon's start: a run that was cut short left it to be read."""
    try:
        return Path(path).stat().st_mtime > Path(pid_file).stat().st_mtime
    except OSError:
        return False


def read(path: str) -> tuple[dict[str, Any], int]:
    """Return the file's settings and mode; a file that is not there holds nothing."""
    try:
        with Path(path).open(encoding="utf-8") as file:
            text, mode = file.read(), os.fstat(file.fileno()).st_mode & 0o7777
        content = json.loads(text or "{}")
    except FileNotFoundError:
        return {}, 0o644
    except (OSError, ValueError) as error:
        problem = Problem(VARIABLE, f"{path} cannot be read, and so not added to ({error})", "a file of valid JSON")
        raise MediaError([problem]) from error
    if not isinstance(content, dict):
        raise MediaError([Problem(VARIABLE, f"{path} holds no JSON object", "a file such as {}")])
    return content, mode


def _write(path: str, content: Mapping[str, Any], mode: int, daemon: str | None) -> None:
    """Put the file in place whole or not at all, and only when the daemon would start with it."""
    folder = Path(path).parent
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".daemon.json.", dir=folder)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(json.dumps(content, indent=2, sort_keys=True) + "\n")
            os.fchmod(file.fileno(), mode)
            file.flush()
            os.fsync(file.fileno())
        if daemon:
            _validate(daemon, temporary)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink()
        raise


def _validate(daemon: str, path: str) -> None:
    answer = subprocess.run([daemon, "--validate", "--config-file", path], capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        reason = f"dockerd refuses it ({(answer.stderr or answer.stdout).strip()})"
        raise MediaError([Problem(VARIABLE, reason, "keys and values of dockerd's daemon.json")])


def _show(settings: Mapping[str, Any]) -> str:
    return json.dumps(settings, indent=2, sort_keys=True)
