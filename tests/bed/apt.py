# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which Debian mirror this machine uses: read from its apt sources when needed, written nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.bed.shell import BedError

SOURCES = Path("/etc/apt")
# A Debian archive proper: not -security or -backports, and no third party's suite.
DEBIAN_SUITES = {"bookworm", "trixie", "forky", "sid", "stable", "testing", "unstable", "oldstable"}


def archives(text: str, *, deb822: bool) -> Iterator[tuple[str, str, list[str]]]:
    """Yield each (address, suite, components) that an apt source file names for binary packages."""
    yield from _deb822(text) if deb822 else _one_line(text)


def _deb822(text: str) -> Iterator[tuple[str, str, list[str]]]:
    without_comments = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    for stanza in re.split(r"\n\s*\n", without_comments):
        fields: dict[str, list[str]] = {}
        name = ""
        for line in stanza.splitlines():
            if line[:1].isspace():
                fields.setdefault(name, []).extend(line.split())
            elif ":" in line:
                name, _colon, value = line.partition(":")
                name = name.strip().lower()
                fields[name] = value.split()
        if "deb" not in fields.get("types", []) or fields.get("enabled") == ["no"]:
            continue
        for address in fields.get("uris", []):
            for suite in fields.get("suites", []):
                yield address, suite, fields.get("components", [])


def _one_line(text: str) -> Iterator[tuple[str, str, list[str]]]:
    for line in text.splitlines():
        found = re.match(r"deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+(\S+)((?:\s+[^#\s]+)*)", line.strip())
        if found:
            yield found[1], found[2], found[3].split()


def mirror(sources: Path = SOURCES) -> str:
    """Return the address of the Debian archive that this machine's apt uses."""
    files = [sources / "sources.list", *sorted((sources / "sources.list.d").glob("*"))]
    for file in files:
        if not file.is_file() or file.suffix not in (".list", ".sources"):
            continue
        for address, suite, components in archives(file.read_text(), deb822=file.suffix == ".sources"):
            if suite in DEBIAN_SUITES and "main" in components and address.startswith("http"):
                return address.rstrip("/")
    raise BedError(
        f"{sources}: no apt source here names a Debian archive. "
        "The bed builds its images from one; add a line such as 'deb http://MIRROR/debian trixie main'"
    )
