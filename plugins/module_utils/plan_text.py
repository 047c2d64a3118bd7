# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report of plan_report for a person: one line for each service, with the reason."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.plan_report import (
    CHANGED,
    FAILED,
    UNCHANGED,
    UNKNOWN,
    WOULD_CHANGE,
)

WORDS = {
    FAILED: "failed",
    CHANGED: "changed",
    WOULD_CHANGE: "would change",
    UNKNOWN: "not reached",
    UNCHANGED: "unchanged",
}
#: States of which there is nothing to say but who they are of.
_QUIET = (UNKNOWN, UNCHANGED)
_WIDTH = 118
_STATE = 14
_LONGEST_NAME = 24
#: Characters of an error's line: all of it is above, where the task failed.
_ERROR = 300


def lines(report: Mapping[str, Any], reasons: int | None) -> list[tuple[str, str]]:
    """Return the lines for a host, each with the state that it is about. reasons: for each service; None for all."""
    items = {**report["services"], report["host"]: _machine(report)}
    width = min(max(map(len, items), default=0), _LONGEST_NAME) + 2
    found = []
    for state in WORDS:
        names = [name for name, item in items.items() if item["state"] == state]
        if state in _QUIET:
            found += [(line, state) for line in _together(state, [name for name in names if name != report["host"]])]
            continue
        for name in names:
            told = _few(list(_reasons(name, items[name], report)), reasons)
            for number, reason in enumerate(told):
                head = f"{WORDS[state]:{_STATE}}{name:{width}}" if not number else " " * (_STATE + width)
                found.append((f"{head}{reason}".rstrip(), state))
    return [*found, ("", ""), (_totals(report), ""), *((line, "") for line in _slowest(report))]


def elapsed(seconds: float) -> str:
    """Return a time as a person says it."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"


def _machine(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return the host itself as one of the services; a service of the host's name has it beside its own."""
    own, same = report["machine"], report["services"].get(report["host"])
    if same is None:
        return dict(own)
    order = list(WORDS)
    state = min(own["state"], same["state"], key=order.index)
    return {"state": state, "changes": [*same["changes"], *own["changes"]]}


def _reasons(name: str, item: Mapping[str, Any], report: Mapping[str, Any]) -> Iterator[str]:
    for error in report["failed"]:
        if name in (error["services"] or [report["host"]]):
            yield f"{error['task']}: {_line(_own(error['msg'], name))[:_ERROR]}"
    # What happens to the container first: the rest is why, or comes with it.
    for change in sorted(item["changes"], key=lambda change: "why" not in change):
        if "why" in change:
            yield f"{change['how']}: {_line(change['why'])}"
        else:
            what = _line(change["what"])
            if what == name:
                what = "what it runs with"
            what = what[len(name) + 2 :] if what.startswith(f"{name}: ") else what
            yield f"{what} {change['how']}"


def _own(message: str, name: str) -> str:
    """Return what an error says of one service; all of it where it is not told apart."""
    own = [line.strip()[2:] for line in message.splitlines() if line.strip().startswith(f"- {name}: ")]
    return "; ".join(own) or message


def _few(told: Sequence[str], most: int | None) -> list[str]:
    if most is None or len(told) <= most + 1:
        return list(told) or [""]
    return [*told[:most], f"and {len(told) - most} more"]


def _together(state: str, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    head = f"{WORDS[state]:{_STATE}}"
    wrapped = textwrap.wrap(", ".join(names), _WIDTH - _STATE, break_on_hyphens=False, break_long_words=False)
    return [head + wrapped[0], *(" " * _STATE + line for line in wrapped[1:])]


def _totals(report: Mapping[str, Any]) -> str:
    totals = report["totals"]
    counted = [f"{totals[state]} {word}" for state, word in WORDS.items() if totals[state] or state == UNCHANGED]
    differing = f"{totals['changes']} {'change' if totals['changes'] == 1 else 'changes'}"
    if report["check"]:
        differing += " announced; nothing was done"
    services = f"{totals['services']} {'service' if totals['services'] == 1 else 'services'}"
    return f"{services}: {', '.join(counted)}; {differing}; {elapsed(totals['seconds'])}"


def _slowest(report: Mapping[str, Any]) -> list[str]:
    told = ", ".join(f"{_line(step['task'])} {elapsed(step['seconds'])}" for step in report["slowest"])
    return textwrap.wrap(f"slowest: {told}", _WIDTH, subsequent_indent="  ") if told else []


def _line(text: str) -> str:
    """Return a text on one line, and with nothing in it that a terminal obeys: applications have named these."""
    return "".join(character if character.isprintable() else "?" for character in " ".join(text.split()))
