# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prowlarr as an indexer: what applications ask it, it asks the real indexer, and leads downloads back to itself."""

from __future__ import annotations

import base64
import hashlib
import hmac
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from xml.etree import ElementTree as xml

from . import newznab
from .commands import now
from .errors import refused
from .indexer_stats import GRAB, QUERY, RSS, Events
from .newznab import NewznabError, Release
from .web import Request, Response, answer, page, redirect

if TYPE_CHECKING:
    from .program import Program

SEARCHES = ("search", "tvsearch", "movie", "music", "book")
_FORWARDED = (
    *("q", "cat", "limit", "offset", "season", "ep", "tvdbid", "imdbid", "tmdbid", "tvmazeid", "rid", "year"),
    *("artist", "album", "author", "title", "extended"),
)
# What the test of an application asks for is answered by Prowlarr itself, as indexer 0.
TEST_ID = 0
STANDARD = {
    2000: ("Movies", (2030, 2040, 2045, 2050, 2060)),
    3000: ("Audio", (3010, 3030, 3040)),
    5000: ("TV", (5030, 5040, 5045, 5070)),
    7000: ("Books", (7020, 7030)),
}

xml.register_namespace("newznab", newznab.SPACE.strip("{}"))


class IndexerProxy:
    def __init__(self, program: Program) -> None:
        self.program = program
        self._events = Events()
        self._capabilities: dict[str, dict[int, tuple[str, tuple[int, ...]]]] = {}

    def categories(self, definition: dict[str, Any]) -> dict[int, tuple[str, tuple[int, ...]]]:
        """Return what the indexer has, asked once; nothing while it does not answer."""
        known = repr(definition["settings"])
        if known not in self._capabilities:
            try:
                caps = newznab.capabilities(definition["settings"])
            except NewznabError as error:
                self.program.log.warn("Newznab", f"Unable to read capabilities of {definition['name']}: {error}")
                return {}
            self._capabilities[known] = {
                int(item.get("id") or 0): (
                    item.get("name") or "",
                    tuple(int(sub.get("id") or 0) for sub in item.iter("subcat")),
                )
                for item in caps.iter("category")
            }
        return self._capabilities[known]

    def capabilities(self, definition: dict[str, Any]) -> dict[str, Any]:
        """Return the capabilities as Prowlarr's own API shows them."""
        known = self._capabilities.get(repr(definition["settings"]), {})
        return {
            "limitsMax": 100,
            "limitsDefault": 100,
            "categories": [
                {"id": number, "name": name, "subCategories": [{"id": sub, "subCategories": []} for sub in subs]}
                for number, (name, subs) in known.items()
            ],
            "supportsRawSearch": False,
            "searchParams": ["q"],
            "tvSearchParams": ["q", "season", "ep", "tvdbId"],
            "movieSearchParams": ["q", "imdbId", "tmdbId"],
            "musicSearchParams": ["q"],
            "bookSearchParams": ["q"],
        }

    def _indexer(self, number: int) -> dict[str, Any]:
        found = self.program.database.find("indexer", number)
        if not found:
            raise refused(404, "Indexer Not Found")
        if not found["enable"]:
            raise refused(410, "Indexer is disabled")
        return found

    def newznab(self, request: Request, number: int) -> Response:
        wanted = request.query.get("t", "").lower()
        if wanted == "caps":
            known = STANDARD if number == TEST_ID else self.categories(self._indexer(number))
            return _xml(_caps(known))
        if wanted not in SEARCHES:
            return _error(200 if not wanted else 202, "Missing parameter (t)" if not wanted else "No such function")
        if number == TEST_ID:
            numbers = [str(sub) for _, subs in STANDARD.values() for sub in subs]
            test = Release("Test Release", "https://prowlarr.com", "https://prowlarr.com", 1000, now())
            test.attributes["category"] = numbers
            return _xml(_feed([test]))
        definition = self._indexer(number)
        words = {name: request.query[name] for name in _FORWARDED if name in request.query}
        term = words.get("q") or words.get("tvdbid") or words.get("tmdbid") or ""
        told, begun = (RSS if not term else QUERY, number, request, {"query": term, "queryType": wanted}), monotonic()
        try:
            found = newznab.releases(newznab.fetch(definition["settings"], t=wanted, **words))
        except NewznabError as error:
            self.program.log.warn("Newznab", f"{definition['name']}: {error}")
            self._event(*told, begun, successful=False)
            return _error(900, str(error), 502)
        self.program.log.info(
            "ReleaseSearchService", f"Searching indexer(s): [{definition['name']}] for Term: [{term}]"
        )
        self._event(*told, begun)
        base = f"http://{request.headers.get('host', 'localhost')}{request.base}/{number}/download"
        for release in found:
            release.link = f"{base}?{self._link(release)}"
        return _xml(_feed(found))

    def _signature(self, text: str) -> str:
        return hmac.new(self.program.auth.key.encode(), text.encode(), hashlib.sha256).hexdigest()[:16]

    def _link(self, release: Release) -> str:
        packed = base64.urlsafe_b64encode(release.link.encode()).decode()
        words = {"apikey": self.program.auth.key, "link": packed + self._signature(packed), "file": release.title}
        return urlencode(words)

    def download(self, request: Request, number: int) -> Response:
        definition = self._indexer(number)
        told = request.query.get("link", "")
        packed, signature = told[:-16], told[-16:]
        if not packed or not hmac.compare_digest(self._signature(packed).encode(), signature.encode()):
            raise refused(404, "Invalid Prowlarr link")
        title = request.query.get("file", "")
        self.program.log.info("DownloadService", f"Release grabbed from {definition['name']}: {title}")
        self._event(GRAB, number, request, {"title": title, "grabMethod": "Redirect"}, monotonic())
        return redirect(base64.urlsafe_b64decode(packed).decode(), 301)

    def search(self, request: Request) -> Response:
        """Prowlarr's own search, over all enabled indexers."""
        results = []
        for definition in self.program.providers["indexer"].enabled():
            try:
                feed = newznab.fetch(definition["settings"], t="search", q=request.query.get("query", ""))
            except NewznabError as error:
                self.program.log.warn("Newznab", f"{definition['name']}: {error}")
                continue
            for release in newznab.releases(feed):
                results.append(
                    {
                        "guid": release.guid,
                        "title": release.title,
                        "size": release.size,
                        "indexerId": definition["id"],
                        "indexer": definition["name"],
                        "publishDate": release.published,
                        "categories": [{"id": number, "subCategories": []} for number in release.categories],
                        "protocol": "usenet",
                    }
                )
        return answer(results)

    def _event(
        self, kind: str, number: int, request: Request, data: dict[str, str], begun: float, successful: bool = True
    ) -> None:
        source = request.headers.get("user-agent", "").partition("/")[0]
        data = {**data, "source": source, "host": request.peer}
        self._events.note(kind, number, successful, round(1000 * (monotonic() - begun)), data)

    def stats(self, request: Request) -> Response:
        names = {item["id"]: item["name"] for item in self.program.database.all("indexer")}
        return answer(self._events.stats(names, request.query.get("startdate", ""), request.query.get("enddate", "")))

    def history(self, request: Request) -> Response:
        size, page_number = request.number("pageSize", 10), max(request.number("page", 1), 1)
        newest = self._events.all[::-1]
        return answer(
            {
                "page": page_number,
                "pageSize": size,
                "sortKey": "date",
                "sortDirection": "descending",
                "totalRecords": len(newest),
                "records": newest[(page_number - 1) * size : page_number * size],
            }
        )


