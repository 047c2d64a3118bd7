# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Newznab protocol: which releases a question means, and the answers as XML. Errors are an XML answer as well."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from xml.etree import ElementTree as xml

from releases import Release

ATTRIBUTES = "http://www.newznab.com/DTD/2010/feeds/attributes/"
ATOM = "http://www.w3.org/2005/Atom"
MOST = 100

CATEGORIES: dict[int, tuple[str, dict[int, str]]] = {
    2000: ("Movies", {2030: "SD", 2040: "HD", 2045: "UHD", 2050: "BluRay", 2080: "WEB-DL"}),
    3000: ("Audio", {3010: "MP3", 3030: "Audiobook", 3040: "Lossless"}),
    5000: ("TV", {5030: "SD", 5040: "HD", 5045: "UHD", 5070: "Anime"}),
    7000: ("Books", {7010: "Mags", 7020: "EBook"}),
    8000: ("Other", {8010: "Misc"}),
}


@dataclass(frozen=True)
class Function:
    """One kind of search. identifiers: parameters that a release's own attributes answer; words: looked for in its
    title; parent: the category that it is about."""

    element: str
    parent: int
    identifiers: tuple[str, ...]
    words: tuple[str, ...]


FUNCTIONS = {
    "search": Function("search", 0, (), ("q",)),
    "tvsearch": Function("tv-search", 5000, ("tvdbid", "season", "ep"), ("q",)),
    "movie": Function("movie-search", 2000, ("imdbid", "tmdbid"), ("q",)),
    "music": Function("audio-search", 3000, (), ("q", "artist", "album")),
    "book": Function("book-search", 7000, (), ("q", "author", "title")),
}
#: The parameter's name, where the attribute of a release has another.
_ATTRIBUTE_OF = {"ep": "episode", "imdbid": "imdb", "tmdbid": "tmdb"}


class NewznabError(Exception):
    """An error of the protocol: its number and its text."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


def authorize(given: str | None, key: str) -> None:
    """Let only the customer in."""
    if not given:
        raise NewznabError(200, "Missing parameter (apikey)")
    if given != key:
        raise NewznabError(100, "Incorrect user credentials")


def select(releases: Iterable[Release], function: str, asked: Mapping[str, str]) -> list[Release]:
    """Return every release that a search means, the latest first, as they come."""
    kind = FUNCTIONS[function]
    return [
        release
        for release in releases
        if _in_categories(release.category, asked.get("cat", ""), kind.parent)
        and all(_has(release, name, asked[name]) for name in kind.identifiers if asked.get(name))
        and all(_contains(release.title, asked[name]) for name in kind.words if asked.get(name))
        and _young(release, asked.get("maxage", ""))
    ]


def page(asked: Mapping[str, str]) -> tuple[int, int]:
    """Return where the wanted part of the answer begins, and how long it is at most."""
    return _number(asked, "offset", 0), min(_number(asked, "limit", MOST), MOST)


def _number(asked: Mapping[str, str], name: str, default: int) -> int:
    text = asked.get(name) or str(default)
    if not text.isdecimal():
        raise NewznabError(201, f"Incorrect parameter ({name})")
    return int(text)


def _in_categories(category: int, listed: str, parent: int) -> bool:
    wanted = [word.strip() for word in listed.split(",") if word.strip()] or ([str(parent)] if parent else [])
    if not all(word.isdecimal() for word in wanted):
        raise NewznabError(201, "Incorrect parameter (cat)")
    return not wanted or any(int(word) in (category, category // 1000 * 1000) for word in wanted)


def _has(release: Release, name: str, value: str) -> bool:
    """Tell whether a release is known to have this. A release of a whole season has each of its episodes."""
    own = release.attributes.get(_ATTRIBUTE_OF.get(name, name))
    if name == "ep" and own is None:
        return "season" in release.attributes
    return own is not None and _plain(own) == _plain(value)


def _plain(value: str) -> str:
    """IMDb's numbers come with and without "tt" and zeros, seasons with and without S."""
    return re.sub(r"^(tt|[se])?0*(?=\d)", "", value.strip().lower())


