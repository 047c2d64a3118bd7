# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All generated pages, and those in the tree that differ from them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.handbook import plugins, variables

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("docs/variables", "docs/modules")


def generated(root: Path = ROOT) -> dict[str, str]:
    """Return the text of every generated page by its path."""
    return {**variables.pages(root), **plugins.pages(root)}


def stale(root: Path = ROOT) -> list[str]:
    """Return the pages that differ, are missing, or are about something that is no more."""
    wanted = generated(root)
    there = {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for folder in FOLDERS
        for path in (root / folder).glob("*.md")
    }
    return sorted(path for path in wanted.keys() | there.keys() if wanted.get(path) != there.get(path))


def write(paths: Iterable[str], root: Path = ROOT) -> None:
    """Write these pages, and remove those that are no more."""
    wanted = generated(root)
    for path in paths:
        target = root / path
        if path in wanted:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(wanted[path], encoding="utf-8")
        else:
            target.unlink()
