# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every backend of the collection answers with: problems found, or changes made (or planned)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that a person has to put right.

    variable: the variable, service or path that is wrong, spelled as the person spelled it.
    reason: what is wrong with it, with the offending value (never a secret one).
    expected: what a right value looks like.
    """

    variable: str
    reason: str
    expected: str

    def __str__(self) -> str:
        return f"{self.variable}: {self.reason}. Expected: {self.expected}."


class MediaError(Exception):
    """Carries every problem that was found, so that all of them are told at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__(describe(self.problems))


class OneProblem(MediaError):
    """One problem, told in one line: where it is, what is wrong there, and what would be right."""

    def __init__(self, where: str, reason: str, expected: str) -> None:
        super().__init__([Problem(where, reason, expected)])
        self.args = (str(self.problems[0]),)


def describe(problems: Iterable[Problem]) -> str:
    """Return the problems as text for a person, one line each, counted."""
    found = sorted(set(problems))
    noun = "problem" if len(found) == 1 else "problems"
    return "\n".join([f"{len(found)} {noun} found:", *(f"  - {problem}" for problem in found)])


@dataclass(frozen=True)
class Change:
    """One item that differs: its name, and its text before and after. Never holds a secret."""

    subject: str
    before: str
    after: str


@dataclass
class Outcome:
    """What a backend changed, or in check mode would change, and the facts it learnt on the way."""

    changes: list[Change] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        return bool(self.changes)

    def add(self, subject: str, before: str, after: str) -> None:
        self.changes.append(Change(subject, before, after))

    def extend(self, other: Outcome) -> None:
        # In check mode two backends may both find the same folder missing: the first is the one that would make it.
        made = {change.subject for change in self.changes if not change.before}
        self.changes.extend(change for change in other.changes if change.before or change.subject not in made)
        self.facts.update(other.facts)

    def result(self) -> dict[str, Any]:
        """Return the keys of a module's result: changed, diff (one entry a change) and the facts."""
        diff = [
            {
                "before_header": change.subject,
                "after_header": change.subject,
                "before": _line(change.before),
                "after": _line(change.after),
            }
            for change in self.changes
        ]
        return {"changed": self.changed, "diff": diff, **self.facts}


def _line(text: str) -> str:
    """End the text with a newline, or Ansible's diff marks every entry with "No newline at end of file"."""
    return text if not text or text.endswith("\n") else text + "\n"
