# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What differs between a project of Semaphore and what was declared, and which steps put that right."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.outcome import Outcome, Problem
from ansible_collections.homelab.media.plugins.module_utils.semaphore_kinds import (
    ENVIRONMENT,
    KEYS,
    KINDS,
    Kind,
    Names,
    Row,
    secret_label,
)
from ansible_collections.homelab.media.plugins.module_utils.semaphore_ledger import NAME as LEDGER
from ansible_collections.homelab.media.plugins.module_utils.semaphore_ledger import Ledger

#: What the whole of a key is called among its secrets.
KEY_SECRET = "secret"
_NONE = "none"


@dataclass(frozen=True)
class Item:
    """One thing as it was declared. secrets: by their labels."""

    name: str
    values: Mapping[str, Any]
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


Items = Mapping[str, Sequence[Item]]
Rows = Mapping[str, Sequence[Row]]


@dataclass
class Step:
    """One thing that differs. row: what the server has of it. before, after: what differs, in declared words.

    write, remove: the labels of secrets that are written and removed.
    """

    kind: Kind
    item: Item
    row: Row = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    write: list[str] = field(default_factory=list)
    remove: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.before or self.after)

    @property
    def label(self) -> str:
        return f"Semaphore {self.kind.noun} {self.item.name}"


@dataclass
class Plan:
    """steps: in the order of KINDS. gone: what a run has made and nobody declares any more, in the order of removal."""

    steps: list[Step] = field(default_factory=list)
    gone: list[tuple[Kind, Row]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.steps or self.gone)

    def tell(self, outcome: Outcome) -> None:
        for step in self.steps:
            outcome.add(step.label, _lines(step.before), _lines(step.after))
        for kind, row in self.gone:
            outcome.add(f"Semaphore {kind.noun} {row['name']}", "made by an earlier run", "")

    def told(self) -> list[str]:
        gone = [f"{kind.noun} {row['name']}" for kind, row in self.gone]
        return [f"{step.kind.noun} {step.item.name} ({', '.join(step.after)})" for step in self.steps] + gone


def twins(wanted: Items, rows: Rows) -> list[Problem]:
    """Return a problem for each declared name that several things have: nobody can say which one is meant."""
    found = []
    for kind in KINDS:
        names = [item.name for item in wanted[kind.path]] + ([LEDGER] if kind.path == ENVIRONMENT else [])
        for name in names:
            numbers = [row["id"] for row in rows[kind.path] if row.get("name") == name]
            if len(numbers) > 1:
                found.append(twin(f"{kind.variable}.{name}", kind.noun, name, numbers))
    return found


def twin(variable: str, noun: str, name: str, numbers: Sequence[int]) -> Problem:
    ids = ", ".join(map(str, numbers))
    reason = f"is the name of {len(numbers)} things: {noun} {name!r} has the ids {ids}"
    return Problem(variable, reason, "one of that name")


def compare(wanted: Items, rows: Rows, ledger: Ledger, *, rewrite: bool = False) -> Plan:
    """Return what is to be done. rewrite: secrets are written even where the last ones were the same."""
    names = _names(wanted, rows)
    plan = Plan()
    for kind in KINDS:
        taken = {row["name"]: row for row in rows[kind.path]}
        for item in wanted[kind.path]:
            step = _step(kind, item, taken.get(item.name), names, ledger, rewrite)
            if step:
                plan.steps.append(step)
        declared = {item.name for item in wanted[kind.path]}
        gone = [
            (kind, row)
            for row in rows[kind.path]
            if row["name"] not in declared and ledger.made(kind.path, row["id"], row["name"])
        ]
        # What others need goes after them.
        plan.gone = gone + plan.gone
    return plan


def _names(wanted: Items, rows: Rows) -> Names:
    """Return what each number is called; what nobody declares has its number beside its name."""
    declared = {kind.path: {item.name for item in wanted[kind.path]} for kind in KINDS}
    return {
        path: {
            row["id"]: row["name"] if row["name"] in declared[path] else f"{row['name']} (id {row['id']})"
            for row in found
        }
        for path, found in rows.items()
    }


def _step(kind: Kind, item: Item, row: Row | None, names: Names, ledger: Ledger, rewrite: bool) -> Step:
    if row is None:
        after = {name: _text(value) for name, value in item.values.items()}
        return Step(kind, item, after={**after, **dict.fromkeys(item.secrets, "given")}, write=list(item.secrets))
    shown = kind.show(row, names)
    differing = [name for name, value in item.values.items() if shown[name] != value]
    step = Step(
        kind,
        item,
        row,
        before={name: _text(shown[name]) for name in differing},
        after={name: _text(item.values[name]) for name in differing},
    )
    for label, was, becomes in _secrets(kind, item, row, differing, ledger, rewrite):
        step.before[label], step.after[label] = was, becomes
        (step.remove if becomes == _NONE else step.write).append(label)
    return step


def _secrets(
    kind: Kind, item: Item, row: Row, differing: Sequence[str], ledger: Ledger, rewrite: bool
) -> Iterator[tuple[str, str, str]]:
    """Give each secret that differs, and how it is before and after, without telling it."""
    there = _there(kind, row)
    remembered = ledger.labels(kind.path, row["id"])
    for label, secret in item.secrets.items():
        if label not in there:
            yield label, _NONE, "given"
        elif label not in remembered:
            yield label, "not known", "given"
        elif not ledger.knows(kind.path, row["id"], label, secret):
            yield label, "as it was written last", "another one"
        elif rewrite or (differing and kind.path == KEYS):
            # A key of another type begins anew.
            yield label, "as it was written last", "written again"
    for label in remembered:
        if label in there and label not in item.secrets and kind.path == ENVIRONMENT:
            yield label, "as it was written last", _NONE


def _there(kind: Kind, row: Row) -> set[str]:
    """Return which secrets the server says that it has."""
    if kind.path == KEYS:
        return set() if row.get("empty") is True or row.get("type") == "none" else {KEY_SECRET}
    return {secret_label(secret) for secret in row.get("secrets") or ()}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _lines(values: Mapping[str, str]) -> str:
    """Return one line a value; a text of several lines is indented below its name."""
    found = []
    for name, text in values.items():
        if "\n" in text:
            found += [f"{name}:", *(f"  {line}" for line in text.splitlines())]
        else:
            found.append(f"{name}: {text}")
    return "\n".join(found)
