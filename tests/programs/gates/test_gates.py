# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.gates import __main__ as gates
from tests.gates import sanity, tools
from tests.gates.tools import GateFailed


def right() -> str:
    return "seen 3 files"


def wrong() -> str:
    raise GateFailed("file.py:3: it is wrong")


def test_one_failure_fails_the_run_and_hides_no_other_gate(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gates, "GATES", {"first": wrong, "second": right})
    monkeypatch.setattr(sys, "argv", ["gates"])
    assert gates.main() == 1
    told = capsys.readouterr().out.splitlines()
    # Two at a time: which one ends first is open, but not what is said below it.
    first, second = ([line.startswith(word) for line in told].index(True) for word in ("first", "second"))
    assert told[first].startswith("first          FAILED")
    assert told[first + 1] == "file.py:3: it is wrong"
    assert told[second].startswith("second         ok")
    assert told[second].endswith("seen 3 files")
    assert told[-1] == "gates: 1 passed, 1 failed"


def test_only_the_named_gates_are_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(gates, "GATES", {"first": wrong, "second": right})
    monkeypatch.setattr(sys, "argv", ["gates", "second"])
    assert gates.main() == 0
    assert capsys.readouterr().out.endswith("gates: 1 passed, 0 failed\n")


def test_a_gate_of_no_such_name_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["gates", "nonsense"])
    with pytest.raises(SystemExit) as stopped:
        gates.main()
    assert stopped.value.code == 2
    assert "nonsense" in capsys.readouterr().err


def test_a_tool_that_fails_fails_its_gate_with_what_it_said() -> None:
    with pytest.raises(GateFailed, match=r"it is wrong\n\(exit code 3\)"):
        tools.run("sh", "-c", "echo it is wrong; exit 3")


def test_tools_have_a_home_below_build_and_none_of_the_caller_s_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSIBLE_CONFIG", "/elsewhere")
    monkeypatch.setenv("XDG_CACHE_HOME", "/elsewhere")
    told = tools.run("sh", "-c", "env")
    assert f"HOME={tools.ROOT}/build/gates/home\n" in told
    assert "/elsewhere" not in told


def test_the_exported_tree_is_a_collection(tmp_path: Path) -> None:
    root = tools.export(tmp_path)
    assert root == tmp_path / "ansible_collections" / "homelab" / "media"
    assert (root / "galaxy.yml").is_file()
    assert not (root / "collections" / "ansible_collections").exists()
    assert not (root / "build").exists()


def test_what_pip_said_is_left_out_of_the_findings() -> None:
    told = "$ ansible-test sanity\nCollecting x\nERROR: a.py:1: wrong\nSuccessfully installed\nFATAL: 1 failed\n"
    assert sanity._findings(told) == "$ ansible-test sanity\nERROR: a.py:1: wrong\nFATAL: 1 failed"
    assert sanity._findings("$ ansible-test sanity\nno network\n") == "$ ansible-test sanity\nno network\n"


def test_a_clone_that_belongs_to_somebody_else_is_looked_into(tmp_path: Path) -> None:
    tools.run("git", "init", "--quiet", cwd=tmp_path)
    (tmp_path / "file").touch()
    for path in (tmp_path, *tmp_path.rglob("*")):
        os.chown(path, 1234, 1234)
    ask = ["git", "ls-files", "--others"]
    no_settings = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    refused = subprocess.run(ask, cwd=tmp_path, env=no_settings, capture_output=True, check=False)
    assert b"dubious ownership" in refused.stderr
    assert tools.run(*ask, cwd=tmp_path) == "file\n"
