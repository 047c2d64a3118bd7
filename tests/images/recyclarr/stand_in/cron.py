# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a schedule of five fields, or a word such as @daily, is due next."""

from __future__ import annotations

import datetime

WORDS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


def parse(schedule: str) -> list[set[int]]:
    """Return the values that each of the five fields allows."""
    fields = WORDS.get(schedule.strip(), schedule).split()
    if len(fields) != len(_RANGES):
        raise ValueError(f"bad crontab line: {schedule!r}")
    return [_values(field, low, high, schedule) for field, (low, high) in zip(fields, _RANGES, strict=True)]


def _values(field: str, low: int, high: int, schedule: str) -> set[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, _slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        try:
            begin, end = (low, high) if first == "*" else (int(first), int(last) if dash else int(first))
            if _slash and not dash and first != "*":
                end = high
            if not (low <= begin <= end <= high) or (_slash and int(step) < 1):
                raise ValueError
            found.update(range(begin, end + 1, int(step) if _slash else 1))
        except ValueError:
            raise ValueError(f"bad crontab line: {schedule!r}") from None
    return found


def due(schedule: str, now: datetime.datetime) -> datetime.datetime:
    """Return the first minute after now in which the schedule is due."""
    minutes, hours, days, months, weekdays = parse(schedule)
    at = now.replace(second=0, microsecond=0)
    for _minute in range(366 * 24 * 60 * 4):
        at += datetime.timedelta(minutes=1)
        if at.month in months and at.hour in hours and at.minute in minutes and _day(at, days, weekdays):
            return at
    raise ValueError(f"{schedule!r} is never due")


def _day(at: datetime.datetime, days: set[int], weekdays: set[int]) -> bool:
    """Either of the two fields is enough when both say something, as cron has it."""
    by_day, by_week = at.day in days, bool({at.isoweekday() % 7, at.isoweekday()} & weekdays)
    if len(days) < 31 and len(weekdays) < 7:
        return by_day or by_week
    return by_day and by_week
