# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prowlarr's history of questions, and what it counts in a span of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

from .commands import now

QUERY, RSS, GRAB = "indexerQuery", "indexerRss", "releaseGrabbed"
_NAMES = {QUERY: "Queries", RSS: "RssQueries", GRAB: "Grabs"}
_COUNTS = ("Queries", "Grabs", "RssQueries", "AuthQueries")


class Events:
    def __init__(self) -> None:
        self.all: list[dict[str, Any]] = []

    def note(self, kind: str, indexer: int, successful: bool, milliseconds: int, data: dict[str, str]) -> None:
        entry = {"id": len(self.all) + 1, "indexerId": indexer, "date": now(), "successful": successful}
        self.all.append({**entry, "eventType": kind, "data": {**data, "elapsedTime": str(milliseconds)}})

    def stats(self, names: dict[int, str], first: str, last: str) -> dict[str, Any]:
        """Return what was asked of which indexer, and by whom, from one date to the other."""
        begin, end = _date(first, datetime.min), _date(last, datetime.max)
        span = [event for event in self.all if begin <= _date(event["date"], datetime.min) <= end]
        indexers = []
        for number in sorted({event["indexerId"] for event in span} & names.keys()):
            own = [event for event in span if event["indexerId"] == number]
            counts = Counter(_NAMES[event["eventType"]] for event in own)
            failed = Counter(_NAMES[event["eventType"]] for event in own if not event["successful"])
            entry = {"indexerId": number, "indexerName": names[number]}
            entry["averageResponseTime"] = _average(event for event in own if event["eventType"] != GRAB)
            entry["averageGrabResponseTime"] = _average(event for event in own if event["eventType"] == GRAB)
            entry.update({f"numberOf{name}": counts[name] for name in _COUNTS})
            entry.update({f"numberOfFailed{name}": failed[name] for name in _COUNTS})
            indexers.append(entry)
        agents = _by(span, "source", "userAgent")
        return {"id": 0, "indexers": indexers, "userAgents": agents, "hosts": _by(span, "host", "host")}


def _date(text: str, otherwise: datetime) -> datetime:
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return otherwise.replace(tzinfo=timezone.utc)


def _average(events: Iterable[dict[str, Any]]) -> int:
    times = [int(event["data"]["elapsedTime"]) for event in events]
    return round(sum(times) / len(times)) if times else 0


def _by(events: list[dict[str, Any]], key: str, name: str) -> list[dict[str, Any]]:
    counts: dict[str, Counter[str]] = {}
    for event in events:
        kind = "Grabs" if event["eventType"] == GRAB else "Queries"
        counts.setdefault(event["data"].get(key, ""), Counter())[kind] += 1
    return [
        {name: who, "numberOfQueries": count["Queries"], "numberOfGrabs": count["Grabs"]}
        for who, count in sorted(counts.items())
    ]
