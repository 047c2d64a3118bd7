# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all roles have to keep to: the same variables in defaults and specification, and names that tell the role."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir())

# What all roles share is declared by the role that all others need.
SHARED = {"stack": ("media_",)}


def read(role: str, path: str) -> Any:
    file = ROOT / "roles" / role / path
    return yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else None


def options(role: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = read(role, "meta/argument_specs.yml")["argument_specs"]["main"].get(
        "options", {}
    )
    return found


def test_there_are_roles() -> None:
    assert {"host", "stack", "vpn", "nzbget"} <= set(ROLES)


@pytest.mark.parametrize("role", ROLES)
def test_defaults_and_specification_have_the_same_variables(role: str) -> None:
    defaults = read(role, "defaults/main.yml") or {}
    required = {name for name, option in options(role).items() if option.get("required")}
    assert set(defaults) == set(options(role)) - required


@pytest.mark.parametrize("role", ROLES)
def test_defaults_of_the_specification_are_those_of_the_role(role: str) -> None:
    defaults = read(role, "defaults/main.yml") or {}
    stated = {name: option["default"] for name, option in options(role).items() if "default" in option}
    literal = {name: value for name, value in defaults.items() if "{{" not in str(value)}
    assert {name: stated[name] for name in stated if name in literal} == {
        name: literal[name] for name in literal if name in stated
    }


@pytest.mark.parametrize("role", ROLES)
def test_every_variable_is_explained(role: str) -> None:
    assert [name for name, option in options(role).items() if not option.get("description")] == []
    text = (ROOT / "roles" / role / "defaults" / "main.yml").read_text(encoding="utf-8")
    assert "#" in text


@pytest.mark.parametrize("role", ROLES)
def test_public_variables_begin_with_the_role_and_others_with_two_underscores(role: str) -> None:
    prefixes = SHARED.get(role, (f"{role}_",))
    assert [name for name in read(role, "defaults/main.yml") or {} if not name.startswith(prefixes)] == []
    assert [name for name in read(role, "vars/main.yml") or {} if not name.startswith(f"__{role}_")] == []


@pytest.mark.parametrize("role", ROLES)
def test_every_role_is_documented(role: str) -> None:
    assert (ROOT / "roles" / role / "README.md").is_file()
