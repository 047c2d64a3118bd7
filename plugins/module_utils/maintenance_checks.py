# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the variables of the maintenance role, all at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import recyclarr, recyclarr_checks, unpackerr
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem

Settings = Mapping[str, Any]

DURATIONS = ("interval", "start_delay", "retry_delay", "delete_delay")
NUMBERS = {"max_retries": (0, 100), "parallel": (1, 16)}

_DURATION = re.compile(r"^(\d+(\.\d+)?(ms|s|m|h))+$")
_WORDS = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
_FIELD = re.compile(r"^[\d*/,A-Za-z-]+$")
#: Minute, hour, day, month, day of the week.
_LIMITS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


def problems(settings: Settings) -> list[Problem]:
    """Return everything in the role's variables that cannot work."""
    return [
        *_schedule(settings.get("maintenance_recyclarr_schedule")),
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


def _schedule(value: Any) -> Iterable[Problem]:
    fields = str(value).split()
    right = len(fields) == 5 and all(_FIELD.match(field) and _within(field, *at) for field, at in zip(fields, _LIMITS))
    if str(value) not in _WORDS and not right:
        expected = 'five fields such as "30 4 * * *", or ' + ", ".join(_WORDS)
        yield Problem("maintenance_recyclarr_schedule", f"is {value!r}", expected)


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
