# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bed's indexer: what it takes a release for, what a question finds, and the form of its answers."""

from __future__ import annotations

import itertools
import json
import sys
import time
from email.utils import parsedate_to_datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

# In the image these files lie in a folder of their own, where they find each other by their bare names.
sys.path.insert(0, str(Path(__file__).parents[2] / "images" / "internet" / "lib"))

import newznab
import releases
import sites
import usenet

NOW = 1_700_000_000
SPACE = {"newznab": newznab.ATTRIBUTES, "atom": newznab.ATOM}


def release(title: str, category: int = 5040, posted: int = NOW, **attributes: str) -> releases.Release:
    known = {**releases.numbered(title), **attributes}
    return releases.Release(title, Path("x.nzb"), category, 1000, 3, posted, "alt.test", "p@example.com", known)


SHOW = "A.Show.S01E02.1080p.WEB-DL.DDP5.1.H.264-GRP"
SHELF = [
    release(SHOW, tvdbid="77"),
    release("A.Show.S02.1080p.WEB-DL-GRP", tvdbid="77"),
    release("Other.Show.S01E02.720p.HDTV-GRP", tvdbid="78"),
    release("A.Film.2020.1080p.BluRay-GRP", 2040, imdb="tt0133093", tmdb="603"),
    release("Somebody-An.Album-FLAC-2020-GRP", 3040),
    release("Some.Writer-A.Book.2020.epub", 7020),
]


def found(function: str, **asked: str) -> list[str]:
    return [item.title.split("-")[0] for item in newznab.select(SHELF, function, asked)]


@pytest.mark.parametrize(
    ("function", "asked", "titles"),
    [
        ("search", {}, 6),
        ("search", {"q": "show"}, 3),
        ("search", {"q": "a show s01e02"}, 1),
        ("search", {"q": "sho"}, 0),
        ("search", {"cat": "2000,7000"}, 2),
        ("search", {"cat": "5045"}, 0),
        ("tvsearch", {}, 3),
        ("tvsearch", {"tvdbid": "77"}, 2),
        ("tvsearch", {"tvdbid": "77", "season": "1", "ep": "2"}, 1),
        ("tvsearch", {"tvdbid": "77", "season": "S02", "ep": "5"}, 1),
        ("tvsearch", {"tvdbid": "79"}, 0),
        ("tvsearch", {"q": "show", "season": "1"}, 2),
        ("tvsearch", {"cat": "2000"}, 1),
        ("movie", {"imdbid": "0133093"}, 1),
        ("movie", {"imdbid": "tt0133093"}, 1),
        ("movie", {"tmdbid": "604"}, 0),
        ("movie", {"q": "a film 2020"}, 1),
        ("music", {"artist": "Somebody", "album": "An Album"}, 1),
        ("music", {"artist": "Nobody"}, 0),
        ("book", {"author": "some writer", "title": "a book"}, 1),
        ("search", {"maxage": "1"}, 0),
    ],
)
def test_a_question_finds_what_it_means(function: str, asked: dict[str, str], titles: int) -> None:
    assert len(found(function, **asked)) == titles


def test_what_is_no_number_is_an_error_of_the_protocol() -> None:
    for asked in ({"cat": "tv"}, {"maxage": "x"}):
        with pytest.raises(newznab.NewznabError, match="Incorrect parameter") as told:
            found("search", **asked)
        assert told.value.code == 201
    with pytest.raises(newznab.NewznabError):
        newznab.page({"limit": "-1"})


@pytest.mark.parametrize(("given", "code"), [(None, 200), ("", 200), ("wrong", 100)])
def test_only_the_customer_is_let_in(given: str | None, code: int) -> None:
    with pytest.raises(newznab.NewznabError) as told:
        newznab.authorize(given, "right")
    assert told.value.code == code
    element = ElementTree.fromstring(newznab.error(told.value.code, told.value.text))
    assert (element.tag, element.get("code")) == ("error", str(code))
    newznab.authorize("right", "right")


def test_an_item_says_what_a_client_reads() -> None:
    root = ElementTree.fromstring(
        newznab.feed(SHELF[:1], {"extended": "1"}, "http://indexer.test", "k", {SHELF[0].guid: 4})
    )
    item = root.find("channel/item")
    assert item is not None
    assert item.findtext("title") == SHOW
    assert item.findtext("category") == "TV > HD"
    assert parsedate_to_datetime(item.findtext("pubDate") or "").timestamp() == NOW
    enclosure = item.find("enclosure")
    assert enclosure is not None
    assert enclosure.attrib == {"url": item.findtext("link"), "length": "1000", "type": "application/x-nzb"}
    told = [(one.get("name"), one.get("value")) for one in item.findall("newznab:attr", SPACE)]
    assert [value for name, value in told if name == "category"] == ["5000", "5040"]
    expected = {"size": "1000", "grabs": "4", "tvdbid": "77", "season": "1", "episode": "2", "guid": SHELF[0].guid}
    assert {name: dict(told)[name] for name in expected} == expected


def test_less_is_told_to_who_does_not_ask_for_more() -> None:
    root = ElementTree.fromstring(newznab.feed(SHELF[:1], {}, "http://indexer.test", "k", {}))
    names = {one.get("name") for one in root.findall(".//newznab:attr", SPACE)}
    assert names == {"category", "size", "guid"}


def test_an_answer_has_pages() -> None:
    root = ElementTree.fromstring(newznab.feed(SHELF, {"limit": "2", "offset": "5"}, "http://x", "k", {}))
    response = root.find("channel/newznab:response", SPACE)
    assert response is not None
    assert response.attrib == {"offset": "5", "total": "6"}
    assert len(root.findall("channel/item")) == 1


def test_the_capabilities_are_those_that_the_searches_have() -> None:
    root = ElementTree.fromstring(newznab.caps())
    kinds = {element.tag: element.get("supportedParams") for element in root.findall("searching/*")}
    assert kinds["tv-search"] == "q,tvdbid,season,ep"
    assert set(kinds) == {"search", "tv-search", "movie-search", "audio-search", "book-search"}
    assert {item.get("id") for item in root.findall("categories/category")} >= {"2000", "3000", "5000", "7000"}


def test_a_posted_release_is_listed_with_what_was_noted_of_it(tmp_path: Path) -> None:
    ids = (f"{number}@example.com" for number in itertools.count())
    file = usenet.articles_of("a.7z.001", b"x" * 1000, "[1/1]", ids)
    for name, posted in (("Older", NOW), (SHOW, int(time.time()))):
        (tmp_path / f"{name}.nzb").write_bytes(usenet.nzb([file], "alt.test", "Poster", posted))
    (tmp_path / f"{SHOW}.json").write_text(json.dumps({"category": 5040, "attributes": {"tvdbid": 77}}))
    (tmp_path / "half.nzb").write_bytes(b"<nzb>")
    first, second = releases.load(tmp_path)
    assert (first.title, first.category, first.files, first.group) == (SHOW, 5040, 1, "alt.test")
    assert first.attributes == {"season": "1", "episode": "2", "tvdbid": "77"}
    assert first.size > 1000
    assert (second.title, second.category) == ("Older", releases.UNSORTED)


def test_a_name_leads_to_its_program_and_only_the_request_goes_there() -> None:
    assert sites.port_of("Indexer.Provider.test:80") == sites.SITES["indexer.provider.test"]
    assert sites.port_of("echo.example.com") is None
    assert sites.port_of(None) is None
    assert sites.end_to_end([("Host", "a"), ("Connection", "close"), ("X-Api-Key", "k")]) == [
        ("Host", "a"),
        ("X-Api-Key", "k"),
    ]
