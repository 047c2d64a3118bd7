# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with monitoring_alerts, all at once."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.alert_rule import DURATION, SEVERITIES, Rule
from ansible_collections.homelab.media.plugins.module_utils.alert_rules import RULES
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem

KEYS = ("enabled", "for", "threshold", "severity")


def problems(adjusted: Any) -> list[Problem]:
    """Return everything in it that Prometheus would refuse, or that nothing would come of."""
    if not isinstance(adjusted, Mapping):
        expected = "a dictionary such as {DiskLow: {threshold: 5}, ImageBehind: {enabled: false}}"
        return [Problem("monitoring_alerts", f"is a {type(adjusted).__name__}", expected)]
    found: list[Problem] = []
    for name, said in adjusted.items():
        rule = RULES.get(str(name))
        if rule is None:
            found.append(unknown("monitoring_alerts", name))
        elif not isinstance(said, Mapping):
            expected = "a dictionary such as {enabled: false}"
            found.append(Problem(f"monitoring_alerts.{name}", f"is {said!r}", expected))
        else:
            found.extend(_adjusted(f"monitoring_alerts.{name}", rule, said))
    return found


def unknown(place: str, name: Any) -> Problem:
    """Return the problem that no alert has this name, with the nearest that one has."""
    near = difflib.get_close_matches(str(name), RULES, n=1)
    hint = f"did you mean {near[0]}? Known: " if near else "one of "
    return Problem(place, f"names {name!r}, which is no alert", hint + ", ".join(sorted(RULES)))


def _adjusted(place: str, rule: Rule, said: Mapping[str, Any]) -> Iterable[Problem]:
    for key in said:
        if key not in KEYS:
            yield Problem(f"{place}.{key}", "is not known", "one of " + ", ".join(KEYS))
    if not isinstance(said.get("enabled", True), bool):
        yield Problem(f"{place}.enabled", f"is {said['enabled']!r}", "true or false")
    if "for" in said and not DURATION.fullmatch(str(said["for"])):
        yield Problem(f"{place}.for", f"is {said['for']!r}", "a duration with its unit, such as 10s, 5m or 2h")
    if said.get("severity", rule.severity) not in SEVERITIES:
        yield Problem(f"{place}.severity", f"is {said['severity']!r}", "one of " + ", ".join(SEVERITIES))
    if "threshold" in said:
        yield from _threshold(f"{place}.threshold", rule, said["threshold"])


def _threshold(place: str, rule: Rule, value: Any) -> Iterable[Problem]:
    if rule.threshold is None:
        yield Problem(place, f"is {value!r}, and this alert has none", "no threshold")
        return
    try:
        good = not isinstance(value, bool) and math.isfinite(float(value)) and float(value) >= 0
    except (TypeError, ValueError):
        good = False
    if not good:
        yield Problem(place, f"is {value!r}", f"a number of 0 or more, such as {rule.threshold:g}")
