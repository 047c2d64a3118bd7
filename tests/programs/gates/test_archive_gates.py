# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gates importer and package on a small collection: as it should be, and with what they are there to find."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.gates import importer, package, tools
from tests.gates.tools import GateFailed

GALAXY: dict[str, Any] = {
    **{"namespace": "homelab", "name": "media", "version": "0.1.0", "readme": "README.md", "authors": ["A person"]},
    **{"description": "A small one", "license": ["GPL-3.0-or-later"], "tags": ["infrastructure"]},
    "repository": "https://example.org/media",
}
FILES = {
    "README.md": "# A small one\n",
    "CHANGELOG.rst": "0.1.0\n=====\n",
    "meta/runtime.yml": "---\nrequires_ansible: '>=2.17.0'\n",
    "roles/one/meta/main.yml": "---\ngalaxy_info: {author: A person, description: Does little, license: MIT}\n",
    "roles/one/tasks/main.yml": "---\n",
    "roles/one/README.md": "# one\n",
    "playbooks/site.yml": "---\n- hosts: all\n  roles: [homelab.media.one]\n",
}

Make = Callable[[dict[str, str | None]], Path]


@pytest.fixture
def made(tmp_path: Path) -> Make:
    """Build the archive with other files in it; None leaves one out."""

    def make(changed: dict[str, str | None]) -> Path:
        source = tmp_path / "source"
        for name, text in {"galaxy.yml": json.dumps(GALAXY), **FILES, **changed}.items():
            if text is not None:
                (source / name).parent.mkdir(parents=True, exist_ok=True)
                (source / name).write_text(text, encoding="utf-8")
        tools.run("ansible-galaxy", "collection", "build", "--output-path", tmp_path, cwd=source)
        return next(tmp_path.glob("*.tar.gz"))

    return make


def test_the_importer_takes_what_is_right(made: Make, tmp_path: Path) -> None:
    assert importer.imported(made({}), tmp_path) == "2 contents of homelab-media-0.1.0.tar.gz"


def test_the_importer_s_complaints_are_failures(made: Make, tmp_path: Path) -> None:
    with pytest.raises(GateFailed) as failure:
        importer.imported(made({"roles/one/meta/main.yml": None, "CHANGELOG.rst": None}), tmp_path)
    told = str(failure.value).splitlines()
    assert [line.partition(".")[0] for line in told] == [
        "WARNING: Could not get role description, no role metadata found",
        "WARNING: No changelog found",
    ]


def test_a_collection_that_nobody_would_find_is_refused(made: Make, tmp_path: Path) -> None:
    with pytest.raises(GateFailed, match="tag"):
        importer.imported(made({"galaxy.yml": json.dumps({**GALAXY, "tags": ["small"]})}), tmp_path)


def test_an_archive_that_was_changed_afterwards_is_none(made: Make, tmp_path: Path) -> None:
    archive = made({})
    with tarfile.open(archive) as opened:
        opened.extractall(tmp_path / "opened", filter="data")
    (tmp_path / "opened" / "README.md").write_text("# Another one\n")
    with tarfile.open(archive, "w:gz") as written:
        written.add(tmp_path / "opened", arcname=".")
    with pytest.raises(GateFailed, match=r"README\.md"):
        importer.imported(archive, tmp_path)


def test_a_playbook_is_read_from_where_nothing_else_is(made: Make, tmp_path: Path) -> None:
    place = package.install(made({}), tmp_path)
    assert [path.name for path in place.glob("ansible_collections/*/*")] == ["media"]
    assert package.check_playbooks(place) == 1


@pytest.mark.parametrize(
    ("playbook", "word"),
    [
        # The clone has this role and this module. The archive has not.
        ("- hosts: all\n  roles: [homelab.media.stack]\n", "homelab.media.stack"),
        ("- hosts: all\n  tasks:\n    - homelab.media.media_tree: {}\n", "homelab.media.media_tree"),
    ],
)
def test_a_playbook_that_needs_the_clone_is_told(made: Make, tmp_path: Path, playbook: str, word: str) -> None:
    place = package.install(made({"playbooks/other.yml": f"---\n{playbook}"}), tmp_path)
    with pytest.raises(GateFailed, match=word):
        package.check_playbooks(place)


def test_an_archive_without_a_playbook_is_told(made: Make, tmp_path: Path) -> None:
    place = package.install(made({"playbooks/site.yml": None}), tmp_path)
    with pytest.raises(GateFailed, match="brings no playbook"):
        package.check_playbooks(place)


def test_what_is_no_part_of_a_collection_is_told(made: Make) -> None:
    with pytest.raises(GateFailed, match="no part of a collection: notes"):
        package.look_into(made({"notes/todo.md": "\n"}))


def test_a_module_that_is_left_out_is_told(made: Make) -> None:
    with pytest.raises(GateFailed, match=r"lacks .*plugins/modules/media_tree\.py"):
        package.look_into(made({}))
