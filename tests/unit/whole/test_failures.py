# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is told once more at the end of a run that has failed."""

from __future__ import annotations

from tests.whole import failures


def test_pytest_names_its_tests() -> None:
    output = (
        "gw0 [3] / gw1 [3]\n..F\n=== FAILURES ===\nE   assert 1 == 2\n=== short test summary info ===\n"
        "\x1b[31mFAILED\x1b[0m tests/unit/test_x.py::test_y[1] - assert 1 == 2\n"
        "ERROR tests/unit/test_z.py::test_w - OSError\n=== 1 failed, 1 passed, 1 error in 3.45s ===\n"
    )
    assert failures.told(output) == [
        "FAILED tests/unit/test_x.py::test_y[1] - assert 1 == 2",
        "ERROR tests/unit/test_z.py::test_w - OSError",
    ]


def test_a_gate_tells_what_is_wrong_and_the_others_nothing() -> None:
    output = (
        "mypy           ok        1.0 s  no issues\nruff           FAILED    0.3 s\n$ ruff check .\na.py:3: E1 wrong\n"
        "style          ok        0.2 s\nchangelog      FAILED    0.1 s\nb.yml: wrong\ngates: 2 passed, 2 failed\nend\n"
    )
    assert failures.told(output) == [
        "ruff           FAILED    0.3 s",
        "$ ruff check .",
        "a.py:3: E1 wrong",
        "changelog      FAILED    0.1 s",
        "b.yml: wrong",
    ]


def test_molecule_names_its_scenarios_and_ansible_the_fault() -> None:
    output = (
        "TASK [Assert]\n\x1b[31mfatal: [media-molecule]: FAILED! => it is wrong\x1b[0m\n"
        "host   : actions=9  successful=9  disabled=0  skipped=0  missing=0  failed=0\n"
        "vpn    : actions=7  successful=6  disabled=0  skipped=0  missing=0  failed=1\n"
    )
    assert failures.told(output) == [
        "fatal: [media-molecule]: FAILED! => it is wrong",
        "vpn    : actions=7  successful=6  disabled=0  skipped=0  missing=0  failed=1",
    ]


def test_nothing_is_told_of_what_went_well() -> None:
    assert (
        failures.told("ruff           ok        0.3 s\n\ngates: 1 passed, 0 failed\n=== 3 passed in 1.00s ===\n") == []
    )


def test_one_stage_does_not_push_the_others_out_of_sight() -> None:
    many = [f"FAILED tests/unit/test_x.py::test_{number}" for number in range(failures.MOST + 5)]
    found = failures.told("\n".join(many))
    assert found == [*many[: failures.MOST], "... and 5 lines more"]
    said = "\n".join(f"line {number}" for number in range(100))
    assert len(failures.told(f"ruff           FAILED    0.3 s\n{said}")) == failures.MOST_OF_A_GATE + 1
