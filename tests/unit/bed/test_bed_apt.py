# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bed import apt
from tests.bed.shell import BedError

DEB822 = """\
# a comment
Types: deb deb-src
# an older address
URIs: http://mirror.test/debian/
Suites: bookworm
  bookworm-updates
Components: main contrib

Types: deb-src
URIs: http://sources.test/debian
Suites: trixie
Components: main

Types: deb
Enabled: no
URIs: http://off.test/debian
Suites: trixie
Components: main
"""


def test_deb822_yields_every_suite_of_enabled_binary_stanzas() -> None:
    assert list(apt.archives(DEB822, deb822=True)) == [
        ("http://mirror.test/debian/", "bookworm", ["main", "contrib"]),
        ("http://mirror.test/debian/", "bookworm-updates", ["main", "contrib"]),
    ]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("deb http://m.test/debian trixie main", [("http://m.test/debian", "trixie", ["main"])]),
        ("deb [arch=amd64 signed-by=/k.gpg] http://m.test/d sid main # x", [("http://m.test/d", "sid", ["main"])]),
        ("deb file:/srv/apt ./", [("file:/srv/apt", "./", [])]),
        ("deb-src http://m.test/debian trixie main", []),
        ("# deb http://m.test/debian trixie main", []),
    ],
)
def test_one_line_format(line: str, found: list[tuple[str, str, list[str]]]) -> None:
    assert list(apt.archives(line, deb822=False)) == found


def test_mirror_passes_over_security_and_third_parties(tmp_path: Path) -> None:
    parts = tmp_path / "sources.list.d"
    parts.mkdir()
    (tmp_path / "sources.list").write_text("deb http://sec.test/debian-security bookworm-security main\n")
    (parts / "a.list").write_text("deb https://third.test/apt stuff-bookworm main\n")
    (parts / "b.sources").write_text(DEB822)
    (parts / "c.list.save").write_text("deb http://old.test/debian bookworm main\n")
    assert apt.mirror(tmp_path) == "http://mirror.test/debian"


def test_without_a_debian_archive_the_error_says_what_to_add(tmp_path: Path) -> None:
    (tmp_path / "sources.list.d").mkdir()
    with pytest.raises(BedError, match="add a line such as"):
        apt.mirror(tmp_path)
