# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where README, handbook and the pages of the roles lead is there, and so is the test behind each claim."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "roles").glob("*/README.md"))]
LINK = re.compile(r"\]\((?P<path>[^)#\s]*)(#(?P<anchor>[^)\s]+))?\)")
ROW = re.compile(r"^\| (?P<feature>[^|]+) \| (?P<here>[^|]+) \| (?P<shown>[^|]*) \|( [^|]+ \|){7}$", re.MULTILINE)


@cache
def anchors(page: Path) -> frozenset[str]:
    """Return the names that GitHub gives to the headings of a page."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)


def broken(page: Path) -> list[str]:
    """Return the links of a page that lead nowhere."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    found = []
    for link in LINK.finditer(re.sub(r"`[^`\n]*`", "", text)):
        if re.match(r"[a-z]+:", link["path"]):
            continue
        target = (page.parent / link["path"]).resolve() if link["path"] else page
        if not target.exists() or (link["anchor"] and link["anchor"] not in anchors(target)):
            found.append(link[0][2:-1])
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    assert broken(page) == []


def test_every_page_of_the_handbook_is_in_its_index() -> None:
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    pages = [path.name for path in (ROOT / "docs").glob("*.md") if path.name != "README.md"]
    assert [name for name in pages if f"]({name})" not in index] == []


def test_what_the_readme_claims_has_a_test_behind_it() -> None:
    rows = {row["feature"]: row for row in ROW.finditer((ROOT / "README.md").read_text(encoding="utf-8"))}
    assert len(rows) > 20
    for feature, row in rows.items():
        shown = [link["path"] for link in LINK.finditer(row["shown"])]
        if row["here"].startswith("Y"):
            assert shown, feature
            assert all(path.startswith(("tests/", "molecule/")) and (ROOT / path).is_file() for path in shown), feature


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[a](there.md) [b](there.md#two-words) [c](#a-page) [d](https://example.org/nowhere)", []),
        ("[a](gone.md)", ["gone.md"]),
        ("[a](there.md#elsewhere)", ["there.md#elsewhere"]),
        ("[a](#nowhere)", ["#nowhere"]),
        ("`[a](in-code.md)`\n```\n[a](in-a-block.md)\n# Nowhere\n```\n[b](#nowhere)", ["#nowhere"]),
    ],
)
def test_control_a_link_to_nowhere_is_found(tmp_path: Path, text: str, found: list[str]) -> None:
    (tmp_path / "there.md").write_text("# There\n\n## Two words\n")
    page = tmp_path / "page.md"
    page.write_text(f"# A `page`\n\n{text}\n")
    assert broken(page) == found
