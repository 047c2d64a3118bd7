# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Artists with albums, and authors with books: two words for the same thing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import counts, titles
from .commands import now
from .errors import Failure, not_found, raise_if
from .library import ALBUMS, BOOKS, Work
from .media import Media
from .naming import rendered
from .shapes import bind, named, shape
from .web import Request, Response, accepted, answer, created

if TYPE_CHECKING:
    from .program import Program

_SHAPE = (
    "id=i {maker}Name=s foreign{Maker}Id=s path=s qualityProfileId=i metadataProfileId=i monitored=b "
    "monitorNewItems=all|none|new rootFolderPath=s tags=[i] addOptions=@add{maker}"
)


@dataclass(frozen=True)
class Words:
    maker: str
    work: str
    works: tuple[Work, ...]
    extensions: tuple[str, ...]
    numbers: str
    search: str
    scan: str
    folder_format: str
    file_kind: str


MUSIC = Words(
    "artist",
    "album",
    ALBUMS,
    (".flac", ".mp3", ".m4a", ".ogg"),
    "albumIds",
    "AlbumSearch",
    "DownloadedAlbumsScan",
    "artistFolderFormat",
    "trackfile",
)
READING = Words(
    "author",
    "book",
    BOOKS,
    (".epub", ".azw3", ".mobi", ".pdf", ".m4b"),
    "bookIds",
    "BookSearch",
    "DownloadedBooksScan",
    "authorFolderFormat",
    "bookfile",
)


