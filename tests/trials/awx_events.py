# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether AWX can read the events of a job: it stores each by itself, and makes page and tree of what they say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

#: The names that AWX's model of an event has.
KNOWN = {
    "playbook_on_start", "playbook_on_play_start", "playbook_on_task_start", "playbook_on_handler_task_start",
    "playbook_on_stats", "playbook_on_include", "playbook_on_notify", "playbook_on_no_hosts_matched",
    "playbook_on_no_hosts_remaining", "playbook_on_vars_prompt", "playbook_on_setup",
    "runner_on_start", "runner_on_ok", "runner_on_failed", "runner_on_skipped", "runner_on_unreachable",
    "runner_on_no_hosts", "runner_on_file_diff", "runner_item_on_ok", "runner_item_on_failed", "runner_item_on_skipped",
    "runner_retry", "verbose", "debug", "warning", "deprecated", "system_warning", "error",
}  # fmt: skip
#: What an event of a task has to tell, so that the page of the job can show it.
OF_A_TASK = ("playbook", "play", "task", "task_action", "task_uuid", "host", "res")
RESULTS = ("runner_on_ok", "runner_on_failed", "runner_on_unreachable")


def faults(events: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return why AWX would not store an event, or not find its place."""
    found: list[str] = []
    seen: set[str] = set()
    line = 0
    for counter, event in enumerate(events, start=1):
        name = str(event.get("event"))
        at = f"event {counter} ({name})"
        if event.get("counter") != counter:
            found.append(f"{at} has the counter {event.get('counter')}")
        if name not in KNOWN:
            found.append(f"{at} has a name that AWX does not know")
        if not event.get("uuid") or event["uuid"] in seen:
            found.append(f"{at} has no uuid of its own")
        parent = event.get("parent_uuid")
        if parent and parent not in seen:
            found.append(f"{at} belongs to one that was not before it")
        if event.get("start_line") != line or event.get("end_line", -1) < line:
            found.append(f"{at} is at the lines {event.get('start_line')} to {event.get('end_line')}, after {line}")
        missing = [key for key in OF_A_TASK if key not in event.get("event_data", {})] if name in RESULTS else []
        if missing:
            found.append(f"{at} does not tell {', '.join(missing)}")
        line = event.get("end_line", line)
        seen.add(str(event.get("uuid")))
    return found
