# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Quality profiles, quality definitions and custom formats."""

from __future__ import annotations

from typing import Any

from . import formats, qualities
from .collections import Collection
from .errors import Failure, invalid, refused
from .shapes import bind, named
from .web import Request, Response, accepted

_QUALITY = "id=i name=s source=s resolution=i modifier=s"
named("quality", _QUALITY)
named("inner", "id=i name=s quality=@quality items=[*] allowed=b")
named("entry", "id=i name=s quality=@quality items=[@inner] allowed=b")
named("score", "id=i format=i name=s score=i")
named("language", "id=i name=s")
QUALITY_PROFILE = (
    "id=i name=s upgradeAllowed=b cutoff=i items=[@entry] minFormatScore=i cutoffFormatScore=i formatItems=[@score] "
)


class QualityProfiles(Collection):
    kind = "qualityprofile"
    unique_name = True

    def blank(self) -> Any:
        scores = [{"format": item["id"], "name": item["name"], "score": 0} for item in self._formats()]
        return self.shown({**qualities.blank_profile(self.program.app), "formatItems": scores})

    def _formats(self) -> list[dict[str, Any]]:
        return self.program.database.all("customformat")

    def shown(self, item: dict[str, Any]) -> dict[str, Any]:
        return {**item, "items": [_entry(entry) for entry in item["items"]]}

    def failures(self, body: dict[str, Any], before: dict[str, Any] | None) -> list[Failure]:
        failures = []
        entries = body["items"]
        chosen = {_number(entry) for entry in entries if entry["allowed"]}
        if body["cutoff"] not in chosen:
            failures.append(Failure("Cutoff", "Cutoff must be an allowed quality or group", body["cutoff"]))
        if not chosen:
            failures.append(Failure("Items", "Must contain at least one allowed quality"))
        found = [quality["id"] for entry in entries for quality in _members(entry)]
        wanted = [quality["id"] for quality in qualities.qualities(self.program.app)]
        if sorted(found) != sorted(wanted):
            failures.append(Failure("Items", "Must contain all qualities, each once"))
        for entry in entries:
            if not entry["quality"] and (not entry["name"] or entry["id"] <= 0 or not entry["items"]):
                failures.append(Failure("Items", "Groups must have an id, a name and at least one quality"))
        if {item["format"] for item in body["formatItems"]} != {item["id"] for item in self._formats()}:
            text = "All Custom Formats and no extra ones need to be present inside your Profile!"
            failures.append(Failure("FormatItems", text))
        best = sum(item["score"] for item in body["formatItems"] if item["score"] > 0)
        if body["minFormatScore"] > best and body["minFormatScore"] > 0:
            failures.append(Failure("MinFormatScore", "Minimum Custom Format Score can never be satisfied"))
        if "minUpgradeFormatScore" in body and body["minUpgradeFormatScore"] < 1:
            text = "'Min Upgrade Format Score' must be greater than or equal to '1'."
            failures.append(Failure("MinUpgradeFormatScore", text, body["minUpgradeFormatScore"]))
        if "language" in body and not body["language"]:
            failures.append(Failure("Language", "'Language' must not be empty."))
        return failures

    def prepared(self, body: dict[str, Any]) -> dict[str, Any]:
        known = {quality["id"]: quality for quality in qualities.qualities(self.program.app)}
        names = {item["id"]: item["name"] for item in self._formats()}
        for entry in body["items"]:
            for part in (entry, *entry["items"]):
                if part["quality"]:
                    part["quality"] = known[part["quality"]["id"]]
        for item in body["formatItems"]:
            item["name"] = names[item["format"]]
        body["formatItems"].sort(key=lambda item: (-item["score"], item["name"]))
        return body

    def may_delete(self, item: dict[str, Any]) -> None:
        database = self.program.database
        users = [thing for kind in ("series", "movie", "artist", "author") for thing in database.all(kind)]
        if any(thing["qualityProfileId"] == item["id"] for thing in users):
            raise refused(400, f"QualityProfile [{item['name']}] is in use.")
        for root in database.all("rootfolder"):
            if root.get("defaultQualityProfileId") == item["id"]:
                raise refused(400, f"QualityProfile [{item['name']}] is in use.")


def _number(entry: dict[str, Any]) -> int:
    return entry["quality"]["id"] if entry["quality"] else entry["id"]


def _members(entry: dict[str, Any]) -> list[dict[str, Any]]:
    if entry["quality"]:
        return [entry["quality"]]
    return [part["quality"] for part in entry["items"] if part["quality"]]


def _entry(entry: dict[str, Any]) -> dict[str, Any]:
    shown = {**entry, "items": [_entry(part) for part in entry["items"]]}
    if not shown.get("id"):
        shown.pop("id", None)
    return shown


class QualityDefinitions(Collection):
    kind = "qualitydefinition"
    allows = ("PUT",)

    def set_up(self) -> None:
        self.program.routes.add("PUT", self.path + "/update", self.update_all)
        super().set_up()

    def prepared(self, body: dict[str, Any]) -> dict[str, Any]:
        before = self.stored(body["id"])
        return {**body, "quality": before["quality"], "weight": before["weight"]}

    def update_all(self, request: Request) -> Response:
        given = request.json()
        if not isinstance(given, list):
            raise invalid(Failure("", "A list is required"))
        for item in given:
            body = bind(item, self.shape)
            self.program.database.put(self.kind, self.prepared(body))
        return accepted([self.shown(item) for item in self.all()])


class CustomFormats(Collection):
    kind = "customformat"
    unique_name = True

    def blank(self) -> Any:
        return formats.schema(self.program.app)

    def failures(self, body: dict[str, Any], before: dict[str, Any] | None) -> list[Failure]:
        if not body["specifications"]:
            return [Failure("Specifications", "Must contain at least one Condition")]
        return formats.failures(self.program.app, body["specifications"])

    def prepared(self, body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "specifications": formats.stored(self.program.app, body["specifications"])}

    def shown(self, item: dict[str, Any]) -> dict[str, Any]:
        return {**item, "specifications": formats.shown(self.program.app, item["specifications"])}

    def changed(self) -> None:
        """Every quality profile has a score for every format, and for no other."""
        database, stored = self.program.database, self.all()
        for profile in database.all("qualityprofile"):
            scores = {item["format"]: item["score"] for item in profile["formatItems"]}
            profile["formatItems"] = [
                {"format": item["id"], "name": item["name"], "score": scores.get(item["id"], 0)} for item in stored
            ]
            profile["formatItems"].sort(key=lambda item: (-item["score"], item["name"]))
            database.put("qualityprofile", profile)
