# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Newznab: asking an indexer, and reading its capabilities and its RSS."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as xml

from .errors import Failure
from .outgoing import Unreachable, ask

SPACE = "{http://www.newznab.com/DTD/2010/feeds/attributes/}"


class NewznabError(Exception):
    """No answer, or none that can be read."""


class KeyRefused(NewznabError):
    """The indexer does not take the API key."""


@dataclass
class Release:
    title: str
    guid: str
    link: str
    size: int
    published: str
    attributes: dict[str, list[str]] = field(default_factory=dict)

    @property
    def categories(self) -> list[int]:
        return [int(text) for text in self.attributes.get("category", []) if text.isdigit()]


def url_of(settings: dict[str, Any]) -> str:
    path = "/" + (settings.get("apiPath") or "").strip("/")
    return (settings.get("baseUrl") or "").rstrip("/") + path


def fetch(settings: dict[str, Any], **query: Any) -> xml.Element:
    """Ask the indexer and return its XML."""
    words = {name: value for name, value in query.items() if value not in ("", None)}
    if settings.get("apiKey"):
        words["apikey"] = settings["apiKey"]
    more = (settings.get("additionalParameters") or "").lstrip("&")
    try:
        answer = ask(f"{url_of(settings)}?{urlencode(words)}{'&' + more if more else ''}", follow=True)
    except Unreachable as error:
        raise NewznabError(f"Unable to connect to indexer: {error}") from error
    try:
        root = xml.fromstring(answer.body)
    except xml.ParseError as error:
        if answer.status in (401, 403):
            raise KeyRefused("Invalid API Key") from error
        raise NewznabError(f"Unexpected answer of the indexer: HTTP {answer.status}") from error
    if root.tag == "error":
        code = int(root.get("code") or 900)
        text = root.get("description") or "no description"
        raise KeyRefused(text) if 100 <= code <= 199 else NewznabError(text)
    if answer.status != 200:
        raise NewznabError(f"Indexer answered HTTP {answer.status}")
    return root


def releases(root: xml.Element) -> list[Release]:
    found = []
    for item in root.iter("item"):
        enclosure = item.find("enclosure")
        link = (enclosure.get("url") if enclosure is not None else None) or item.findtext("link") or ""
        attributes: dict[str, list[str]] = {}
        for attribute in item.iter(f"{SPACE}attr"):
            attributes.setdefault(attribute.get("name") or "", []).append(attribute.get("value") or "")
        length = (enclosure.get("length") if enclosure is not None else None) or "0"
        size = (attributes.get("size") or [length])[0]
        found.append(
            Release(
                title=item.findtext("title") or "",
                guid=item.findtext("guid") or link,
                link=link,
                size=int(size) if size.isdigit() else 0,
                published=_date(item.findtext("pubDate") or ""),
                attributes=attributes,
            )
        )
    return found


def _date(text: str) -> str:
    try:
        return parsedate_to_datetime(text).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (TypeError, ValueError):
        return "2020-01-01T00:00:00Z"


def rfc_date(text: str) -> str:
    """Write a date as RSS does."""
    return format_datetime(datetime.fromisoformat(text.replace("Z", "+00:00")))


def capabilities(settings: dict[str, Any]) -> xml.Element:
    root = fetch(settings, t="caps")
    if root.tag != "caps":
        raise NewznabError("The indexer's capabilities cannot be read")
    return root


def category_numbers(caps: xml.Element) -> set[int]:
    return {int(item.get("id") or 0) for tag in ("category", "subcat") for item in caps.iter(tag)}


def test(settings: dict[str, Any], categories: list[int]) -> list[Failure]:
    """The test on save: capabilities with the key, and a search whose answer can be read."""
    if not re.match(r"https?://", settings.get("baseUrl") or ""):
        return [Failure("BaseUrl", "Invalid Url: must be a full URL", settings.get("baseUrl"))]
    try:
        caps = capabilities(settings)
        # Capabilities may be public; only a search tells whether the key is good.
        root = fetch(settings, t="search", limit=100, cat=",".join(map(str, categories)))
    except KeyRefused as error:
        return [Failure("ApiKey", f"Invalid API Key: {error}")]
    except NewznabError as error:
        return [Failure("BaseUrl", "Unable to connect to indexer, check the log for more details", detail=str(error))]
    if categories and not set(categories) & category_numbers(caps):
        text = "Query successful, but no results in the configured categories were returned from your indexer."
        return [Failure("", text, warning=True)]
    if root.tag != "rss":
        return [Failure("", "Query successful, but the answer is no RSS feed")]
    return []
