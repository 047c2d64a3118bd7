# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run has changed, or in check mode would change, by service: from the results of its tasks to one report.

The report is what a scheduler reads (docs/reading-a-run.md has its keys). It holds names of what differs; the texts
before and after only where a person has asked for them with ``--diff``.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.plan_subjects import HOST, House, about, failed

#: Of the report. A reader refuses one that it does not know; keys may be added without a new one.
VERSION = 1

UNCHANGED, WOULD_CHANGE, CHANGED, FAILED, UNKNOWN = "unchanged", "would_change", "changed", "failed", "unknown"
#: From the least that can be said to the most; the last one that holds is told.
STATES = (UNCHANGED, UNKNOWN, WOULD_CHANGE, CHANGED, FAILED)

#: What the steps of media_stack are to a person.
STEPS = {
    "create": "container made",
    "recreate": "container made anew",
    "rejoin": "container made anew",
    "start": "container started",
    "remove": "container removed",
}
RENEWED = "Compose renewed it"
REMOVAL = "homelab.media.media_removal"

#: A line of a container's log in an error: it is on the screen already, and may hold anything.
_LOG_LINE = re.compile(r"^\s*\| ")
_LONGEST = 2000


@dataclass(frozen=True)
class Told:
    """The result of one task on one host. role: without the collection's name, empty for none."""

    task: str
    role: str
    action: str
    result: Mapping[str, Any]
    check: bool = False  # it only told what it would do
    diff: bool = False  # texts before and after were asked for
    failed: bool = False


@dataclass(frozen=True)
class Run:
    """What all hosts of a run have in common. Times are seconds since 1970."""

    started: float
    finished: float
    check: bool
    cut: bool = False  # it ended early for everybody
    slowest: Sequence[tuple[str, float]] = ()  # task and seconds


def house(plan: Mapping[str, Any], told: Iterable[Told]) -> House:
    """Return what belongs to whom, with the services that the results take away."""
    return House.of(plan, [name for each in told for name in _removed(each)])


def changes(told: Told, known: House) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each item that a task has changed, with the service that it is about (HOST for none)."""
    for result in _parts(told.result):
        if result.get("changed") is not True:
            continue
        role, task = _whose(told, result)
        steps = {step.get("service"): step for step in result.get("steps") or () if isinstance(step, Mapping)}
        for entry in _entries(result):
            subject = str(entry.get("after_header") or entry.get("before_header") or "")
            before, after = _text(entry.get("before")), _text(entry.get("after"))
            change = {"what": subject or task, "how": _how(before, after), "task": task}
            step = steps.get(subject)
            if step or after.strip().endswith(RENEWED):
                change["how"] = STEPS.get(step["action"], "changed") if step else STEPS["recreate"]
                change["why"] = str(step["reason"]) if step else RENEWED
            if told.diff and (before or after):
                change.update(before=before, after=after)
            yield about(subject, role, known), change


def rescued(told: Sequence[Told], summary: Mapping[str, int]) -> list[Told]:
    """Return the results of a host without the failures that the run has got over: its recap counts none."""
    lasting = summary.get("failures") or summary.get("unreachable")
    return [each if lasting else replace(each, failed=False) for each in told]


def report(host: str, plan: Mapping[str, Any], told: Sequence[Told], run: Run) -> dict[str, Any]:
    """Return what is to be told of one host."""
    known = house(plan, told)
    errors = [_error(each, known) for each in told if each.failed]
    unseen = UNKNOWN if run.cut or errors else UNCHANGED
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in [*(plan.get("scope") or ()), HOST]}
    states = dict.fromkeys(found, unseen)
    for each in told:
        for service, change in changes(each, known):
            found.setdefault(service, []).append(change)
            states[service] = _more(states.get(service), WOULD_CHANGE if each.check else CHANGED)
    for error in errors:
        for service in error["services"] or [HOST]:
            found.setdefault(service, [])
            states[service] = FAILED
    items = {name: {"state": states[name], "changes": found[name]} for name in sorted(found)}
    machine = items.pop(HOST)
    counted = [item["state"] for item in items.values()]
    return {
        "version": VERSION,
        "host": host,
        "started": _when(run.started),
        "finished": _when(run.finished),
        "check": run.check,
        "services": items,
        "machine": machine,
        "failed": errors,
        "slowest": [{"task": task, "seconds": round(seconds, 1)} for task, seconds in run.slowest],
        "totals": {
            **{state: counted.count(state) for state in STATES},
            "services": len(items),
            "changes": sum(map(len, found.values())),
            "seconds": round(run.finished - run.started, 1),
        },
    }


def _more(first: str | None, second: str) -> str:
    return max(first or UNCHANGED, second, key=STATES.index)


def _parts(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the results of a loop's items, or the one result."""
    parts = result.get("results")
    if isinstance(parts, list) and any(isinstance(part, Mapping) and "changed" in part for part in parts):
        return [part for part in parts if isinstance(part, Mapping)]
    return [result]


def _whose(told: Told, result: Mapping[str, Any]) -> tuple[str, str]:
    """Return role and task of a result; a task of media_phase has those of many."""
    if "module" in result and "role" in result:
        return str(result["role"]), str(result["name"])
    return told.role, told.task


def _entries(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the entries of a diff; a change of which nothing is told is one entry."""
    diff = result.get("diff") or ()
    told: Iterable[Any] = [diff] if isinstance(diff, Mapping) else diff
    return [entry for entry in told if isinstance(entry, Mapping)] or [{}]


def _removed(told: Told) -> list[str]:
    names = [str(step["service"]) for step in told.result.get("steps") or () if step.get("action") == "remove"]
    if told.action == REMOVAL:
        names += [str(entry.get("after_header")) for entry in _entries(told.result) if entry]
    return [name for name in names if "/" not in name]


def _how(before: str, after: str) -> str:
    if bool(before) == bool(after):
        return "changed"
    return "added" if after else "removed"


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _error(told: Told, known: House) -> dict[str, Any]:
    failed_parts = [part for part in _parts(told.result) if part.get("failed")]
    message = _text(told.result.get("msg") or told.result.get("censored"))
    for part in failed_parts:
        said = _text(part.get("msg") or part.get("censored"))
        message = message if said in message else f"{message}\n{said}".strip()
    message = message or "failed"
    kept = "\n".join(line for line in message.splitlines() if not _LOG_LINE.match(line))
    whose = {_text(part.get("msg")): _whose(told, part)[0] for part in failed_parts} or {message: told.role}
    services = {name for text, role in whose.items() for name in failed(text, role, known) if name != HOST}
    return {"task": told.task, "msg": kept[:_LONGEST], "services": sorted(services)}


def _when(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
