# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Durations as the configuration has them: seconds, or numbers with units, "1h30m" or "1 day and 2 hours"."""

from __future__ import annotations

import re

_SECONDS = {
    "ms": 0.001,
    "s": 1,
    "m": 60,
    "h": 3600,
    "d": 86400,
    "w": 7 * 86400,
    "M": 30 * 86400,
    "y": 365 * 86400,
    "millisecond": 0.001,
    "second": 1,
    "minute": 60,
    "hour": 3600,
    "day": 86400,
    "week": 7 * 86400,
    "month": 30 * 86400,
    "year": 365 * 86400,
}
_PART = r"(\d+)\s*(milliseconds?|seconds?|minutes?|hours?|days?|weeks?|months?|years?|ms|[smhdwMy])"
_WHOLE = re.compile(rf"{_PART}(?:\s*(?:\s+and\s+)?{_PART})*")
_EACH = re.compile(_PART)


def seconds(value: object) -> float:
    """Return a duration in seconds; ValueError for what is none."""
    if isinstance(value, bool):
        raise ValueError(f"could not parse '{value}' as a duration")
    if isinstance(value, (int, float)):
        return float(value)
    text = str(value)
    if text.isdigit():
        return float(text)
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"could not parse '{text}' as a duration")
    total = 0.0
    for count, unit in _EACH.findall(text):
        factor = _SECONDS.get(unit)
        total += int(count) * (_SECONDS[unit.rstrip("s")] if factor is None else factor)
    return total
