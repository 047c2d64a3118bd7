# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Profiles beside that of quality: delay, release, metadata, and Prowlarr's sync profiles."""

from __future__ import annotations

from typing import Any

from . import qualities
from .collections import Collection
from .errors import Failure, not_found, refused
from .web import Request, Response, answer

DELAY_PROFILE = (
    "id=i enableUsenet=b enableTorrent=b preferredProtocol=unknown|usenet|torrent usenetDelay=i torrentDelay=i "
    "bypassIfHighestQuality=b bypassIfAboveCustomFormatScore=b minimumCustomFormatScore=i order=i tags=[i]"
)


class DelayProfiles(Collection):
    kind = "delayprofile"

    def set_up(self) -> None:
        self.program.routes.add("PUT", self.path + "/reorder/{id}", self.reorder)
        super().set_up()

    def all(self) -> list[dict[str, Any]]:
        return sorted(super().all(), key=lambda item: item["order"])

    def failures(self, body: dict[str, Any], before: dict[str, Any] | None) -> list[Failure]:
        failures = []
        if body["id"] == 1 and body["tags"]:
            failures.append(Failure("Tags", "'Tags' must be empty.", body["tags"]))
        if body["id"] != 1 and not body["tags"]:
            failures.append(Failure("Tags", "'Tags' must not be empty.", body["tags"]))
        for item in self.all():
            if item["id"] != body["id"] and set(item["tags"]) & set(body["tags"]):
                failures.append(Failure("Tags", "One or more tags is used in another profile", body["tags"]))
        if not (body["enableUsenet"] or body["enableTorrent"]):
            failures.append(Failure("", "Either Usenet or Torrent should be enabled"))
        for name in ("usenetDelay", "torrentDelay"):
            if body[name] < 0:
                failures.append(Failure(name[0].upper() + name[1:], f"'{name}' must be >= '0'.", body[name]))
        return failures

    def prepared(self, body: dict[str, Any]) -> dict[str, Any]:
        if not body["id"]:
            body["order"] = len(self.all())
        return body

    def reorder(self, request: Request, number: int) -> Response:
        ordered = [item for item in self.all() if item["id"] not in (1, number)]
        after = request.number("after")
        place = next((index + 1 for index, item in enumerate(ordered) if item["id"] == after), 0)
        ordered.insert(place, self.stored(number))
        for order, item in enumerate(ordered, 1):
            self.program.database.put(self.kind, {**item, "order": order})
        return answer([self.shown(item) for item in self.all()])

    def may_delete(self, item: dict[str, Any]) -> None:
        if item["id"] == 1:
            raise refused(405, "Cannot delete global delay profile")


class ReleaseProfiles(Collection):
    kind = "releaseprofile"

    def failures(self, body: dict[str, Any], before: dict[str, Any] | None) -> list[Failure]:
        if not body["required"] and not body["ignored"]:
            return [Failure("", "'Must contain' or 'Must not contain' is required")]
        if body["indexerId"] and not self.program.database.find("indexer", body["indexerId"]):
            return [Failure("IndexerId", "Indexer does not exist", body["indexerId"])]
        return []


class AppProfiles(Collection):
    kind = "appprofile"
    unique_name = True

    def blank(self) -> Any:
        searches = {"enableRss": True, "enableAutomaticSearch": True, "enableInteractiveSearch": True}
        return {"name": "", **searches, "minimumSeeders": 1}

    def failures(self, body: dict[str, Any], before: dict[str, Any] | None) -> list[Failure]:
        if not (body["enableRss"] or body["enableAutomaticSearch"] or body["enableInteractiveSearch"]):
            return [Failure("", "At least one of RSS, automatic and interactive search must be enabled")]
        return []

    def may_delete(self, item: dict[str, Any]) -> None:
        if len(self.all()) == 1:
            raise refused(400, "The last app profile cannot be deleted")
        if any(indexer["appProfileId"] == item["id"] for indexer in self.program.database.all("indexer")):
            raise refused(400, f"App profile [{item['name']}] is in use.")

    def changed(self) -> None:
        self.program.commands.sync_after("appprofile", {"id": 0}, False)


class MetadataProfiles(Collection):
    kind = "metadataprofile"
    unique_name = True

    def blank(self) -> Any:
        return qualities.blank_metadata_profile(self.program.app)

    def failures(self, body: dict[str, Any], before: dict[str, Any] | None) -> list[Failure]:
        if before and before["name"] == "None":
            return [Failure("Name", "Cannot edit or delete the profile None", body["name"])]
        if self.program.app.kind != "lidarr":
            return []
        return [
            Failure(name[0].upper() + name[1:], "Must have at least one allowed entry")
            for name in ("primaryAlbumTypes", "secondaryAlbumTypes", "releaseStatuses")
            if not any(isinstance(entry, dict) and entry.get("allowed") for entry in body[name])
        ]

    def may_delete(self, item: dict[str, Any]) -> None:
        if item["name"] == "None":
            raise not_found()
        for root in self.program.database.all("rootfolder"):
            if root["defaultMetadataProfileId"] == item["id"]:
                raise refused(400, f"MetadataProfile [{item['name']}] is in use.")
