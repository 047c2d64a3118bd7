# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The execution environment, and whether AWX and ansible-builder find what they look for where they look for it."""

from __future__ import annotations

import json
import re
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import ansible_collections.community.docker
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[3]
COLLECTION = ROOT / "collections" / "ansible_collections" / "homelab" / "media"
FILE = ROOT / "execution-environment.yml"
BUILT = yaml.safe_load(FILE.read_text(encoding="utf-8"))
#: Where an update of a project looks, in the order in which it does: roles, then collections.
LOOKED_FOR = (
    "roles/requirements.yaml", "roles/requirements.yml",
    "collections/requirements.yaml", "collections/requirements.yml", "requirements.yaml", "requirements.yml",
)  # fmt: skip


def requirements(path: str) -> list[Requirement]:
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]


def needed() -> list[dict[str, str]]:
    text = (ROOT / "collections" / "requirements.yml").read_text(encoding="utf-8")
    found: list[dict[str, str]] = yaml.safe_load(text)["collections"]
    return found


def builder(name: str) -> Any:
    """Return a module of ansible-builder, which as it is imported tells Python to show no traceback any more."""
    module = import_module(f"ansible_builder.{name}")
    vars(sys).pop("tracebacklimit", None)
    return module


def user_definition(path: Path) -> Any:
    """Return what ansible-builder makes of a file, or raise what it would end with."""
    return builder("user_definition").UserDefinition(str(path))


def test_ansible_builder_takes_the_file() -> None:
    definition = user_definition(FILE)
    definition.validate()
    assert definition.version == 3
    for kind in ("galaxy", "python"):
        assert definition.get_dep_abs_path(kind) == str(ROOT / BUILT["dependencies"][kind])


def test_ansible_builder_refuses_a_key_that_it_does_not_know(tmp_path: Path) -> None:
    """The control: the file is really checked."""
    wrong = tmp_path / "execution-environment.yml"
    wrong.write_text(json.dumps({**BUILT, "dependencys": {}}))
    with pytest.raises(Exception, match="dependencys"):
        user_definition(wrong).validate()


def test_ansible_builder_finds_what_the_collection_wants() -> None:
    python, system = builder("_target_scripts.introspect").process_collection(str(COLLECTION))
    assert [Requirement(line).name for line in python if not line.startswith("#")] == ["argon2-cffi"]
    assert system == []


def test_the_two_ways_to_the_list_are_one() -> None:
    """With the collection in the image, or in the project: an image has the same packages."""
    own = yaml.safe_load((ROOT / "meta" / "execution-environment.yml").read_text(encoding="utf-8"))
    assert own["dependencies"]["python"] == BUILT["dependencies"]["python"] == "meta/ee-requirements.txt"


def test_what_it_is_built_with_is_what_the_tests_run_with() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    core = Requirement(BUILT["dependencies"]["ansible_core"]["package_pip"])
    assert core.specifier.contains(version("ansible-core"))
    assert SpecifierSet(runtime["requires_ansible"]).contains(version("ansible-core"))
    developed = {requirement.name: requirement for requirement in requirements("requirements.txt")}
    for wanted in (
        *requirements("meta/ee-requirements.txt"),
        Requirement(BUILT["dependencies"]["ansible_runner"]["package_pip"]),
    ):
        pinned = re.sub("^==", "", str(developed[wanted.name].specifier))
        assert wanted.specifier.contains(pinned), wanted.name


def test_an_update_of_the_project_finds_one_list_of_collections() -> None:
    """Roles come with the project. Two lists would be installed one over the other."""
    assert [name for name in LOOKED_FOR if (ROOT / name).exists()] == ["collections/requirements.yml"]
    assert BUILT["dependencies"]["galaxy"] == "collections/requirements.yml"


def test_the_list_is_what_the_collection_depends_on_and_what_is_tested() -> None:
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    assert {entry["name"]: entry["version"] for entry in needed()} == galaxy["dependencies"]
    manifest = Path(next(iter(ansible_collections.community.docker.__path__))) / "MANIFEST.json"
    installed = json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]["version"]
    assert SpecifierSet(galaxy["dependencies"]["community.docker"]).contains(installed)


def test_the_project_has_its_own_collection_where_the_settings_look() -> None:
    """AWX puts this path into the environment of each job, whose folder is that of the project."""
    settings = (ROOT / "ansible.cfg").read_text(encoding="utf-8")
    assert re.search(r"^collections_path = collections:", settings, re.MULTILINE)
    for name in ("plugins", "roles", "playbooks", "meta"):
        link = COLLECTION / name
        assert link.is_symlink() and not link.readlink().is_absolute(), name
        assert link.resolve() == ROOT / name
