# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Series, seasons and episodes."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from . import titles
from .commands import now
from .counts import with_seasons
from .errors import Failure, not_found, raise_if
from .library import SHOWS
from .media import Media
from .naming import rendered
from .series_facts import series_of, series_tokens
from .shapes import bind, named, shape
from .web import Request, Response, accepted, answer, created

named("season", "seasonNumber=i monitored=b")
_MONITOR = "unknown|all|future|missing|existing|firstSeason|lastSeason|latestSeason|pilot|recent|monitorSpecials|"
named(
    "add",
    f"ignoreEpisodesWithFiles=b ignoreEpisodesWithoutFiles=b monitor={_MONITOR}unmonitorSpecials|none|skip "
    "searchForMissingEpisodes=b searchForCutoffUnmetEpisodes=b",
)
_SERIES = shape(
    "id=i title=s seasons=[@season] path=s qualityProfileId=i seasonFolder=b monitored=b monitorNewItems=all|none "
    "useSceneNumbering=b tvdbId=i seriesType=standard|daily|anime titleSlug=s rootFolderPath=s tags=[i] addOptions=@add"
)


class Television(Media):
    parent_kind, unit_kind = "series", "episode"
    search_command, unit_numbers, scan_command = "EpisodeSearch", "episodeIds", "DownloadedEpisodesScan"

    def set_up(self) -> None:
        root, routes = self.program.app.root, self.program.routes
        routes.add("GET", root + "/series", self._list)
        routes.add("POST", root + "/series", self._create)
        routes.add("GET", root + "/series/lookup", self._lookup)
        routes.add("GET", root + "/series/{id}", lambda request, number: answer(self.shown(self._stored(number))))
        routes.add("PUT", root + "/series/{id}", self._update)
        routes.add("DELETE", root + "/series/{id}", self._delete)
        routes.add("GET", root + "/episode", self._episodes)
        routes.add("GET", root + "/episode/{id}", lambda request, number: answer(self._episode(number)))
        routes.add("PUT", root + "/episode/monitor", self._monitor)
        routes.add("GET", root + "/episodefile", self._files)
        routes.add("GET", root + "/episodefile/{id}", lambda request, number: answer(self._file(number)))

    def _stored(self, number: int) -> dict[str, Any]:
        found = self.database.find("series", number)
        if not found:
            raise not_found()
        return found

    def episodes_of(self, number: int) -> list[dict[str, Any]]:
        return [item for item in self.database.all("episode") if item["seriesId"] == number]

    def shown(self, item: dict[str, Any]) -> dict[str, Any]:
        episodes = self.episodes_of(item["id"]) if item.get("id") else []
        files = [file for file in self.database.all("episodefile") if file["seriesId"] == item.get("id")]
        return with_seasons(item, episodes, files)

    def _lookup(self, request: Request) -> Response:
        term = request.query.get("term", "")
        prefix, _, number = term.partition(":")
        found = []
        for show in SHOWS:
            by_number = prefix.strip().lower() in ("tvdb", "tvdbid") and number.strip() == str(show.tvdb)
            if by_number or (titles.clean(term) and titles.clean(term) in titles.clean(show.title)):
                facts = series_of(show)
                more = {"folder": rendered(self.naming()["seriesFolderFormat"], series_tokens(facts))}
                unset = {"monitored": False, "qualityProfileId": 0, "seasonFolder": True, "monitorNewItems": "all"}
                found.append({**facts, **more, **unset, "useSceneNumbering": False, "added": "0001-01-01T00:00:00Z"})
        return answer(found)

    def _list(self, request: Request) -> Response:
        tvdb = request.number("tvdbId")
        items = [item for item in self.database.all("series") if not tvdb or item["tvdbId"] == tvdb]
        return answer([self.shown(item) for item in items])

    def _create(self, request: Request) -> Response:
        body = bind(request.json(), _SERIES)
        show = next((show for show in SHOWS if show.tvdb == body["tvdbId"]), None)
        failures = []
        if body["tvdbId"] <= 0:
            failures.append(Failure("TvdbId", "'Tvdb Id' must be greater than '0'.", body["tvdbId"]))
        elif show is None:
            text = f"A series with this ID was not found: {body['tvdbId']}"
            failures.append(Failure("TvdbId", text, body["tvdbId"]))
        if any(item["tvdbId"] == body["tvdbId"] for item in self.database.all("series")):
            failures.append(Failure("TvdbId", "This series has already been added", body["tvdbId"]))
        facts = series_of(show) if show else series_of(SHOWS[0])
        folder = rendered(self.naming()["seriesFolderFormat"], series_tokens(facts))
        path, more = self.checked_place(body, folder)
        raise_if(failures + more, True)
        monitored = {season["seasonNumber"]: season["monitored"] for season in body["seasons"]}
        options = body.pop("addOptions") or {"monitor": "unknown", "searchForMissingEpisodes": False}
        none = options["monitor"] == "none"
        for season in facts["seasons"]:
            season["monitored"] = monitored.get(season["seasonNumber"], True) and not none
        kept = {name: value for name, value in body.items() if name not in ("seasons", "title", "titleSlug", "tags")}
        item = {
            **facts,
            **kept,
            "path": path,
            "rootFolderPath": self.root_of(path),
            "added": now(),
            "tags": body["tags"],
        }
        stored = self.database.add("series", item)
        self._refresh(stored)
        if options["searchForMissingEpisodes"]:
            self.program.commands.push("MissingEpisodeSearch", {"seriesId": stored["id"]})
        return created(self.shown(stored))

    def _refresh(self, item: dict[str, Any]) -> None:
        """Make the episodes that the catalogue has."""
        show = next(show for show in SHOWS if show.tvdb == item["tvdbId"])
        there = {(episode["seasonNumber"], episode["episodeNumber"]) for episode in self.episodes_of(item["id"])}
        for season, names in zip(item["seasons"], show.seasons):
            for number, name in enumerate(names, 1):
                if (season["seasonNumber"], number) in there:
                    continue
                episode = {
                    "seriesId": item["id"],
                    "tvdbId": show.tvdb * 100 + season["seasonNumber"] * 10 + number,
                    "episodeFileId": 0,
                    "seasonNumber": season["seasonNumber"],
                    "episodeNumber": number,
                    "title": name,
                    "airDate": f"{show.year}-01-{number:02}",
                    "airDateUtc": f"{show.year}-01-{number:02}T20:00:00Z",
                    "runtime": 45,
                    "hasFile": False,
                    "monitored": bool(item["monitored"] and season["monitored"]),
                    "unverifiedSceneNumbering": False,
                }
                self.database.add("episode", episode)

    def _update(self, request: Request, number: int) -> Response:
        body, before = bind(request.json(), _SERIES), self._stored(number)
        kept = ("path", "qualityProfileId", "seasonFolder", "monitored", "monitorNewItems", "seriesType", "tags")
        item = {**before, **{name: body[name] for name in kept}}
        self.database.put("series", item)
        return accepted(self.shown(item))

    def _delete(self, request: Request, number: int) -> Response:
        item = self._stored(number)
        for kind in ("episode", "episodefile"):
            for part in self.database.all(kind):
                if part["seriesId"] == number:
                    self.database.delete(kind, part["id"])
        self.database.delete("series", number)
        if request.flag("deleteFiles"):
            shutil.rmtree(item["path"], ignore_errors=True)
        return answer({})

    def _episodes(self, request: Request) -> Response:
        number = request.number("seriesId")
        return answer(self.episodes_of(number) if number else [])

    def _episode(self, number: int) -> dict[str, Any]:
        found = self.database.find("episode", number)
        if not found:
            raise not_found()
        return {**found, "series": self.shown(self.parent(found))}

    def _monitor(self, request: Request) -> Response:
        body = request.json()
        changed = []
        for number in body.get("episodeIds", []):
            found = self.database.find("episode", number)
            if found:
                changed.append(self.database.put("episode", {**found, "monitored": bool(body.get("monitored"))}))
        return accepted(changed)

    def _files(self, request: Request) -> Response:
        number = request.number("seriesId")
        return answer([item for item in self.database.all("episodefile") if item["seriesId"] == number])

    def _file(self, number: int) -> dict[str, Any]:
        found = self.database.find("episodefile", number)
        if not found:
            raise not_found()
        return found

    def matching(self, title: str) -> list[dict[str, Any]]:
        found = titles.episodes(title)
        if not found:
            return []
        show, season, numbers = found
        series = next((item for item in self.database.all("series") if self._is(item, show)), None)
        if not series:
            return []
        of_season = [item for item in self.episodes_of(series["id"]) if item["seasonNumber"] == season]
        return [item for item in of_season if item["episodeNumber"] in numbers or not numbers]

    def _is(self, series: dict[str, Any], title: str) -> bool:
        return titles.clean(title) in (series["cleanTitle"], f"{series['cleanTitle']}{series['year']}")

    def queries(self, unit: dict[str, Any]) -> list[dict[str, Any]]:
        series = self.parent(unit)
        place = {"t": "tvsearch", "season": unit["seasonNumber"], "ep": unit["episodeNumber"]}
        return [{**place, "tvdbid": series["tvdbId"]}, {**place, "q": series["title"]}]

    def numbers(self, unit: dict[str, Any]) -> dict[str, int]:
        return {**super().numbers(unit), "seasonNumber": unit["seasonNumber"]}

    def target(self, units: list[dict[str, Any]], file: Path, title: str) -> Path:
        naming, first = self.naming(), units[0]
        series = self.parent(first)
        folder = Path(series["path"])
        tokens = {**series_tokens(series), **self.tokens(title), "season": first["seasonNumber"]}
        if series["seasonFolder"]:
            which = "specialsFolderFormat" if first["seasonNumber"] == 0 else "seasonFolderFormat"
            folder /= rendered(naming[which], tokens)
        if not naming["renameEpisodes"]:
            return folder / file.name
        tokens.update(
            {"episode": first["episodeNumber"], "Episode Title": first["title"], "Air-Date": first["airDate"]}
        )
        tokens["Episode CleanTitle"] = first["title"]
        return folder / (rendered(naming["standardEpisodeFormat"], tokens) + file.suffix)

    def imported(self, units: list[dict[str, Any]], path: Path, title: str) -> None:
        series = self.parent(units[0])
        record = {
            "seriesId": series["id"],
            "seasonNumber": units[0]["seasonNumber"],
            "relativePath": str(path.relative_to(series["path"])),
            "path": str(path),
            "size": path.stat().st_size,
            "dateAdded": now(),
            "sceneName": title,
            "releaseGroup": titles.group(title),
            "languages": [{"id": 1, "name": "English"}],
            "quality": titles.model(titles.quality(self.program.app, title)),
            "customFormats": [],
            "customFormatScore": 0,
            "qualityCutoffNotMet": False,
        }
        for number in {unit["episodeFileId"] for unit in units}:
            self.replace_file("episodefile", number, path)
        stored = self.database.add("episodefile", record)
        for unit in units:
            self.database.put("episode", {**unit, "hasFile": True, "episodeFileId": stored["id"]})
