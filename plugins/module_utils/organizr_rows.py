# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Organizr's two lists, tabs and categories: what is to be made, changed, put in order and removed in each.

An entry is found again by its id where a run has made it, whatever it is called by now, or else by its name, which
Organizr has once in each list. Only what a run has made is ever removed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.outcome import Outcome

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """One list. name: the field that holds an entry's name. shown: the field that tells what an entry is."""

    path: str
    noun: str
    name: str
    shown: str


CATEGORIES = Kind("/categories", "category", "category", "image")
TABS = Kind("/tabs", "tab", "name", "url")


@dataclass
class Plan:
    """What there is to do in one list. Each entry that is changed comes with its row, and the fields that differ."""

    kind: Kind
    make: list[dict[str, Any]] = field(default_factory=list)
    change: list[tuple[Row, dict[str, Any]]] = field(default_factory=list)
    remove: list[Row] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.make or self.change or self.remove)

    @property
    def orders(self) -> list[dict[str, int]]:
        """Return the places that differ, as Organizr takes them all at once."""
        return [{"id": int(row["id"]), "order": new["order"]} for row, new in self.change if "order" in new]

    @property
    def edits(self) -> list[tuple[Row, dict[str, Any]]]:
        """Return the other fields that differ."""
        found = [(row, {key: value for key, value in new.items() if key != "order"}) for row, new in self.change]
        return [(row, new) for row, new in found if new]

    def clashing(self) -> list[Row]:
        """Return the rows whose name another one of the plan shall have: they have to let go of it first."""
        wanted = {str(new[self.kind.name]).lower() for _row, new in self.edits if self.kind.name in new}
        return [row for row, new in self.edits if self.kind.name in new and self._called(row).lower() in wanted]

    def tell(self, outcome: Outcome) -> None:
        for values in self.make:
            outcome.add(self._label(values[self.kind.name]), "", str(values[self.kind.shown]))
        for row, new in self.change:
            name = new.get(self.kind.name, self._called(row))
            for key, value in new.items():
                outcome.add(f"{self._label(name)}: {key}", text(row.get(key)), text(value))
        for row in self.remove:
            outcome.add(self._label(self._called(row)), str(row.get(self.kind.shown) or ""), "")

    def names(self) -> list[str]:
        """Return what each entry of the plan is called."""
        made = [str(values[self.kind.name]) for values in self.make]
        changed = [str(new.get(self.kind.name, self._called(row))) for row, new in self.change]
        return [self._label(name) for name in [*made, *changed, *map(self._called, self.remove)]]

    def _called(self, row: Row) -> str:
        return str(row.get(self.kind.name) or "")

    def _label(self, name: Any) -> str:
        return f"Organizr {self.kind.noun} {name}"


def plan(kind: Kind, rows: Sequence[Row], wanted: Sequence[Mapping[str, Any]], made: Mapping[int, str]) -> Plan:
    """Compare a list with what is wanted of it. made: the ids that runs have made, and what each was called."""
    found, kept = Plan(kind), set()
    by_id = {int(row["id"]): row for row in rows}
    for values in wanted:
        row = _find(kind, by_id, str(values[kind.name]), made)
        if row is None:
            found.make.append(dict(values))
            continue
        kept.add(int(row["id"]))
        new = {key: value for key, value in values.items() if not _same(row.get(key), value)}
        if new:
            found.change.append((row, new))
    found.remove = [by_id[number] for number in made if number in by_id and number not in kept]
    return found


def _find(kind: Kind, by_id: Mapping[int, Row], name: str, made: Mapping[int, str]) -> Row | None:
    for number, called in made.items():
        if called == name and number in by_id:
            return by_id[number]
    return next((row for row in by_id.values() if str(row.get(kind.name) or "").lower() == name.lower()), None)


def _same(before: Any, after: Any) -> bool:
    """Compare values of the database, which has nothing for what was never set, and may tell numbers as text."""
    return text(before) == text(after) or (text(before) == "" and after == 0)


def text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def unused(categories: Iterable[Row], tabs: Iterable[Row]) -> list[Row]:
    """Return those categories that no tab is in."""
    used = {text(tab.get("category_id")) for tab in tabs}
    return [category for category in categories if text(category.get("category_id")) not in used]
