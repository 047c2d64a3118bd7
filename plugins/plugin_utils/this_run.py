# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who this run is: what it tells others of itself while it holds a host, and how it is known again."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import run_lock

#: Between the parts of a token.
SEPARATOR = "/"


def lock(play: Any, variables: Mapping[str, Any]) -> dict[str, str]:
    """Return what the modules of this run hold the host by."""
    return {"file": run_lock.FILE, "token": token(play), "name": name(variables)}


def token(play: Any) -> str:
    """Return what is the same in all tasks of a play, and in no other run: the machine, the process, the play.

    A task runs in a process of its own; the one that has started it lives as long as the run.
    """
    return SEPARATOR.join((socket.gethostname(), str(os.getppid()), str(play._uuid)))


def is_dead(other: str) -> bool:
    """Tell whether the run of a token was on this machine, and its process is gone."""
    machine, _separator, rest = other.partition(SEPARATOR)
    process = rest.partition(SEPARATOR)[0]
    if machine != socket.gethostname() or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except OSError as error:
        return isinstance(error, ProcessLookupError)
    return False


def name(variables: Mapping[str, Any]) -> str:
    """Return what a person knows this run by."""
    for prefix in ("awx", "tower"):
        if variables.get(f"{prefix}_job_id"):
            return f"AWX's job {variables[f'{prefix}_job_id']}"
    semaphore = variables.get("semaphore_vars")
    task = semaphore.get("task_details", {}) if isinstance(semaphore, Mapping) else {}
    if isinstance(task, Mapping) and task.get("id"):
        return f"Semaphore's task {task['id']}"
    return f"{getpass.getuser()} on {socket.gethostname()}, process {os.getppid()}"
