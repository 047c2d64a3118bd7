# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asking the indexers, deciding, and handing what is wanted to the download client."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from . import newznab, titles
from .commands import now
from .downloads import paged
from .errors import refused
from .implementations import category_field
from .media import Media
from .newznab import NewznabError, Release
from .nzbget import Nzbget, NzbgetError
from .outgoing import Unreachable, ask
from .web import Request, Response, answer

if TYPE_CHECKING:
    from .downloads import Downloads
    from .program import Program


class Searching:
    def __init__(self, program: Program, media: Media, downloads: Downloads) -> None:
        self.program, self.media, self.downloads = program, media, downloads
        self._seen: dict[str, tuple[dict[str, Any], Release]] = {}

    def set_up(self) -> None:
        root, routes, works = self.program.app.root, self.program.routes, self.program.commands.works
        routes.add("GET", root + "/release", self._interactive)
        routes.add("POST", root + "/release", self._grab_chosen)
        routes.add("GET", root + "/wanted/missing", lambda request: answer(paged(request, self._wanted(), "title")))
        works[self.media.search_command] = lambda body: self.search(body.get(self.media.unit_numbers) or [])
        works["RssSync"] = lambda body: self.rss()
        if self.media.parent_kind == "series":
            works["SeriesSearch"] = lambda body: self.search(self._numbers(body.get("seriesId")))
            works["SeasonSearch"] = lambda body: self.search(self._numbers(body.get("seriesId"), body["seasonNumber"]))
            works["MissingEpisodeSearch"] = works["SeriesSearch"]
        elif self.media.unit_kind != self.media.parent_kind:
            parent = self.media.parent_kind
            works[f"{parent.capitalize()}Search"] = lambda body: self.search(self._numbers(body.get(f"{parent}Id")))

    def _numbers(self, parent: int | None, season: int | None = None) -> list[int]:
        return [
            unit["id"]
            for unit in self.program.database.all(self.media.unit_kind)
            if (not parent or unit.get(f"{self.media.parent_kind}Id") == parent)
            and (season is None or unit["seasonNumber"] == season)
            and self._missing(unit)
        ]

    def _wanted(self) -> list[dict[str, Any]]:
        units = (self.program.database.find(self.media.unit_kind, number) for number in self._numbers(None))
        return [unit for unit in units if unit]

    def _missing(self, unit: dict[str, Any]) -> bool:
        if not (unit["monitored"] and self.media.parent(unit)["monitored"]):
            return False
        if "hasFile" in unit:
            return not unit["hasFile"]
        kind = {"movie": "moviefile", "album": "trackfile", "book": "bookfile"}[self.media.unit_kind]
        name = f"{self.media.unit_kind}Id"
        return not any(file[name] == unit["id"] for file in self.program.database.all(kind))

    def search(self, numbers: list[int]) -> str:
        """Search for each unit and grab the best that is found."""
        grabbed = 0
        for number in numbers:
            unit = self.program.database.find(self.media.unit_kind, number)
            if not unit or self.downloads.is_under_way(unit["id"]):
                continue
            self.program.log.info("ReleaseSearchService", f"Searching indexers for [{unit['title']}]")
            grabbed += self._grab_best(self._find(unit))
        return f"Search completed. {grabbed} reports downloaded."

    def rss(self) -> str:
        found = []
        for indexer in self.program.providers["indexer"].enabled():
            if indexer["enableRss"]:
                found += [(indexer, release) for release in self._asked(indexer, {"t": "search"})]
        grabbed = self._grab_best(found)
        return f"RSS Sync Completed. Reports found: {len(found)}, Reports grabbed: {grabbed}"

    def _find(self, unit: dict[str, Any]) -> list[tuple[dict[str, Any], Release]]:
        found = []
        for indexer in self.program.providers["indexer"].enabled():
            if not indexer["enableAutomaticSearch"]:
                continue
            for query in self.media.queries(unit):
                releases = self._asked(indexer, query)
                found += [(indexer, release) for release in releases]
                if releases:
                    break
        return found

    def _asked(self, indexer: dict[str, Any], query: dict[str, Any]) -> list[Release]:
        categories = ",".join(map(str, indexer["settings"].get("categories") or []))
        try:
            feed = newznab.fetch(indexer["settings"], **query, cat=categories, extended=1, limit=100, offset=0)
        except NewznabError as error:
            self.program.log.warn("Newznab", f"{indexer['name']}: {error}")
            return []
        releases = newznab.releases(feed)
        self.program.log.info("DownloadDecisionMaker", f"Processing {len(releases)} releases")
        return releases

    def rejections(self, release: Release, units: list[dict[str, Any]]) -> list[str]:
        if not units:
            return ["Unknown title"]
        quality = titles.quality(self.program.app, release.title)
        found = []
        if not self.media.allowed(units[0], quality):
            found.append(f"{quality['name']} is not wanted in profile")
        if not any(self._missing(unit) for unit in units):
            found.append("Existing file meets cutoff, or it is not monitored")
        if any(self.downloads.is_under_way(unit["id"]) for unit in units):
            found.append("Release in queue already meets cutoff")
        if release.size <= 0:
            found.append("Size is unknown")
        if self.downloads.is_blocked(release.title):
            found.append("Release is blocklisted")
        return found

    def _grab_best(self, found: list[tuple[dict[str, Any], Release]]) -> int:
        ranks = {item["quality"]["id"]: item["weight"] for item in self.program.database.all("qualitydefinition")}
        grabbed = 0

        def rank(entry: tuple[dict[str, Any], Release]) -> tuple[int, int]:
            return ranks.get(titles.quality(self.program.app, entry[1].title)["id"], 0), -entry[0]["priority"]

        for indexer, release in sorted(found, key=rank, reverse=True):
            units = self.media.matching(release.title)
            problems = self.rejections(release, units)
            if problems:
                self.program.log.debug("DownloadDecisionMaker", f"Release rejected: {release.title}: {problems}")
                continue
            try:
                self.grab(indexer, release, units)
                grabbed += 1
            except (NzbgetError, Unreachable, ValueError) as error:
                self.program.log.warn("DownloadService", f"Unable to grab {release.title}: {error}")
        return grabbed

    def grab(self, indexer: dict[str, Any], release: Release, units: list[dict[str, Any]]) -> str:
        """Fetch the NZB by the indexer's link and append it."""
        client = self.downloads.client()
        if not client:
            raise ValueError("no download client is available")
        got = ask(release.link, follow=True)
        if got.status != 200 or b"<nzb" not in got.body:
            raise ValueError(f"the indexer's file is no NZB (HTTP {got.status})")
        settings = client["settings"]
        download_id = uuid.uuid4().hex
        category = settings.get(category_field(self.program.app)) or ""
        priority = next((value for name, value in settings.items() if name.startswith("recent")), 0)
        name = f"{release.title}.nzb"
        Nzbget(settings).append(name, got.body, category, priority, settings["addPaused"], download_id)
        self.downloads.add(download_id, client, indexer["name"], release, units)
        self.program.log.info(
            "DownloadService", f"Report sent to {client['name']}. Indexer {indexer['name']}. {release.title}"
        )
        return download_id

    def _interactive(self, request: Request) -> Response:
        unit = self.program.database.find(self.media.unit_kind, request.number(f"{self.media.unit_kind}Id"))
        results = []
        for indexer, release in self._find(unit) if unit else []:
            units = self.media.matching(release.title)
            problems = self.rejections(release, units)
            self._seen[release.guid] = (indexer, release)
            results.append(
                {
                    "guid": release.guid,
                    "quality": titles.model(titles.quality(self.program.app, release.title)),
                    "qualityWeight": 0,
                    "size": release.size,
                    "indexerId": indexer["id"],
                    "indexer": indexer["name"],
                    "title": release.title,
                    "approved": not problems,
                    "temporarilyRejected": False,
                    "rejected": bool(problems),
                    "rejections": problems,
                    "publishDate": release.published or now(),
                    "downloadUrl": release.link,
                    "downloadAllowed": bool(units),
                    "protocol": "usenet",
                }
            )
        return answer(results)

    def _grab_chosen(self, request: Request) -> Response:
        body = request.json()
        known = self._seen.get(str(body.get("guid")))
        if not known or known[0]["id"] != body.get("indexerId"):
            raise refused(404, "Couldn't find requested release in cache, try searching again")
        try:
            self.grab(*known, self.media.matching(known[1].title))
        except (NzbgetError, Unreachable, ValueError) as error:
            raise refused(409, f"Getting release from indexer failed: {error}") from error
        return answer(body)
