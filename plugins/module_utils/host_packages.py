# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which packages are installed, from the text of dpkg's status file: asking dpkg itself costs ten times as much."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

STATUS = "/var/lib/dpkg/status"


def parse_status(text: str, names: Iterable[str]) -> dict[str, str]:
    """Return the version of each named package that is installed."""
    versions = {}
    for name in names:
        version = field(stanza(text, name), "Version")
        if version and field(stanza(text, name), "Status").endswith(" installed"):
            versions[name] = version
    return versions


def stanza(text: str, name: str) -> str:
    """Return what the status file says of a package, or nothing."""
    key = f"Package: {name}\n"
    start = 0 if text.startswith(key) else text.find("\n" + key) + 1
    if start == 0 and not text.startswith(key):
        return ""
    end = text.find("\n\n", start)
    return text[start : end if end >= 0 else len(text)]


def field(text: str, name: str) -> str:
    """Return the value of a one-line field of a stanza, or nothing."""
    for line in text.splitlines():
        if line.startswith(name + ": "):
            return line[len(name) + 2 :].strip()
    return ""


def read_status(path: str = STATUS) -> str:
    """Return the status file's text; a host without dpkg has none."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
