# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was grabbed, how far the download client is with it, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from . import nzbget, titles
from .commands import now
from .implementations import category_field
from .media import Media
from .newznab import Release
from .settings import current
from .web import Request, Response, answer

if TYPE_CHECKING:
    from .program import Program

GRABS, HISTORY, BLOCKED = "grab", "history", "blocklist"
OVER = ("imported", "failed", "ignored")


class Downloads:
    def __init__(self, program: Program, media: Media) -> None:
        self.program, self.media, self.database = program, media, program.database
        self.import_download: Callable[[dict[str, Any], str], list[str]] = lambda grab, mode: []

    def set_up(self) -> None:
        root, routes = self.program.app.root, self.program.routes
        routes.add("GET", root + "/queue", self._queue)
        routes.add("GET", root + "/queue/details", lambda request: answer(self.records()))
        routes.add("GET", root + "/queue/status", self._queue_status)
        routes.add("GET", root + "/history", lambda request: answer(paged(request, self._history()[::-1], "date")))
        routes.add("GET", f"{root}/history/{self.media.parent_kind}", self._history_of)
        routes.add("GET", root + "/blocklist", lambda request: answer(paged(request, [], "date")))
        routes.add("GET", root + "/wanted/cutoff", lambda request: answer(paged(request, [], "title")))
        routes.add("GET", root + "/calendar", lambda request: answer([]))
        self.program.commands.works["RefreshMonitoredDownloads"] = lambda body: self.refresh()
        self.program.commands.works["ProcessMonitoredDownloads"] = lambda body: self.refresh()
        self.program.commands.every.append("RefreshMonitoredDownloads")

    def client(self) -> dict[str, Any] | None:
        """Return the first NZBGet that is in use."""
        clients = [
            item for item in self.program.providers["downloadclient"].enabled() if item["implementation"] == "Nzbget"
        ]
        return min(clients, key=lambda item: item["priority"], default=None)

    def add(
        self, number: str, client: dict[str, Any], indexer: str, release: Release, units: list[dict[str, Any]]
    ) -> None:
        grab = {
            "downloadId": number,
            "clientId": client["id"],
            "client": client["name"],
            "indexer": indexer,
            "title": release.title,
            "size": release.size,
            "units": [unit["id"] for unit in units],
            "state": "downloading",
            "status": "queued",
            "left": release.size,
            "path": "",
            "messages": [],
            "added": now(),
        }
        self.database.add(GRABS, grab)
        self.note("grabbed", grab, units, {"indexer": indexer, "downloadClient": client["implementation"]})

    def grabs(self) -> list[dict[str, Any]]:
        return [grab for grab in self.database.all(GRABS) if grab["state"] not in OVER]

    def grab_of(self, download_id: str) -> dict[str, Any] | None:
        return next((grab for grab in self.database.all(GRABS) if grab["downloadId"] == download_id), None)

    def is_under_way(self, unit: int) -> bool:
        return any(unit in grab["units"] for grab in self.grabs())

    def is_blocked(self, title: str) -> bool:
        return any(item["title"] == title for item in self.database.all(BLOCKED))

    def units_of(self, grab: dict[str, Any]) -> list[dict[str, Any]]:
        found = (self.database.find(self.media.unit_kind, number) for number in grab["units"])
        return [unit for unit in found if unit]

    def note(self, event: str, grab: dict[str, Any], units: list[dict[str, Any]], data: dict[str, str]) -> None:
        """Write the history."""
        for unit in units:
            entry = {
                **{name: value for name, value in self.media.numbers(unit).items() if name != "seasonNumber"},
                "sourceTitle": grab["title"],
                "quality": titles.model(titles.quality(self.program.app, grab["title"])),
                "customFormats": [],
                "customFormatScore": 0,
                "qualityCutoffNotMet": False,
                "date": now(),
                "downloadId": grab["downloadId"].upper(),
                "eventType": event,
                "data": data,
            }
            self.database.add(HISTORY, entry)

    def refresh(self) -> str:
        """Look at the download client; import what is complete, if that is switched on."""
        waiting = self.grabs()
        if not waiting:
            return "Nothing is under way"
        handled = current(self.program, "downloadclient")["enableCompletedDownloadHandling"]
        for number in {grab["clientId"] for grab in waiting}:
            client = self.database.find("downloadclient", number)
            if client and client["enable"]:
                self._refresh_client(client, [grab for grab in waiting if grab["clientId"] == number], handled)
        return "Downloads refreshed"

    def _refresh_client(self, client: dict[str, Any], grabs: list[dict[str, Any]], handled: bool) -> None:
        server = nzbget.Nzbget(client["settings"])
        category = client["settings"].get(category_field(self.program.app)) or ""
        try:
            queued = {nzbget.mark(item): item for item in server.groups() if item["Category"] == category}
            past = {nzbget.mark(item): item for item in server.history() if item["Category"] == category}
        except nzbget.NzbgetError as error:
            self.program.log.warn(
                "DownloadMonitoringService", f"Unable to retrieve queue from {client['name']}: {error}"
            )
            return
        for grab in grabs:
            number = grab["downloadId"]
            if number in queued:
                item = queued[number]
                left = int(item["RemainingSizeLo"]) + (int(item["RemainingSizeHi"]) << 32)
                status = "paused" if item["Status"] == "PAUSED" else "downloading"
                self.database.put(GRABS, {**grab, "status": status, "left": left})
            elif number in past:
                self._finished(client, server, grab, past[number], handled)

    def _finished(
        self, client: dict[str, Any], server: nzbget.Nzbget, grab: dict[str, Any], item: dict[str, Any], handled: bool
    ) -> None:
        outcome = nzbget.outcome(item)
        path = self._local(client, item.get("FinalDir") or item["DestDir"])
        grab = {**grab, "status": outcome or "failed", "left": 0, "path": path, "nzbId": item["NZBID"]}
        if outcome == "completed":
            self.database.put(GRABS, {**grab, "state": "importPending"})
            if handled:
                self.import_download(grab, "Auto")
        elif outcome == "failed":
            self.database.put(GRABS, {**grab, "state": "failed"})
            self.database.add(BLOCKED, {"title": grab["title"]})
            self.note("downloadFailed", grab, self.units_of(grab), {"message": "The download client says so"})
            if client["removeFailedDownloads"]:
                server.edit("HistoryDelete", item["NZBID"])
            if current(self.program, "downloadclient")["autoRedownloadFailed"]:
                self.program.commands.push(self.media.search_command, {self.media.unit_numbers: grab["units"]})
        else:
            self.database.put(GRABS, {**grab, "messages": [f"NZBGet's state is {item['Status']}"]})

    def _local(self, client: dict[str, Any], path: str) -> str:
        """Translate the client's path by the remote path mappings."""
        for mapping in self.database.all("remotepathmapping"):
            remote = mapping["remotePath"].rstrip("/")
            same = mapping["host"].lower() == client["settings"]["host"].lower()
            if same and (path == remote or PurePosixPath(remote) in PurePosixPath(path).parents):
                return str(Path(mapping["localPath"]) / path[len(remote) :].lstrip("/"))
        return path

    def records(self) -> list[dict[str, Any]]:
        """Return what /queue shows: one entry a unit."""
        records: list[dict[str, Any]] = []
        for grab in self.grabs():
            for unit in self.units_of(grab):
                told = [{"title": grab["title"], "messages": grab["messages"]}] if grab["messages"] else []
                records.append(
                    {
                        **self.media.numbers(unit),
                        "id": grab["id"] * 1000 + len(records),
                        "quality": titles.model(titles.quality(self.program.app, grab["title"])),
                        "customFormats": [],
                        "customFormatScore": 0,
                        "size": grab["size"],
                        "title": grab["title"],
                        "sizeleft": grab["left"],
                        "status": grab["status"],
                        "trackedDownloadStatus": "warning" if told else "ok",
                        "trackedDownloadState": grab["state"],
                        "statusMessages": told,
                        "downloadId": grab["downloadId"],
                        "protocol": "usenet",
                        "downloadClient": grab["client"],
                        "downloadClientHasPostImportCategory": False,
                        "indexer": grab["indexer"],
                        "outputPath": grab["path"],
                    }
                )
        if self.program.app.kind not in ("sonarr", "radarr", "lidarr"):
            return records
        return [{**record, "added": now()} for record in records]

    def _queue(self, request: Request) -> Response:
        return answer(paged(request, self.records(), "timeleft"))

    def _queue_status(self, request: Request) -> Response:
        records = self.records()
        warnings = any(record["trackedDownloadStatus"] == "warning" for record in records)
        flags = {"errors": False, "warnings": warnings, "unknownErrors": False, "unknownWarnings": False}
        return answer({"totalCount": len(records), "count": len(records), "unknownCount": 0, **flags})

    def _history(self) -> list[dict[str, Any]]:
        return self.database.all(HISTORY)

    def _history_of(self, request: Request) -> Response:
        name = f"{self.media.parent_kind}Id"
        return answer([item for item in self._history()[::-1] if item.get(name) == request.number(name)])


def paged(request: Request, records: list[dict[str, Any]], key: str) -> dict[str, Any]:
    """Return a page of a list, as the request wants it."""
    page, size = max(request.number("page", 1), 1), request.number("pageSize", 10)
    return {
        "page": page,
        "pageSize": size,
        "sortKey": request.query.get("sortkey", key),
        "sortDirection": "descending",
        "totalRecords": len(records),
        "records": records[(page - 1) * size : page * size],
    }
