# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One alert as data: when it is there, when it fires, and what a person is told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable

from ansible_collections.homelab.media.plugins.module_utils.alert_house import House

SEVERITIES = ("critical", "warning", "info")
#: A length of time in Prometheus's words.
DURATION = re.compile(r"(?=\d)(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?|0")


@dataclass(frozen=True)
class Rule:
    """One alert.

    expr: PromQL. Which labels an alert has is said there, by an aggregation, and not left to who gathers the numbers.
    lasts: how long it has to hold. when: tells whether a house has what the alert is about.
    threshold: the number that a person may change, in the unit that a person would say it in.
    service: gives the name of the one service that it is about, where the numbers do not name it.
    In all texts @threshold@ is that number, @kinds@ and @queues@ are the kinds of application that there are, and
    @exporters@ the containers that tell the numbers of others.
    """

    name: str
    when: Callable[[House], Any]
    expr: str
    lasts: str
    severity: str
    summary: str
    description: str
    action: str
    threshold: float | None = None
    service: Callable[[House], str] | None = None
    enabled: bool = True

    def entry(self, house: House, said: Mapping[str, Any]) -> dict[str, Any]:
        """Return it as Prometheus wants it. said: what a person says of it in monitoring_alerts."""
        service = self.service(house) if self.service else ""
        lasts = str(said.get("for", self.lasts))
        number = said.get("threshold", self.threshold)
        words = {
            "threshold": f"{float(number):.10g}" if number is not None else "",
            "kinds": "|".join(house.kinds),
            "exporters": "|".join(house.exporters),
            "queues": "|".join(house.queues),
        }

        def filled(text: str) -> str:
            return re.sub(r"@(threshold|kinds|queues|exporters)@", lambda found: words[found[1]], text)

        return {
            "alert": self.name,
            "expr": filled(self.expr),
            # No time at all is how Prometheus says that the first moment counts.
            **({"for": lasts} if lasts not in ("0", "0s") else {}),
            "labels": {"severity": said.get("severity", self.severity), **({"service": service} if service else {})},
            "annotations": {
                "summary": filled(self.summary),
                "description": filled(self.description),
                "action": filled(self.action),
            },
        }
