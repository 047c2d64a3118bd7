# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a playbook as a person would, and print as JSON what it changed, item by item, and how it failed.

    play.py PLAYBOOK [words of ansible-playbook ...]

Ends with 0 also when the playbook failed: that may be what the caller wants to see.
"""

from __future__ import annotations

import difflib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

INVENTORY = Path(__file__).resolve().parents[1] / "inventory"


def main() -> None:
    """Run it and reduce what the callback says to what tests ask for."""
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "--inventory", str(INVENTORY), *sys.argv[1:]]
    environment = {**os.environ, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"}
    # What else a person has told Ansible to print would be among the JSON.
    environment.pop("ANSIBLE_CALLBACKS_ENABLED", None)
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    try:
        results = list(task_results(json.loads(done.stdout)))
    except ValueError:
        sys.exit(done.stdout + done.stderr)
    changes = [change for name, result in results for change in changes_of(name, result)]
    failed = [str(result.get("msg")) for _name, result in results if result.get("failed")]
    print(json.dumps({"code": done.returncode, "changes": changes, "failed": "\n".join(failed)}))


def task_results(said: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the name of each task with its result on each host."""
    for play in said["plays"]:
        for task in play["tasks"]:
            for result in task["hosts"].values():
                yield task["task"]["name"], result


def changes_of(name: str, result: Mapping[str, Any]) -> list[str]:
    """Return a line for each item that a task changed; the task's name where it tells no items."""
    if not result.get("changed"):
        return []
    diff = result.get("diff") or []
    items = [diff] if isinstance(diff, Mapping) else diff
    lines = [f"{item.get('after_header', '')}: {told(item.get('before', ''), item.get('after', ''))}" for item in items]
    return lines or [name]


def told(before: str, after: str) -> str:
    """Return both texts where they are one line each; of longer ones the lines that differ."""
    before, after = before.strip(), after.strip()
    if "\n" not in before + after:
        return f"{before!r} -> {after!r}"
    differing = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""))[2:]
    return "\n".join(["", *differing])


if __name__ == "__main__":
    main()
