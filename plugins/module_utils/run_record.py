# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the host remembers of its last whole run: when it began and ended, and how much it changed.

``converge.json`` is for whoever watches the host. It is not part of what a run makes so, and never counts as a change.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.atomic import write_file
from ansible_collections.homelab.media.plugins.module_utils.ownership import Ownership

FILE = "converge.json"


def begin(root: str) -> None:
    """Remember that a run has begun. Until it ends it counts as one that was cut."""
    last = {"changed": 0, "changing_runs": 0, **read(root)}
    _write(root, {**last, "started": int(time.time()), "finished": None, "failed": False})


def end(root: str, changed: int, *, failed: bool = False) -> dict[str, Any]:
    """Remember that the run has come to its end, and what it has changed; returns the record.

    failed: the end was a failure.
    changing_runs: how many runs in a row have changed something. A host that is as declared has none.
    """
    last = read(root)
    record = {
        "started": last.get("started"),
        "finished": int(time.time()),
        "changed": changed,
        "changing_runs": int(last.get("changing_runs") or 0) + 1 if changed else 0,
        "failed": failed,
    }
    _write(root, record)
    return record


def read(root: str) -> dict[str, Any]:
    """Return what the host remembers; nothing where that cannot be read."""
    try:
        found = json.loads(Path(root, FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def changes_of(results: Mapping[str, Any]) -> int:
    """Return how many items the results of a run's tasks have changed; one that lists none counts as one."""
    changed = [result for result in results.values() if isinstance(result, Mapping) and result.get("changed") is True]
    return sum(len(result.get("diff") or ()) or 1 for result in changed)


def _write(root: str, record: Mapping[str, Any]) -> None:
    directory = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        text = json.dumps(record, sort_keys=True) + "\n"
        write_file(directory, FILE, text.encode(), Ownership(0, 0, 0o644))
    finally:
        os.close(directory)
