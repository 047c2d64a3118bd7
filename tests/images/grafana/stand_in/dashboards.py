# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dashboards from files: read at the start and again and again, each checked by itself and against the others."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .log import Log
from .provisioning import Provider

_UID = re.compile(r"[A-Za-z0-9_-]{1,40}")
#: Panels that this version has. Of any other, a page would show "Panel plugin not found".
PANELS = {
    *("bargauge", "barchart", "gauge", "heatmap", "histogram", "logs", "news", "piechart", "row", "stat"),
    *("state-timeline", "status-history", "table", "text", "timeseries", "trend", "xychart"),
}
COLUMNS = 24


class DashboardError(Exception):
    """A dashboard that Grafana does not take, or would show badly."""


@dataclass(frozen=True)
class Dashboard:
    """One dashboard as its file has it."""

    number: int
    file: Path
    provider: Provider
    document: Mapping[str, Any]

    @property
    def uid(self) -> str:
        return str(self.document["uid"])

    @property
    def title(self) -> str:
        return str(self.document["title"])

    @property
    def url(self) -> str:
        return f"/d/{self.uid}/{re.sub(r'[^a-z0-9]+', '-', self.title.lower()).strip('-')}"


class Dashboards:
    """All of them. A file that goes wrong later leaves what was there before, with a line in the log."""

    def __init__(self, providers: list[Provider], sources: Container[str], log: Log) -> None:
        self._providers, self._sources, self._log = providers, sources, log
        self._lock = threading.Lock()
        self._looked = 0.0
        self._known: dict[str, Dashboard] = {}
        self._numbers: dict[str, int] = {}
        self._take(self._read())

    def all(self) -> list[Dashboard]:
        with self._lock:
            interval = min((provider.interval for provider in self._providers), default=10)
            if time.monotonic() - self._looked >= interval:
                try:
                    self._take(self._read())
                except DashboardError as error:
                    self._log.write("error", "failed to load dashboard from", "provisioning.dashboard", error=error)
                    self._looked = time.monotonic()
            return sorted(self._known.values(), key=lambda dashboard: dashboard.title)

    def get(self, uid: str) -> Dashboard | None:
        return next((dashboard for dashboard in self.all() if dashboard.uid == uid), None)

    def _read(self) -> dict[str, Dashboard]:
        found: dict[str, Dashboard] = {}
        for provider in self._providers:
            for file in sorted(provider.path.rglob("*.json")):
                document = _document(file)
                check(document, self._sources, str(file))
                number = self._numbers.setdefault(str(document["uid"]), len(self._numbers) + 1)
                dashboard = Dashboard(number, file, provider, document)
                for other in found.values():
                    if other.uid == dashboard.uid or other.title == dashboard.title:
                        raise DashboardError(f"{file}: the same uid or title as {other.file} is used more than once")
                found[dashboard.uid] = dashboard
        return found

    def _take(self, found: dict[str, Dashboard]) -> None:
        kept = {uid: old for uid, old in self._known.items() if old.provider.keeps and uid not in found}
        self._known = {**kept, **found}
        self._looked = time.monotonic()


def _document(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DashboardError(f"{file}: {error}") from None
    if not isinstance(document, dict):
        raise DashboardError(f"{file}: is no dashboard")
    return document


def check(document: Mapping[str, Any], sources: Container[str], name: str) -> None:
    """Refuse a dashboard that is not fit to be provisioned."""
    if document.get("id") is not None:
        raise DashboardError(f"{name}: has an id, which is another dashboard's here")
    if not document.get("title") or not isinstance(document.get("title"), str):
        raise DashboardError(f"{name}: Dashboard title cannot be empty")
    if not _UID.fullmatch(str(document.get("uid") or "")):
        raise DashboardError(f"{name}: uid is {document.get('uid')!r}")
    if "__inputs" in document or "${DS_" in json.dumps(document):
        raise DashboardError(f"{name}: still has inputs, as a dashboard to be imported by hand")
    if not isinstance(document.get("schemaVersion"), int):
        raise DashboardError(f"{name}: has no schemaVersion")
    panels = document.get("panels")
    if not isinstance(panels, list) or not panels:
        raise DashboardError(f"{name}: has no panels")
    numbers = [panel.get("id") for panel in panels]
    if len(set(numbers)) != len(numbers) or not all(isinstance(number, int) for number in numbers):
        raise DashboardError(f"{name}: ids of panels are {numbers}")
    taken: dict[tuple[int, int], Any] = {}
    for panel in panels:
        _panel(panel, sources, f"{name}: panel {panel.get('title')!r}")
        for cell in _cells(panel["gridPos"]):
            if cell in taken:
                raise DashboardError(f"{name}: panel {panel.get('title')!r} lies on panel {taken[cell]!r}")
            taken[cell] = panel.get("title")


def _panel(panel: Mapping[str, Any], sources: Container[str], name: str) -> None:
    if panel.get("type") not in PANELS:
        raise DashboardError(f"{name}: there is no panel {panel.get('type')!r}")
    place = panel.get("gridPos")
    if not isinstance(place, dict) or set(place) != {"x", "y", "w", "h"}:
        raise DashboardError(f"{name}: gridPos is {place!r}")
    if place["x"] < 0 or place["w"] < 1 or place["h"] < 1 or place["x"] + place["w"] > COLUMNS:
        raise DashboardError(f"{name}: gridPos is {place!r}")
    references = []
    for target in panel.get("targets") or ():
        references.append(target.get("refId"))
        source = target.get("datasource") or panel.get("datasource") or {}
        if source.get("uid") not in sources:
            raise DashboardError(f"{name}: Datasource {source.get('uid')!r} was not found")
        if not str(target.get("expr") or "").strip():
            raise DashboardError(f"{name}: a query is empty")
    if None in references or len(set(references)) != len(references):
        raise DashboardError(f"{name}: refIds are {references}")


def _cells(place: Mapping[str, int]) -> list[tuple[int, int]]:
    rows, columns = range(place["y"], place["y"] + place["h"]), range(place["x"], place["x"] + place["w"])
    return [(row, column) for row in rows for column in columns]
