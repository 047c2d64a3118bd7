# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""yEnc articles and the NZB file that lists them: how a file travels over Usenet."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as xml

LINE = 128
ARTICLE_BYTES = 700_000
NZB_SPACE = "http://www.newzbin.com/DTD/2003/nzb"
_SHIFTED = bytes((value + 42) % 256 for value in range(256))
# What may not stand in an article as it is, and what stands for it. The sign for this comes first.
_ESCAPES = tuple((bytes([value]), b"=" + bytes([value + 64])) for value in b"=\0\n\r")


@dataclass(frozen=True)
class Article:
    """One part of a file, ready to be posted but for the line ends' dots, which belong to the protocol."""

    message_id: str
    subject: str
    number: int
    body: bytes


@dataclass(frozen=True)
class PostedFile:
    subject: str
    articles: tuple[Article, ...]


def encode(data: bytes) -> bytes:
    """yEnc: shift every byte, escape four of them, break into lines."""
    shifted = data.translate(_SHIFTED)
    for plain, escaped in _ESCAPES:
        shifted = shifted.replace(plain, escaped)
    return b"\r\n".join(_lines(shifted))


def _lines(encoded: bytes) -> Iterator[bytes]:
    position = 0
    while position < len(encoded):
        end = position + LINE
        # An escape and what it escapes stay together.
        if encoded[end - 1 : end] == b"=":
            end += 1
        yield encoded[position:end]
        position = end


def parts_of(length: int) -> list[tuple[int, int]]:
    """Where each article's share of a file begins and ends."""
    return [(begin, min(begin + ARTICLE_BYTES, length)) for begin in range(0, max(length, 1), ARTICLE_BYTES)]


def articles_of(name: str, data: bytes, place: str, message_ids: Iterator[str]) -> PostedFile:
    shares = parts_of(len(data))
    subject = f'{place} - "{name}" yEnc'
    articles = []
    for number, (begin, end) in enumerate(shares, 1):
        share = data[begin:end]
        body = b"".join(
            (
                f"=ybegin part={number} total={len(shares)} line={LINE} size={len(data)} name={name}\r\n".encode(),
                f"=ypart begin={begin + 1} end={end}\r\n".encode(),
                encode(share),
                f"\r\n=yend size={len(share)} part={number} pcrc32={zlib.crc32(share):08x}\r\n".encode(),
            )
        )
        articles.append(Article(next(message_ids), f"{subject} ({number}/{len(shares)})", number, body))
    return PostedFile(f"{subject} (1/{len(shares)})", tuple(articles))


def stuffed(body: bytes) -> bytes:
    """A line that begins with a dot gets another: the protocol ends an article with a lone one."""
    doubled = body.replace(b"\r\n.", b"\r\n..")
    return b"." + doubled if doubled.startswith(b".") else doubled


def nzb(files: list[PostedFile], group: str, poster: str, date: int) -> bytes:
    root = xml.Element("nzb", xmlns=NZB_SPACE)
    for file in files:
        element = xml.SubElement(root, "file", poster=poster, date=str(date), subject=file.subject)
        xml.SubElement(xml.SubElement(element, "groups"), "group").text = group
        segments = xml.SubElement(element, "segments")
        for article in file.articles:
            attributes = {"bytes": str(len(article.body)), "number": str(article.number)}
            xml.SubElement(segments, "segment", attributes).text = article.message_id
    head = b'<?xml version="1.0" encoding="UTF-8"?>\n'
    doctype = b'<!DOCTYPE nzb PUBLIC "-//newzBin//DTD NZB 1.1//EN" "http://www.newzbin.com/DTD/nzb/nzb-1.1.dtd">\n'
    return head + doctype + xml.tostring(root, encoding="utf-8")