class Shelf(Media):
    def __init__(self, program: Program, words: Words) -> None:
        super().__init__(program)
        self.words = words
        self.parent_kind, self.unit_kind = words.maker, words.work
        self.extensions, self.unit_numbers = words.extensions, words.numbers
        self.search_command, self.scan_command = words.search, words.scan
        plural = words.work.capitalize() + "s"
        named(
            f"add{words.maker}",
            "monitor=all|future|missing|existing|latest|first|none|unknown monitored=b "
            f"{words.work}sToMonitor=[s] searchForMissing{plural}=b",
        )
        self.shape = shape(_SHAPE.format(maker=words.maker, Maker=words.maker.capitalize()))
        self.maker_id, self.work_id = f"foreign{words.maker.capitalize()}Id", f"foreign{words.work.capitalize()}Id"
        self.name = f"{words.maker}Name"
        self.part = "track" if words is MUSIC else "book"

    def set_up(self) -> None:
        root, routes, words = self.program.app.root, self.program.routes, self.words
        path = f"{root}/{words.maker}"
        routes.add("GET", path, lambda request: answer([self._maker(item) for item in self.database.all(words.maker)]))
        routes.add("POST", path, self._create)
        routes.add("GET", path + "/lookup", self._lookup)
        routes.add(
            "GET", path + "/{id}", lambda request, number: answer(self._maker(self._stored(words.maker, number)))
        )
        routes.add("PUT", path + "/{id}", self._update)
        routes.add("DELETE", path + "/{id}", self._delete)
        routes.add("GET", f"{root}/{words.work}", self._works)
        routes.add("GET", f"{root}/{words.work}/{{id}}", self._work)
        routes.add("GET", f"{root}/{words.file_kind}", self._files)

    def _stored(self, kind: str, number: int) -> dict[str, Any]:
        found = self.database.find(kind, number)
        if not found:
            raise not_found()
        return found

    def _facts(self, work: Work) -> dict[str, Any]:
        return {
            "status": "continuing",
            "ended": False,
            self.name: work.maker,
            self.maker_id: work.maker_id,
            "overview": "A maker that exists on the test bed only.",
            "links": [],
            "images": [],
            "genres": [],
            "cleanName": titles.clean(work.maker),
            "sortName": work.maker.lower(),
            "tags": [],
            "ratings": {"votes": 0, "value": 0},
        }

    def _lookup(self, request: Request) -> Response:
        term = request.query.get("term", "")
        number = term.partition(":")[2].strip() or term
        return answer(
            [
                {**self._facts(work), "monitored": False, "qualityProfileId": 0, "metadataProfileId": 0}
                for work in self.words.works
                if number == work.maker_id or (titles.clean(term) and titles.clean(term) in titles.clean(work.maker))
            ]
        )

    def _create(self, request: Request) -> Response:
        body, words = bind(request.json(), self.shape), self.words
        works = [work for work in words.works if work.maker_id == body[self.maker_id]]
        title = self.maker_id[0].upper() + self.maker_id[1:]
        failures = []
        if not works:
            text = f"{words.maker.capitalize()} with this id was not found"
            failures.append(Failure(title, text, body[self.maker_id]))
        if any(item[self.maker_id] == body[self.maker_id] for item in self.database.all(words.maker)):
            failures.append(Failure(title, f"This {words.maker} has already been added", body[self.maker_id]))
        facts = self._facts(works[0] if works else words.works[0])
        folder = rendered(self.naming()[words.folder_format], self._maker_tokens(facts))
        path, more = self.checked_place(body, folder)
        if not self.database.find("metadataprofile", body["metadataProfileId"]):
            number = body["metadataProfileId"]
            more.append(Failure("MetadataProfileId", "Metadata profile does not exist", number))
        raise_if(failures + more, True)
        options = body.pop("addOptions") or {}
        kept = ("qualityProfileId", "metadataProfileId", "monitored", "monitorNewItems", "tags")
        item = {**facts, **{name: body[name] for name in kept}, "path": path, "rootFolderPath": self.root_of(path)}
        stored = self.database.add(words.maker, {**item, "added": now()})
        numbers = [self._add_work(stored, work, options)["id"] for work in works]
        if options.get(f"searchForMissing{words.work.capitalize()}s"):
            self.program.commands.push(words.search, {words.numbers: numbers})
        return created(self._maker(stored))

    def _add_work(self, maker: dict[str, Any], work: Work, options: dict[str, Any]) -> dict[str, Any]:
        any_form = "anyReleaseOk" if self.words is MUSIC else "anyEditionOk"
        body = {
            "title": work.title,
            f"{self.words.maker}Id": maker["id"],
            self.work_id: work.work_id,
            "monitored": maker["monitored"] and options.get("monitor") != "none",
            any_form: True,
            "releaseDate": f"{work.year}-01-01T00:00:00Z",
            "genres": [],
            "images": [],
            "links": [],
            "ratings": {"votes": 0, "value": 0},
        }
        return self.database.add(self.words.work, body)

    def _update(self, request: Request, number: int) -> Response:
        body, before = bind(request.json(), self.shape), self._stored(self.words.maker, number)
        kept = ("path", "qualityProfileId", "metadataProfileId", "monitored", "monitorNewItems", "tags")
        after = self.database.put(self.words.maker, {**before, **{name: body[name] for name in kept}})
        return accepted(self._maker(after))

    def _delete(self, request: Request, number: int) -> Response:
        self._stored(self.words.maker, number)
        for kind in (self.words.work, self.words.file_kind):
            for item in self.database.all(kind):
                if item[f"{self.words.maker}Id"] == number:
                    self.database.delete(kind, item["id"])
        self.database.delete(self.words.maker, number)
        return answer({})

    def _shown(self, work: dict[str, Any]) -> dict[str, Any]:
        files = [file for file in self.database.all(self.words.file_kind) if file[f"{self.words.work}Id"] == work["id"]]
        return {**work, "statistics": counts.of_work(self.part, files)}

    def _one(self, request: Request, number: int) -> Response:
        return answer(self._maker(self._stored(self.words.maker, number)))

    def _maker(self, maker: dict[str, Any]) -> dict[str, Any]:
        own = f"{self.words.maker}Id"
        works, files = (
            [item for item in self.database.all(kind) if item[own] == maker["id"]]
            for kind in (self.words.work, self.words.file_kind)
        )
        return {**maker, "statistics": counts.of_maker(self.part, works, files)}

    def _works(self, request: Request) -> Response:
        number = request.number(f"{self.words.maker}Id")
        items = self.database.all(self.words.work)
        return answer([self._shown(item) for item in items if not number or item[f"{self.words.maker}Id"] == number])

    def _work(self, request: Request, number: int) -> Response:
        return answer(self._shown(self._stored(self.words.work, number)))

    def _files(self, request: Request) -> Response:
        number = request.number(f"{self.words.maker}Id")
        files = self.database.all(self.words.file_kind)
        return answer([file for file in files if file[f"{self.words.maker}Id"] == number])

    def _maker_tokens(self, maker: dict[str, Any]) -> dict[str, Any]:
        word = self.words.maker.capitalize()
        return {f"{word} Name": maker[self.name], f"{word} CleanName": maker[self.name]}

    def matching(self, title: str) -> list[dict[str, Any]]:
        """A release is meant when it has maker and title in it."""
        text = titles.clean(title)
        found = []
        for work in self.database.all(self.words.work):
            maker = self.parent(work)
            if titles.clean(maker[self.name]) in text and titles.clean(work["title"]) in text:
                found.append(work)
        return found

    def queries(self, unit: dict[str, Any]) -> list[dict[str, Any]]:
        maker = self.parent(unit)[self.name]
        return [{"t": "search", "q": f"{maker} {unit['title']}"}]

    def target(self, units: list[dict[str, Any]], file: Path, title: str) -> Path:
        unit, naming = units[0], self.naming()
        maker = self.parent(unit)
        year = unit["releaseDate"][:4]
        tokens = {**self._maker_tokens(maker), **self.tokens(title), "Release Year": year}
        tokens.update({"Album Title": unit["title"], "Book Title": unit["title"], "Track Title": file.stem, "track": 1})
        if self.words is MUSIC:
            # Without renaming, an album still has its folder.
            text = naming["standardTrackFormat"] if naming["renameTracks"] else "{Album Title}/{Original Filename}"
        else:
            text = naming["standardBookFormat"] if naming["renameBooks"] else "{Book Title}/{Original Filename}"
        tokens["Original Filename"] = file.stem
        return Path(maker["path"]) / (rendered(text, tokens) + file.suffix)

    def imported(self, units: list[dict[str, Any]], path: Path, title: str) -> None:
        unit = units[0]
        record = {
            **self.numbers(unit),
            "path": str(path),
            "size": path.stat().st_size,
            "dateAdded": now(),
            "quality": titles.model(titles.quality(self.program.app, title)),
            "qualityCutoffNotMet": False,
        }
        self.database.add(self.words.file_kind, record)
