# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tags: lower case, made once, kept while somebody carries them."""

from __future__ import annotations

import re
from typing import Any

from .collections import Collection
from .errors import Failure, refused
from .web import Request, Response, answer, created

# Where a tag may be worn, and how /tag/detail calls the wearers.
_WEARERS = {
    "delayprofile": "delayProfileIds",
    "importlist": "importListIds",
    "notification": "notificationIds",
    "releaseprofile": "restrictionIds",
    "indexer": "indexerIds",
    "downloadclient": "downloadClientIds",
    "series": "seriesIds",
    "movie": "movieIds",
    "artist": "artistIds",
    "author": "authorIds",
}
_PROWLARR = {
    "notification": "notificationIds",
    "indexer": "indexerIds",
    "indexerproxy": "indexerProxyIds",
    "applications": "applicationIds",
}
_MEDIA = {"sonarr": "series", "radarr": "movie", "lidarr": "artist", "readarr": "author"}


class Tags(Collection):
    kind = "tag"

    def set_up(self) -> None:
        routes = self.program.routes
        routes.add("GET", self.path + "/detail", lambda request: answer([self.detail(item) for item in self.all()]))
        routes.add("GET", self.path + "/detail/{id}", lambda request, number: answer(self.detail(self.stored(number))))
        super().set_up()

    def failures(self, body: dict[str, Any], before: dict[str, Any] | None) -> list[Failure]:
        if not body["label"]:
            return [Failure("Label", "'Label' must not be empty.", "")]
        if not re.fullmatch(r"[a-z0-9-]+", body["label"], re.IGNORECASE):
            return [Failure("Label", "Allowed characters a-z, 0-9 and -", body["label"])]
        return []

    def prepared(self, body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "label": body["label"].lower()}

    def create(self, request: Request) -> Response:
        """A label that is there already is answered with the tag that has it."""
        body = self.prepared(self._checked(request))
        for item in self.all():
            if item["label"] == body["label"]:
                return created(item)
        return created(self.program.database.add(self.kind, body))

    def _wearers(self, number: int) -> dict[str, list[int]]:
        app = self.program.app
        names = (
            dict(_PROWLARR)
            if app.is_prowlarr
            else {
                kind: name for kind, name in _WEARERS.items() if kind not in _MEDIA.values() or kind == _MEDIA[app.kind]
            }
        )
        if app.kind == "radarr":
            names["releaseprofile"] = "releaseProfileIds"
        return {
            name: [item["id"] for item in self.program.database.all(kind) if number in item.get("tags", [])]
            for kind, name in names.items()
        }

    def detail(self, item: dict[str, Any]) -> dict[str, Any]:
        detail = {**item, **self._wearers(item["id"])}
        if self.program.app.kind in ("sonarr", "radarr", "lidarr"):
            detail["autoTagIds"] = []
        return detail

    def may_delete(self, item: dict[str, Any]) -> None:
        if any(self._wearers(item["id"]).values()):
            raise refused(409, f"'{item['label']}' cannot be deleted since it is in use")
