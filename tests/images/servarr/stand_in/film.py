# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Films."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from . import titles
from .commands import now
from .errors import Failure, not_found, raise_if
from .library import FILMS, Film
from .media import Media
from .naming import rendered
from .shapes import bind, named, shape
from .web import Request, Response, accepted, answer, created

named("addmovie", "monitor=movieOnly|movieAndCollection|none searchForMovie=b addMethod=manual|list|collection")
_MOVIE = shape(
    "id=i title=s path=s qualityProfileId=i monitored=b minimumAvailability=tba|announced|inCinemas|released|deleted "
    "tmdbId=i rootFolderPath=s tags=[i] addOptions=@addmovie"
)


class Films(Media):
    parent_kind = unit_kind = "movie"
    search_command, unit_numbers, scan_command = "MoviesSearch", "movieIds", "DownloadedMoviesScan"

    def set_up(self) -> None:
        root, routes = self.program.app.root, self.program.routes
        routes.add("GET", root + "/movie", self._list)
        routes.add("POST", root + "/movie", self._create)
        routes.add("GET", root + "/movie/lookup", self._lookup)
        routes.add("GET", root + "/movie/lookup/tmdb", self._lookup_number)
        routes.add("GET", root + "/movie/{id}", lambda request, number: answer(self.shown(self._stored(number))))
        routes.add("PUT", root + "/movie/{id}", self._update)
        routes.add("DELETE", root + "/movie/{id}", self._delete)
        routes.add("GET", root + "/moviefile", self._files)

    def _stored(self, number: int) -> dict[str, Any]:
        found = self.database.find("movie", number)
        if not found:
            raise not_found()
        return found

    def parent(self, unit: dict[str, Any]) -> dict[str, Any]:
        return unit

    def numbers(self, unit: dict[str, Any]) -> dict[str, int]:
        return {"movieId": unit["id"]}

    def _file_of(self, number: int) -> dict[str, Any] | None:
        return next((file for file in self.database.all("moviefile") if file["movieId"] == number), None)

    def shown(self, item: dict[str, Any]) -> dict[str, Any]:
        file = self._file_of(item["id"]) if item.get("id") else None
        size = file["size"] if file else 0
        statistics: dict[str, Any] = {"movieFileCount": 1 if file else 0, "sizeOnDisk": size, "releaseGroups": []}
        more = {"hasFile": bool(file), "movieFileId": file["id"] if file else 0, "sizeOnDisk": size}
        return {**item, **more, "movieFile": file, "statistics": statistics}

    def _facts(self, film: Film) -> dict[str, Any]:
        return {
            "title": film.title,
            "originalTitle": film.title,
            "originalLanguage": {"id": 1, "name": "English"},
            "alternateTitles": [],
            "secondaryYearSourceId": 0,
            "sortTitle": film.title.lower(),
            "status": "released",
            "overview": "A work that exists on the test bed only.",
            "inCinemas": f"{film.year}-01-01T00:00:00Z",
            "digitalRelease": f"{film.year}-03-01T00:00:00Z",
            "images": [],
            "year": film.year,
            "runtime": 95,
            "cleanTitle": titles.clean(film.title),
            "imdbId": film.imdb,
            "tmdbId": film.tmdb,
            "titleSlug": str(film.tmdb),
            "genres": [],
            "keywords": [],
            "tags": [],
            "isAvailable": True,
            "popularity": 1,
        }

    def _looked_up(self, film: Film) -> dict[str, Any]:
        facts = self._facts(film)
        more = {"folder": rendered(self.naming()["movieFolderFormat"], self._film_tokens(facts)), "movieFileId": 0}
        unset = {"monitored": False, "qualityProfileId": 0, "minimumAvailability": "released"}
        return {**facts, **more, **unset, "added": "0001-01-01T00:00:00Z"}

    def _lookup(self, request: Request) -> Response:
        term = request.query.get("term", "")
        prefix, _, number = term.partition(":")
        found = []
        for film in FILMS:
            by_number = (prefix.strip().lower(), number.strip()) in (("tmdb", str(film.tmdb)), ("imdb", film.imdb))
            named_so = titles.clean(term) and titles.clean(term) in f"{titles.clean(film.title)}{film.year}"
            if by_number or named_so:
                found.append(self._looked_up(film))
        return answer(found)

    def _lookup_number(self, request: Request) -> Response:
        film = next((film for film in FILMS if film.tmdb == request.number("tmdbId")), None)
        if not film:
            raise not_found()
        return answer(self._looked_up(film))

    def _film_tokens(self, item: dict[str, Any]) -> dict[str, Any]:
        return {
            "Movie Title": item["title"],
            "Movie CleanTitle": item["title"],
            "Movie OriginalTitle": item["title"],
            "Release Year": str(item["year"]),
            "ImdbId": item["imdbId"],
            "TmdbId": str(item["tmdbId"]),
        }

    def _list(self, request: Request) -> Response:
        tmdb = request.number("tmdbId")
        return answer([self.shown(item) for item in self.database.all("movie") if not tmdb or item["tmdbId"] == tmdb])

    def _create(self, request: Request) -> Response:
        body = bind(request.json(), _MOVIE)
        film = next((film for film in FILMS if film.tmdb == body["tmdbId"]), None)
        failures = []
        if film is None:
            failures.append(Failure("TmdbId", "A movie with this ID was not found", body["tmdbId"]))
        if any(item["tmdbId"] == body["tmdbId"] for item in self.database.all("movie")):
            failures.append(Failure("TmdbId", "This movie has already been added", body["tmdbId"]))
        facts = self._facts(film or FILMS[0])
        folder = rendered(self.naming()["movieFolderFormat"], self._film_tokens(facts))
        path, more = self.checked_place(body, folder)
        raise_if(failures + more, True)
        options = body.pop("addOptions") or {"searchForMovie": False}
        kept = {name: body[name] for name in ("qualityProfileId", "monitored", "minimumAvailability", "tags")}
        item = {**facts, **kept, "path": path, "rootFolderPath": self.root_of(path), "added": now()}
        item["folderName"] = path
        stored = self.database.add("movie", item)
        if options["searchForMovie"]:
            self.program.commands.push("MoviesSearch", {"movieIds": [stored["id"]]})
        return created(self.shown(stored))

    def _update(self, request: Request, number: int) -> Response:
        body, before = bind(request.json(), _MOVIE), self._stored(number)
        kept = ("path", "qualityProfileId", "monitored", "minimumAvailability", "tags")
        item = self.database.put("movie", {**before, **{name: body[name] for name in kept}})
        return accepted(self.shown(item))

    def _delete(self, request: Request, number: int) -> Response:
        item, file = self._stored(number), self._file_of(number)
        if file:
            self.database.delete("moviefile", file["id"])
        self.database.delete("movie", number)
        if request.flag("deleteFiles"):
            shutil.rmtree(item["path"], ignore_errors=True)
        return answer({})

    def _files(self, request: Request) -> Response:
        number = request.number("movieId")
        return answer([item for item in self.database.all("moviefile") if item["movieId"] == number])

    def matching(self, title: str) -> list[dict[str, Any]]:
        found = titles.film(title)
        if not found:
            return []
        name, year = titles.clean(found[0]), found[1]
        return [item for item in self.database.all("movie") if item["cleanTitle"] == name and item["year"] == year]

    def queries(self, unit: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            {"t": "movie", "tmdbid": unit["tmdbId"]},
            {"t": "movie", "imdbid": unit["imdbId"].removeprefix("tt")},
            {"t": "search", "q": f"{unit['title']} {unit['year']}"},
        ]

    def target(self, units: list[dict[str, Any]], file: Path, title: str) -> Path:
        naming, folder = self.naming(), Path(units[0]["path"])
        if not naming["renameMovies"]:
            return folder / file.name
        tokens = {**self._film_tokens(units[0]), **self.tokens(title)}
        return folder / (rendered(naming["standardMovieFormat"], tokens) + file.suffix)

    def imported(self, units: list[dict[str, Any]], path: Path, title: str) -> None:
        before = self._file_of(units[0]["id"])
        if before:
            self.replace_file("moviefile", before["id"], path)
        record = {
            "movieId": units[0]["id"],
            "relativePath": path.name,
            "path": str(path),
            "size": path.stat().st_size,
            "dateAdded": now(),
            "sceneName": title,
            "releaseGroup": titles.group(title),
            "edition": "",
            "languages": [{"id": 1, "name": "English"}],
            "quality": titles.model(titles.quality(self.program.app, title)),
            "customFormats": [],
            "customFormatScore": 0,
            "indexerFlags": 0,
            "qualityCutoffNotMet": False,
        }
        self.database.add("moviefile", record)
