# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The times of Semaphore's schedules: the five fields of cron as its parser takes them, or a word such as @daily."""

from __future__ import annotations

import re

EXPECTED = "five fields (minute, hour, day, month, weekday) such as '17 * * * *', or @hourly, @daily, @weekly, @monthly"

_WORDS = re.compile(r"@(yearly|annually|monthly|weekly|daily|midnight|hourly|every \d+[\dhms]*)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
#: What a field is called, its least and its highest value, and the names that it takes. A Sunday is 0, never 7.
_FIELDS = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("weekday", 0, 6, _DAYS),
)


def fault(text: str) -> str:
    """Return what is wrong with a time, or nothing."""
    if _WORDS.fullmatch(text):
        return ""
    parts = text.split()
    if len(parts) != len(_FIELDS):
        return f"is {text!r}, which has {len(parts)} fields"
    for part, (name, least, most, names) in zip(parts, _FIELDS):
        if not all(_fits(entry, least, most, names) for entry in part.split(",")):
            return f"is {text!r}, whose {name} is {part!r}"
    return ""


def _fits(entry: str, least: int, most: int, names: tuple[str, ...]) -> bool:
    base, slash, step = entry.partition("/")
    if slash and not (step.isdigit() and int(step) > 0):
        return False
    if base in ("*", "?"):
        return True
    first, dash, last = base.partition("-")
    values = [_value(word, least, names) for word in ([first, last] if dash else [first])]
    return all(least <= value <= most for value in values) and values == sorted(values)


def _value(word: str, least: int, names: tuple[str, ...]) -> int:
    if word.lower() in names:
        return names.index(word.lower()) + least
    return int(word) if word.isdecimal() and word.isascii() else -1
