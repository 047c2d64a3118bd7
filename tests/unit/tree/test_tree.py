# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every file of the tree has to keep to."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PLUGINS = sorted((ROOT / "plugins").rglob("*.py"))
HEADER = """\
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""


def ids(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_there_are_plugins() -> None:
    assert len(PLUGINS) > 10


@pytest.mark.parametrize("path", PLUGINS, ids=ids)
def test_every_plugin_has_the_licence_header(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.removeprefix("#!/usr/bin/python\n").startswith(HEADER)


@pytest.mark.parametrize("path", PLUGINS, ids=ids)
def test_every_plugin_has_annotations_of_the_future(path: Path) -> None:
    """Without it the types of today are errors on the oldest Python that a host may have."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    imports = [node for node in body if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    assert [alias.name for node in imports for alias in node.names] == ["annotations"]


def test_the_licence_is_the_gpl() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "GNU GENERAL PUBLIC LICENSE" in text
    assert "Version 3, 29 June 2007" in text
