# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules for the bodies of requests, with the words in which upstream's validator tells what is wrong.

Upstream's validator turns "80" into 80 where a number is wanted. This one refuses that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


class Rule:
    def faults(self, value: Any, at: str) -> Iterator[str]:
        raise NotImplementedError


@dataclass
class Text(Rule):
    least: int = 0
    most: int | None = None
    pattern: str = ""
    among: tuple[str, ...] = ()

    def faults(self, value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield f"{at} must be string"
            return
        if len(value) < self.least:
            yield f"{at} must NOT have fewer than {self.least} characters"
        if self.most is not None and len(value) > self.most:
            yield f"{at} must NOT have more than {self.most} characters"
        # `$` is the end alone here, as in the language of upstream's patterns.
        if self.pattern and not re.search(re.sub(r"\$$", r"\\Z", self.pattern), value):
            yield f'{at} must match pattern "{self.pattern}"'
        if self.among and value not in self.among:
            yield f"{at} must be equal to one of the allowed values"


@dataclass
class Whole(Rule):
    least: int | None = None
    most: int | None = None

    def faults(self, value: Any, at: str) -> Iterator[str]:
        if isinstance(value, bool) or not isinstance(value, int):
            yield f"{at} must be integer"
            return
        if self.least is not None and value < self.least:
            yield f"{at} must be >= {self.least}"
        if self.most is not None and value > self.most:
            yield f"{at} must be <= {self.most}"


class Switch(Rule):
    def faults(self, value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, bool):
            yield f"{at} must be boolean"


@dataclass
class Many(Rule):
    item: Rule
    least: int = 0
    most: int | None = None
    unique: bool = False

    def faults(self, value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{at} must be array"
            return
        if len(value) < self.least:
            yield f"{at} must NOT have fewer than {self.least} items"
        if self.most is not None and len(value) > self.most:
            yield f"{at} must NOT have more than {self.most} items"
        if self.unique and any(value[i] in value[:i] for i in range(len(value))):
            yield f"{at} must NOT have duplicate items"
        for number, item in enumerate(value):
            yield from self.item.faults(item, f"{at}/{number}")


@dataclass
class Fields(Rule):
    known: Mapping[str, Rule] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    more: bool = False  # whether fields that are not known may be there
    least: int = 0

    def faults(self, value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{at} must be object"
            return
        if len(value) < self.least:
            yield f"{at} must NOT have fewer than {self.least} properties"
        for name in self.required:
            if name not in value:
                yield f"{at} must have required property '{name}'"
        for name, inner in value.items():
            if name in self.known:
                yield from self.known[name].faults(inner, f"{at}/{name}")
            elif not self.more:
                yield f"{at} must NOT have additional properties"


@dataclass
class Either(Rule):
    choices: tuple[Rule, ...]
    exactly_one: bool = False

    def faults(self, value: Any, at: str) -> Iterator[str]:
        answers = [list(choice.faults(value, at)) for choice in self.choices]
        fitting = sum(not answer for answer in answers)
        if not fitting:
            for answer in answers:
                yield from answer
        if self.exactly_one and fitting != 1:
            yield f"{at} must match exactly one schema in oneOf"
        elif not fitting:
            yield f"{at} must match a schema in anyOf"
