# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The generated pages of the handbook are what the code says now."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.handbook import __main__ as program
from tests.handbook import markup, pages, variables

ROOT = Path(__file__).resolve().parents[3]
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir())
SOME = ("plex", "stack", "vpn")
PLUGINS = (
    *("plugins/modules/media_drift.py", "plugins/modules/vpn_check.py", "plugins/action/media_drift.py"),
    *("plugins/filter/vpn_guard.py", "plugins/callback/plan.py", "plugins/doc_fragments/attributes.py"),
)
MODULES = sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py"))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """What the pages are made of, and the pages, for a test to change."""
    roles = [f"roles/{role}/{file}" for role in SOME for file in ("meta/argument_specs.yml", "defaults/main.yml")]
    for name in (*PLUGINS, *roles):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    pages.write(pages.generated(tmp_path), tmp_path)
    assert pages.stale(tmp_path) == []
    return tmp_path


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_generated_pages_are_what_the_code_says() -> None:
    assert pages.stale() == [], "run: .venv/bin/python -m tests.handbook"


def test_every_variable_and_every_module_is_in_it() -> None:
    found = pages.generated()
    for role in ROLES:
        page = found[f"docs/variables/{role}.md"]
        names = variables.specification(ROOT, role)["options"]
        assert [name for name in names if f"| `{name}` |" not in page] == []
    assert [name for name in MODULES if f"docs/modules/{name}.md" not in found] == []
    for path in (ROOT / "plugins/filter").glob("*.py"):
        assert f"\n## {path.stem}\n" in found["docs/modules/filters.md"]


def test_every_generated_page_says_so_and_is_in_the_index() -> None:
    found = pages.generated()
    for path, text in found.items():
        assert text.startswith(markup.NOTE)
        folder, name = path.rsplit("/", 1)
        assert name == "README.md" or f"]({name}" in found[f"{folder}/README.md"]


def test_no_markup_of_ansible_is_left() -> None:
    left = [path for path, text in pages.generated().items() if any(f" {mark}(" in text for mark in "BCIMOPV")]
    assert left == []


def test_control_what_changed_is_stale(tree: Path) -> None:
    change(tree / "roles/stack/defaults/main.yml", "media_data: /data", "media_data: /elsewhere")
    change(tree / "plugins/modules/vpn_check.py", "short_description: Prove", "short_description: Swear")
    (tree / "docs/modules/gone.md").write_text(markup.NOTE)
    (tree / "docs/variables/plex.md").unlink()
    assert pages.stale(tree) == [
        "docs/modules/README.md",
        "docs/modules/gone.md",
        "docs/modules/vpn_check.md",
        "docs/variables/plex.md",
        "docs/variables/stack.md",
    ]
    pages.write(pages.stale(tree), tree)
    assert pages.stale(tree) == []
    assert not (tree / "docs/modules/gone.md").exists()


def test_the_program_writes_what_differs(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    change(tree / "roles/vpn/meta/argument_specs.yml", "The client's private key.", "Yours alone.")
    monkeypatch.setattr(program, "stale", lambda: pages.stale(tree))
    monkeypatch.setattr(program, "write", lambda paths: pages.write(paths, tree))
    assert program.main() == 0
    assert capsys.readouterr().out == "docs/variables/vpn.md\n1 pages of the handbook changed\n"
    assert "Yours alone." in (tree / "docs/variables/vpn.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("C(one|two) or B(bold), 2 * 3 < 7", "`one|two` or **bold**, 2 \\* 3 &lt; 7"),
        ("O(media_data=/data), V(true), E(HOME)", "`media_data: /data`, `true`, `HOME`"),
        ("M(homelab.media.plan), P(homelab.media.plan#callback)", "`homelab.media.plan`, `homelab.media.plan`"),
        ("L(here,https://example.org) U(https://example.org)", "[here](https://example.org) <https://example.org>"),
    ],
)
def test_markup(given: str, written: str) -> None:
    assert markup.sentence(given) == written


def test_a_bar_does_not_begin_another_cell() -> None:
    assert markup.table(["a"], [["`x|y`"]]) == "| a |\n| --- |\n| `x\\|y` |\n"


@pytest.mark.parametrize(
    ("given", "written"),
    [("", '""'), ("002", "'002'"), (True, "true"), ([], "[]"), (2.0, "2.0"), ({"a": [1, "b"]}, "{a: [1, b]}")],
)
def test_values_are_as_a_person_writes_them(given: object, written: str) -> None:
    assert markup.value(given) == written
