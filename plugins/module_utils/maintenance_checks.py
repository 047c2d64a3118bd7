# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the variables of the maintenance role, all at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import (
    maintenance_receivers,
    recyclarr,
    recyclarr_checks,
    unpackerr,
    updates,
)
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem

Settings = Mapping[str, Any]

DURATIONS = ("interval", "start_delay", "retry_delay", "delete_delay")
NUMBERS = {"max_retries": (0, 100), "parallel": (1, 16)}

_DURATION = re.compile(r"^(\d+(\.\d+)?(ms|s|m|h))+$")
#: Of a delay as Watchtower has it: also days, weeks and months.
_DELAY = re.compile(r"(\d+[smhdwM])+")
_WORDS = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
_FIELD = re.compile(r"^[\d*/,A-Za-z-]+$")
#: Minute, hour, day, month, day of the week; Watchtower has the second before them, and Sunday is 0 alone.
_LIMITS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_LIMITS_WITH_SECONDS = ((0, 59), *_LIMITS[:4], (0, 6))


def problems(settings: Settings) -> list[Problem]:
    """Return everything in the role's variables that cannot work."""
    return [
        *_schedule(settings, "maintenance_recyclarr_schedule", _LIMITS, "30 4 * * *"),
        *_schedule(settings, "maintenance_watchtower_schedule", _LIMITS_WITH_SECONDS, "0 30 4 * * *"),
        *_updates(settings),
        *_cooldown(settings.get("maintenance_watchtower_cooldown")),
        *_duration(settings, "maintenance_watchtower_stop_timeout"),
        *maintenance_receivers.problems(settings),
        *(
            problem
            for kind in recyclarr.KINDS
            for problem in recyclarr_checks.guide_problems(
                f"maintenance_recyclarr_{kind}", kind, settings.get(f"maintenance_recyclarr_{kind}")
            )
        ),
        *(problem for name in DURATIONS for problem in _duration(settings, f"maintenance_unpackerr_{name}")),
        *(
            problem
            for name, limits in NUMBERS.items()
            for problem in _number(settings, f"maintenance_unpackerr_{name}", limits)
        ),
        *_protocols(settings.get("maintenance_unpackerr_protocols")),
    ]


def _schedule(settings: Settings, variable: str, limits: Sequence[tuple[int, int]], example: str) -> Iterable[Problem]:
    value = settings.get(variable)
    fields = str(value).split()
    right = len(fields) == len(limits) and all(
        _FIELD.match(field) and _within(field, *at) for field, at in zip(fields, limits)
    )
    if str(value) not in _WORDS and not right:
        number = {5: "five", 6: "six"}[len(limits)]
        yield Problem(variable, f"is {value!r}", f'{number} fields such as "{example}", or ' + ", ".join(_WORDS))


def _updates(settings: Settings) -> Iterable[Problem]:
    expected = "one of " + ", ".join(updates.MODES)
    value, named = settings.get(updates.DEFAULT), settings.get(updates.MODES_BY_NAME)
    if updates.word(value) not in updates.MODES:
        yield Problem(updates.DEFAULT, f"is {value!r}", expected)
    if not isinstance(named, Mapping):
        yield Problem(updates.MODES_BY_NAME, f"is a {type(named).__name__}", "modes by service: {sonarr: update}")
        return
    for name, mode in named.items():
        if updates.word(mode) not in updates.MODES:
            yield Problem(f"{updates.MODES_BY_NAME}.{name}", f"is {mode!r}", expected)


def _cooldown(value: Any) -> Iterable[Problem]:
    if value != "" and not _DELAY.fullmatch(str(value)):
        expected = 'a delay with its unit, such as 12h, 3d or 1w, or "" for none'
        yield Problem("maintenance_watchtower_cooldown", f"is {value!r}", expected)


def _within(field: str, low: int, high: int) -> bool:
    """Tell whether the numbers of a field are ones that it can have; what follows a slash is a step."""
    numbers = re.findall(r"\d+", re.sub(r"/\d+", "", field))
    return all(low <= int(number) <= high for number in numbers)


def _duration(settings: Settings, variable: str) -> Iterable[Problem]:
    value = settings.get(variable)
    if not isinstance(value, str) or not _DURATION.match(value):
        yield Problem(variable, f"is {value!r}", "a duration with its unit, such as 2m or 1h30m")


def _number(settings: Settings, variable: str, limits: tuple[int, int]) -> Iterable[Problem]:
    value, (low, high) = settings.get(variable), limits
    if isinstance(value, bool) or not str(value).isdigit() or not low <= int(str(value)) <= high:
        yield Problem(variable, f"is {value!r}", f"a whole number from {low} to {high}")


def _protocols(value: Any) -> Iterable[Problem]:
    known = list(unpackerr.PROTOCOLS)
    if not isinstance(value, list) or not value or any(name not in known for name in value):
        yield Problem("maintenance_unpackerr_protocols", f"is {value!r}", "a list of " + " and ".join(known))
