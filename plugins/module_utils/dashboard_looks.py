# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The looks that values have on all dashboards: colours, the values from which they count, and words for values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Optional

GREEN, YELLOW, ORANGE, RED, BLUE, PURPLE, GREY = "green", "yellow", "orange", "red", "blue", "purple", "text"

#: From which value on which colour counts; the first one is for everything below.
Steps = Sequence[tuple[Optional[float], str]]
#: What a value is called, and its colour.
Words = Mapping[int, tuple[str, str]]

PLAIN: Steps = ((None, BLUE),)
#: Good while it is none.
NONE_IS_GOOD: Steps = ((None, GREEN), (1, RED))
#: A share that is in use.
FILLING: Steps = ((None, GREEN), (0.75, YELLOW), (0.9, RED))
UP_OR_DOWN: Words = {0: ("down", RED), 1: ("up", GREEN)}


def defaults(
    unit: str,
    steps: Steps,
    color: Mapping[str, Any] | None = None,
    *,
    words: Words | None = None,
    maximum: float | None = None,
    decimals: int | None = None,
) -> dict[str, Any]:
    """Return the looks of every value of a panel."""
    return {
        "unit": unit,
        "min": 0,
        **({"max": maximum} if maximum is not None else {}),
        **({"decimals": decimals} if decimals is not None else {}),
        "color": dict(color or {"mode": "thresholds"}),
        "thresholds": thresholds(steps),
        "mappings": mappings(words or {}),
    }


def thresholds(steps: Steps) -> dict[str, Any]:
    """Return from which value on which colour counts."""
    return {"mode": "absolute", "steps": [{"value": value, "color": color} for value, color in steps]}


def mappings(words: Words) -> list[dict[str, Any]]:
    """Return what single values are called."""
    if not words:
        return []
    named = {
        str(value): {"text": text, "color": color, "index": index}
        for index, (value, (text, color)) in enumerate(words.items())
    }
    return [{"type": "value", "options": named}]