def _contains(title: str, text: str) -> bool:
    words = set(_words(title))
    return all(word in words for word in _words(text))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower().replace("'", ""))


def _young(release: Release, days: str) -> bool:
    if not days:
        return True
    if not days.isdecimal():
        raise NewznabError(201, "Incorrect parameter (maxage)")
    return release.posted > time.time() - int(days) * 86400


def caps() -> bytes:
    """Return what this indexer can do."""
    root = xml.Element("caps")
    xml.SubElement(root, "server", title="Indexer of the test bed", version="0.1")
    xml.SubElement(root, "limits", max=str(MOST), default=str(MOST))
    xml.SubElement(root, "retention", days="4000")
    xml.SubElement(root, "registration", available="no", open="no")
    searching = xml.SubElement(root, "searching")
    for function in FUNCTIONS.values():
        parameters = ",".join((*function.words, *function.identifiers))
        xml.SubElement(searching, function.element, available="yes", supportedParams=parameters)
    categories = xml.SubElement(root, "categories")
    for number, (name, children) in CATEGORIES.items():
        element = xml.SubElement(categories, "category", id=str(number), name=name)
        for child, called in children.items():
            xml.SubElement(element, "subcat", id=str(child), name=called)
    return _text(root)


def feed(found: list[Release], asked: Mapping[str, str], site: str, key: str, grabs: Mapping[str, int]) -> bytes:
    """Return the wanted part of what was found, as RSS. The links hold the customer's key."""
    offset, limit = page(asked)
    root = xml.Element("rss", {"version": "2.0", "xmlns:newznab": ATTRIBUTES, "xmlns:atom": ATOM})
    channel = xml.SubElement(root, "channel")
    xml.SubElement(channel, "atom:link", href=f"{site}/api", rel="self", type="application/rss+xml")
    for name, value in (("title", "Indexer of the test bed"), ("description", "API results"), ("link", site)):
        xml.SubElement(channel, name).text = value
    xml.SubElement(channel, "newznab:response", offset=str(offset), total=str(len(found)))
    extended = asked.get("extended") == "1"
    for release in found[offset : offset + limit]:
        _item(channel, release, site, key, grabs.get(release.guid, 0), extended)
    return _text(root)


def _item(channel: xml.Element, release: Release, site: str, key: str, grabs: int, extended: bool) -> None:
    link = f"{site}/getnzb?id={release.guid}&apikey={key}"
    date = formatdate(release.posted, usegmt=True)
    parent, children = CATEGORIES.get(release.category // 1000 * 1000, ("Other", {}))
    item = xml.SubElement(channel, "item")
    xml.SubElement(item, "title").text = release.title
    xml.SubElement(item, "guid", isPermaLink="true").text = f"{site}/details/{release.guid}"
    for name, value in (
        ("link", link),
        ("comments", f"{site}/details/{release.guid}#comments"),
        ("pubDate", date),
        ("category", " > ".join([parent, *filter(None, [children.get(release.category)])])),
        ("description", release.title),
    ):
        xml.SubElement(item, name).text = value
    xml.SubElement(item, "enclosure", url=link, length=str(release.size), type="application/x-nzb")
    told = [("category", str(number)) for number in sorted({release.category // 1000 * 1000, release.category})]
    told += [("size", str(release.size)), ("guid", release.guid)]
    if extended:
        told += [("files", str(release.files)), ("poster", release.poster), ("group", release.group)]
        told += [("grabs", str(grabs)), ("usenetdate", date), ("password", "0"), *release.attributes.items()]
    for name, value in told:
        xml.SubElement(item, "newznab:attr", name=name, value=value)


def error(code: int, text: str) -> bytes:
    return _text(xml.Element("error", code=str(code), description=text))


def _text(root: xml.Element) -> bytes:
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + xml.tostring(root, encoding="utf-8")
