# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What docs/semaphore.md tells people to write: the declaration works, and so does the repository for Semaphore."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.homelab.media.plugins.modules import semaphore_project

from tests.contract.test_semaphore_openapi import PLAYBOOK, ROOT
from tests.unit.run_module import run_module
from tests.unit.semaphore_house import DEFAULTS, SSH_KEY
from tests.unit.semaphore_stand_in import TOKEN, Semaphore

PAGE = (ROOT / "docs" / "semaphore.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def declared() -> dict[str, Any]:
    """Return the variables of the page, with the defaults, and something in the place of each vaulted one."""
    given = {"token": TOKEN, "ssh_key": SSH_KEY, "vault_password": "word of the vault", "git_token": "token of git"}
    variables = dict(DEFAULTS)
    for block in blocks("yaml"):
        found = yaml.safe_load(re.sub(r'"\{\{ vault_semaphore_(\w+) \}\}"', lambda m: repr(given[m[1]]), block))
        if isinstance(found, dict):
            variables |= {name: value for name, value in found.items() if name.startswith("semaphore_")}
    return {name.removeprefix("semaphore_"): value for name, value in variables.items()}


def test_the_declaration_of_the_page_is_taken_and_taken_for_done_the_second_time() -> None:
    with Semaphore() as server:
        arguments = {**declared(), "url": server.url, "ca_path": None, "token": TOKEN}
        arguments["keys"] = [
            {**key, **({"private_key": SSH_KEY} if key["type"] == "ssh" else {})} for key in arguments["keys"]
        ]
        first = run_module(semaphore_project.main, arguments)
        assert first.get("changed"), first
        assert run_module(semaphore_project.main, arguments)["changed"] is False
        assert {row["name"] for row in server.things[1]["schedules"].values()} == {"converge", "verify"}


def test_the_page_names_every_template() -> None:
    names = [template["name"] for template in DEFAULTS["semaphore_templates"]]
    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE) == names


@pytest.mark.parametrize("playbook", sorted({template["playbook"] for template in DEFAULTS["semaphore_templates"]}))
def test_the_small_repository_runs_the_playbooks(tmp_path: Path, playbook: str) -> None:
    (tmp_path / "ansible.cfg").write_text(blocks("ini")[0], encoding="utf-8")
    # In the place of what Semaphore installs.
    (tmp_path / "collections").symlink_to(ROOT / "collections")
    (tmp_path / "hosts.yml").write_text("media: {hosts: {mediaserver: {}}}\n", encoding="utf-8")
    line = next(block for block in blocks("yaml") if "import_playbook" in block)
    file = tmp_path / playbook
    file.parent.mkdir(exist_ok=True)
    file.write_text(line.replace("homelab.media.site", f"homelab.media.{file.stem}"), encoding="utf-8")
    done = subprocess.run(
        [PLAYBOOK, "-i", "hosts.yml", playbook, "--list-tasks"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "media" in done.stdout


def test_the_requirements_of_the_page_name_this_collection() -> None:
    found = next(yaml.safe_load(block) for block in blocks("yaml") if block.startswith("collections:"))
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    assert [entry["name"] for entry in found["collections"]] == [f"{galaxy['repository']}.git"]
