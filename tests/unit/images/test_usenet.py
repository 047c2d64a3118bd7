# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the poster sends is what a news client can read."""

from __future__ import annotations

import itertools
import zlib
from xml.etree import ElementTree

import pytest

from tests.images.internet.lib.usenet import ARTICLE_BYTES, LINE, articles_of, encode, nzb, parts_of, stuffed


def decode(encoded: bytes) -> bytes:
    """As the yEnc specification has it, written from that side."""
    out = bytearray()
    escaped = False
    for value in encoded.replace(b"\r\n", b""):
        if value == 0x3D and not escaped:
            escaped = True
            continue
        out.append((value - 42 - (64 if escaped else 0)) % 256)
        escaped = False
    return bytes(out)


ALL_BYTES = bytes(range(256)) * 20


@pytest.mark.parametrize("data", [b"", b"x", ALL_BYTES, b"\x13" * 1000, bytes([214]) * 500])
def test_what_is_encoded_can_be_decoded(data):
    assert decode(encode(data)) == data


def test_no_line_is_too_long_and_no_escape_is_cut():
    lines = encode(ALL_BYTES).split(b"\r\n")
    assert {len(line) for line in lines[:-1]} <= {LINE, LINE + 1}
    assert not [line for line in lines if line.endswith(b"=")]
    assert not [line for line in lines if set(line) & set(b"\0\r\n")]


def test_the_parts_cover_the_file_once():
    parts = parts_of(2 * ARTICLE_BYTES + 1)
    assert parts[0] == (0, ARTICLE_BYTES)
    assert [end for _begin, end in parts[:-1]] == [begin for begin, _end in parts[1:]]
    assert parts[-1][1] == 2 * ARTICLE_BYTES + 1


def test_an_article_says_what_it_holds():
    data = ALL_BYTES * 200
    ids = (f"{number}@example.com" for number in itertools.count())
    file = articles_of("a.bin", data, "[1/1]", ids)
    assert len(file.articles) == 2
    head, body = file.articles[1].body.split(b"\r\n", 2)[:2], file.articles[1].body.split(b"\r\n", 2)[2]
    assert head[0] == f"=ybegin part=2 total=2 line=128 size={len(data)} name=a.bin".encode()
    assert head[1] == f"=ypart begin={ARTICLE_BYTES + 1} end={len(data)}".encode()
    content, tail = body.rsplit(b"\r\n=yend ", 1)
    assert decode(content) == data[ARTICLE_BYTES:]
    assert f"pcrc32={zlib.crc32(data[ARTICLE_BYTES:]):08x}" in tail.decode()


def test_a_leading_dot_is_doubled():
    assert stuffed(b".a\r\n.\r\nb.\r\n") == b"..a\r\n..\r\nb.\r\n"


def test_the_nzb_lists_every_article():
    ids = (f"<&{number}@example.com" for number in itertools.count())
    file = articles_of('b "c".bin', b"x" * (ARTICLE_BYTES + 1), "[1/1]", ids)
    root = ElementTree.fromstring(nzb([file], "alt.binaries.test", "Poster <p@example.com>", 1))
    space = {"n": "http://www.newzbin.com/DTD/2003/nzb"}
    segments = root.findall(".//n:segment", space)
    assert [segment.text for segment in segments] == ["<&0@example.com", "<&1@example.com"]
    assert [segment.get("number") for segment in segments] == ["1", "2"]
    assert root.findtext(".//n:group", namespaces=space) == "alt.binaries.test"
