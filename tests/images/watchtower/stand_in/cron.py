# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a schedule is due next: six fields of which the first is seconds, @every, or a word such as @daily."""

from __future__ import annotations

import datetime
import re

WORDS = {
    "@yearly": "0 0 0 1 1 *",
    "@annually": "0 0 0 1 1 *",
    "@monthly": "0 0 0 1 * *",
    "@weekly": "0 0 0 * * 0",
    "@daily": "0 0 0 * * *",
    "@midnight": "0 0 0 * * *",
    "@hourly": "0 0 * * * *",
}
_RANGES = ((0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_NAMES: tuple[dict[str, int], ...] = (
    *({},) * 4,
    {name: number for number, name in enumerate(_MONTHS, 1)},
    {name: number for number, name in enumerate(_DAYS)},
)
_EVERY = re.compile(r"@every (\d+)s")


def parse(schedule: str) -> list[set[int]]:
    """Return the values that each of the six fields allows; nothing for @every."""
    if _EVERY.fullmatch(schedule):
        return []
    fields = WORDS.get(schedule.strip(), schedule).split()
    if len(fields) != len(_RANGES):
        raise ValueError(f"expected exactly 6 fields, found {len(fields)}: {schedule!r}")
    return [
        _values(field.lower(), low, high, names, schedule)
        for field, (low, high), names in zip(fields, _RANGES, _NAMES, strict=True)
    ]


def _values(field: str, low: int, high: int, names: dict[str, int], schedule: str) -> set[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        try:
            begin = low if first in ("*", "?") else _number(first, names)
            end = high if first in ("*", "?") or (slash and not dash) else _number(last, names) if dash else begin
            if not (low <= begin <= end <= high) or (slash and int(step) < 1):
                raise ValueError
            found.update(range(begin, end + 1, int(step) if slash else 1))
        except ValueError:
            raise ValueError(f"failed to parse {field!r} of {schedule!r}") from None
    return found


def _number(text: str, names: dict[str, int]) -> int:
    return names[text] if text in names else int(text)


def due(schedule: str, now: datetime.datetime) -> datetime.datetime:
    """Return the first second after now in which the schedule is due."""
    every = _EVERY.fullmatch(schedule)
    if every:
        return now + datetime.timedelta(seconds=int(every[1]))
    seconds, minutes, hours, days, months, weekdays = parse(schedule)
    at = now.replace(microsecond=0) + datetime.timedelta(seconds=1)
    for _minute in range(366 * 24 * 60 * 4):
        if at.month in months and at.hour in hours and at.minute in minutes and _day(at, days, weekdays):
            left = [second for second in seconds if second >= at.second]
            if left:
                return at.replace(second=min(left))
        at = at.replace(second=0) + datetime.timedelta(minutes=1)
    raise ValueError(f"{schedule!r} is never due")


def _day(at: datetime.datetime, days: set[int], weekdays: set[int]) -> bool:
    """Either of the two fields is enough when both say something, as cron has it."""
    by_day, by_week = at.day in days, at.isoweekday() % 7 in weekdays
    if len(days) < 31 and len(weekdays) < 7:
        return by_day or by_week
    return by_day and by_week
