# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Prowlarr tells of its indexers. Its counts are of a span of time, and are added up from scrape to scrape."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import date, datetime, timezone
from typing import Any

from .client import Client, ClientError
from .exposition import Families
from .settings import Settings

_COUNTS = {
    "queries": "numberOfQueries",
    "grabs": "numberOfGrabs",
    "rss_queries": "numberOfRssQueries",
    "auth_queries": "numberOfAuthQueries",
    "failed_queries": "numberOfFailedQueries",
    "failed_grabs": "numberOfFailedGrabs",
    "failed_rss_queries": "numberOfFailedRssQueries",
    "failed_auth_queries": "numberOfFailedAuthQueries",
}
_EPOCH = datetime(1, 1, 1, tzinfo=timezone.utc)


class Indexers:
    def __init__(self, told: Settings) -> None:
        self.seen = _EPOCH if told.backfill else datetime.now(timezone.utc)
        self.counts: dict[str, Counter[str]] = {}
        self.times: dict[str, float] = {}
        self.agents: dict[str, Counter[str]] = {}
        self._lock = threading.Lock()

    def tell(self, client: Client, families: Families) -> None:
        indexers = client.get("indexer")
        on = sum(bool(item.get("enable")) for item in indexers)
        families.add("prowlarr_indexer_total", "Total number of configured indexers", len(indexers))
        families.add("prowlarr_indexer_enabled_total", "Total number of enabled indexers", on)
        for item in indexers:
            self._paid_until(families, item)
        with self._lock:
            active = self._add_up(client)
            self._tell_counts(families)
        families.add("prowlarr_user_agent_total", "Total number of active user agents", active)

    def _paid_until(self, families: Families, item: dict[str, Any]) -> None:
        for field in item.get("fields") or ():
            if field.get("name") == "vipExpiration" and field.get("value"):
                try:
                    day = date.fromisoformat(field["value"])
                except ValueError as error:
                    raise ClientError(f"Couldn't parse VIP Expiration: {error}") from None
                end = datetime(day.year, day.month, day.day, tzinfo=timezone.utc)
                left = int((end - datetime.now(timezone.utc)).total_seconds())
                families.add(
                    "prowlarr_indexer_vip_expires_in_seconds", "VIP expiration date", left, indexer=item["name"]
                )

    def _add_up(self, client: Client) -> int:
        now = datetime.now(timezone.utc)
        span = {"startDate": f"{self.seen:%Y-%m-%dT%H:%M:%SZ}", "endDate": f"{now:%Y-%m-%dT%H:%M:%SZ}"}
        stats = client.get("indexerstats", **span)
        self.seen = now
        for entry in stats.get("indexers") or ():
            name = entry["indexerName"]
            self.times[name] = entry.get("averageResponseTime", 0)
            counts = self.counts.setdefault(name, Counter())
            counts.update({key: entry.get(field, 0) for key, field in _COUNTS.items()})
        agents = stats.get("userAgents") or ()
        for entry in agents:
            counts = self.agents.setdefault(entry["userAgent"], Counter())
            counts.update({key: entry.get(_COUNTS[key], 0) for key in ("queries", "grabs")})
        return len(agents)

    def _tell_counts(self, families: Families) -> None:
        for name, counts in self.counts.items():
            about = "Average response time of indexers in ms"
            families.add("prowlarr_indexer_average_response_time_ms", about, self.times[name], indexer=name)
            for key in _COUNTS:
                about = f"Total number of {key.replace('_', ' ')}"
                families.add(f"prowlarr_indexer_{key}_total", about, counts[key], indexer=name)
        for agent, counts in self.agents.items():
            for key in ("queries", "grabs"):
                about = f"Total number of {key}"
                families.add(f"prowlarr_user_agent_{key}_total", about, counts[key], user_agent=agent)
