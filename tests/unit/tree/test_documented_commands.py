# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every command that README and handbook tell people to type is run by a test, and that test is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.handbook import commands
from tests.handbook.commands import Known

KNOWN = commands.table()
DOCUMENTED = commands.documented()
HINT = f"say in {commands.TABLE.relative_to(commands.ROOT)} what runs it"


def test_there_are_commands() -> None:
    assert len({command.text for command in DOCUMENTED}) > 40
    assert {"README.md", "docs/first-host.md", "roles/vpn/README.md"} <= {
        command.place.partition(":")[0] for command in DOCUMENTED
    }


def test_every_documented_command_is_run_by_a_test() -> None:
    unknown = [f"{command.place}: {command.text}" for command in DOCUMENTED if command.text not in KNOWN]
    assert unknown == [], HINT


def test_nothing_is_known_that_nobody_is_told() -> None:
    untold = sorted(set(KNOWN) - {command.text for command in DOCUMENTED})
    assert untold == [], f"take them out of {commands.TABLE.relative_to(commands.ROOT)}"


@pytest.mark.parametrize("text", sorted(KNOWN))
def test_what_runs_it_is_there_and_runs_that(text: str) -> None:
    assert commands.fault(KNOWN[text]) == ""


def test_the_demos_inventory_takes_the_place_of_a_persons_own() -> None:
    known = Known("ansible-playbook -i inventories/mine site.yml", where="controller")
    assert commands.demonstrated(known) == "ansible-playbook -i inventories/demo site.yml"


PAGE = """\
# A page

    ansible-playbook -i inventories/mine site.yml   # look
    media_services:
    declare  ->  render

```sh
frobnicate --now
# a remark
```

```yaml
- make: believe
make demo
```

    .venv/bin/pip install something
make no block
"""


def test_control_what_is_taken_for_a_command_and_what_is_not() -> None:
    assert list(commands.commands(PAGE)) == [
        (3, "ansible-playbook -i inventories/mine site.yml"),
        (8, "frobnicate --now"),
        (17, ".venv/bin/pip install something"),
    ]


def test_control_a_page_with_a_new_command_is_found(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text("    make coffee\n")
    assert [(found.place, found.text) for found in commands.documented(tmp_path)] == [("README.md:1", "make coffee")]
    assert "make coffee" not in KNOWN


HERE = "tests/trials/test_demo.py::test_a_second_run_changes_nothing"


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (Known("make demo"), "needs either"),
        (Known("make demo", shown_by=HERE, where="here"), "needs either"),
        (Known("make demo", where="nowhere"), "where is 'nowhere'"),
        (Known("make demo", shown_by="tests/nothing.py::test"), "there is no tests/nothing.py"),
        (Known("make demo", shown_by="tests/trials/test_demo.py::test_nothing"), "has no test_nothing"),
        (Known("ansible-playbook -i x site.yml --diff", shown_by=HERE), "has nothing of --diff"),
        (Known("ansible-playbook -i x playbooks/coffee.yml", shown_by=HERE), "has nothing of playbooks/coffee.yml"),
        (Known("make demo", shown_by=HERE, holds=("a word",)), "has nothing of a word"),
    ],
)
def test_control_each_fault_is_told(known: Known, told: str) -> None:
    assert told in commands.fault(known)


def test_control_a_command_twice_is_refused(tmp_path: Path) -> None:
    twice = '[[command]]\ntext = "make tea"\nwhere = "here"\n' * 2
    (tmp_path / "commands.toml").write_text(twice)
    with pytest.raises(ValueError, match="make tea"):
        commands.table(tmp_path / "commands.toml")