def _caps(known: Any) -> xml.Element:
    root = xml.Element("caps")
    xml.SubElement(root, "server", {"title": "Prowlarr"})
    xml.SubElement(root, "limits", {"default": "100", "max": "100"})
    searching = xml.SubElement(root, "searching")
    for name, words in (
        ("search", "q"),
        ("tv-search", "q,season,ep,tvdbid"),
        ("movie-search", "q,imdbid,tmdbid"),
        ("music-search", "q"),
        ("audio-search", "q"),
        ("book-search", "q"),
    ):
        xml.SubElement(searching, name, {"available": "yes", "supportedParams": words})
    listed = xml.SubElement(root, "categories")
    for number, (name, subs) in known.items():
        entry = xml.SubElement(listed, "category", {"id": str(number), "name": name})
        for sub in subs:
            xml.SubElement(entry, "subcat", {"id": str(sub), "name": f"{name}/{sub}"})
    return root


def _feed(releases: list[Release]) -> xml.Element:
    root = xml.Element("rss", {"version": "2.0"})
    channel = xml.SubElement(root, "channel")
    xml.SubElement(channel, "title").text = "Prowlarr"
    for release in releases:
        item = xml.SubElement(channel, "item")
        for name, text in (
            ("title", release.title),
            ("guid", release.guid),
            ("pubDate", newznab.rfc_date(release.published)),
            ("size", str(release.size)),
            ("link", release.link),
        ):
            xml.SubElement(item, name).text = text
        kind = {"url": release.link, "length": str(release.size), "type": "application/x-nzb"}
        xml.SubElement(item, "enclosure", kind)
        for name, values in release.attributes.items():
            for value in values:
                xml.SubElement(item, f"{newznab.SPACE}attr", {"name": name, "value": value})
    return root


def _xml(root: xml.Element, status: int = 200) -> Response:
    text = '<?xml version="1.0" encoding="UTF-8"?>\n' + xml.tostring(root, encoding="unicode")
    return page(text, status, "application/rss+xml")


def _error(code: int, text: str, status: int = 400) -> Response:
    return _xml(xml.Element("error", {"code": str(code), "description": text}), status)
