# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every application tells: queue, history, root folders, state, health."""

from __future__ import annotations

from typing import Any

from .client import Client, ClientError
from .exposition import Families
from .settings import Settings

VERSION = "v2.3.0"
_UNKNOWN = {"sonarr": "includeUnknownSeriesItems", "radarr": "includeUnknownMovieItems"}
_INDEXERS = ("IndexerStatusCheck", "IndexerLongTermStatusCheck")


class Common:
    def __init__(self, told: Settings, client: Client) -> None:
        self.told, self.client = told, client

    def tell(self, families: Families) -> None:
        if self.told.kind != "prowlarr":
            self._queue(families)
            self._root_folders(families)
        app = self.told.kind
        history = self.client.get("history")["totalRecords"]
        families.add(f"{app}_history_total", "Total number of item in the history", history)
        families.add(f"{app}_system_status", "System Status", self._state())
        self._health(families)
        about = "A metric with a constant '1' value labeled by app name, version, build time, and revision."
        facts = {"app_name": "exportarr", "version": VERSION, "build_time": "", "revision": "stand-in"}
        families.add_bare("exportarr_app_info", about, 1, **facts)

    def _queue(self, families: Families) -> None:
        """Tell of the queue what v2.3.0 tells: how long it is, under the state of its last entry alone.

        An empty queue has no series. One series for each state, and none missing, came with version 3.
        """
        unknown = {_UNKNOWN[self.told.kind]: "true"} if self._with_unknown() else {}
        records: list[dict[str, Any]] = []
        page, pages = 1, 1
        while page <= pages:
            answer = self.client.get("queue", page=page, **unknown)
            pages = -(-answer["totalRecords"] // answer["pageSize"])
            records += answer["records"]
            page += 1
        if not records:
            return
        last = records[-1]
        families.add(
            f"{self.told.kind}_queue_total",
            "Total number of items in the queue by status, download_status, and download_state",
            len(records),
            status=last.get("status", ""),
            download_status=last.get("trackedDownloadStatus", ""),
            download_state=last.get("trackedDownloadState", ""),
        )

    def _with_unknown(self) -> bool:
        return self.told.unknown_queue_items and self.told.kind in _UNKNOWN

    def _root_folders(self, families: Families) -> None:
        name = f"{self.told.kind}_rootfolder_freespace_bytes"
        for folder in self.client.get("rootfolder"):
            families.add(name, "Root folder space in bytes by path", folder.get("freeSpace", 0), path=folder["path"])

    def _state(self) -> int:
        try:
            return 1 if self.client.get("system/status") else 0
        except ClientError:
            return 0

    def _health(self, families: Families) -> None:
        name = f"{self.told.kind}_system_health_issues"
        about = "Total number of health issues by source, type, message and wikiurl"
        issues = self.client.get("health")
        if not issues:
            families.add(name, about, 0, source="", type="", message="", wikiurl="")
        for issue in issues:
            labels = {key: issue.get(key, "") for key in ("source", "type", "message")}
            families.add(name, about, 1, **labels, wikiurl=issue.get("wikiUrl", ""))
            if self.told.kind == "prowlarr" and issue.get("source") in _INDEXERS:
                for indexer in issue["message"].rsplit(":", 1)[-1].split(","):
                    told = "Indexers marked unavailable due to repeated errors"
                    families.add("prowlarr_indexer_unavailable", told, 1, indexer=indexer.strip())
