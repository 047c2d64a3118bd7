# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bed.shell import ROOT, wait_for
from tests.whole import __main__ as whole
from tests.whole import counts, hosts, processes
from tests.whole.__main__ import Stage
from tests.whole.counts import Counts, of_pytest


@pytest.mark.parametrize(
    ("closing", "expected"),
    [
        ("============ 12 passed in 3.45s ============", Counts(12, 0)),
        ("2 failed, 1129 passed in 138.43s (0:02:18)", Counts(1129, 2)),
        ("\x1b[31m= \x1b[1m1 failed\x1b[0m, \x1b[32m3 passed\x1b[0m\x1b[31m in 0.1s\x1b[0m =", Counts(3, 1)),
        ("=== 1 failed, 4 passed, 2 skipped, 1 warning, 2 errors in 1.00s ===", Counts(4, 3)),
        ("=== no tests ran in 0.01s ===", Counts(0, 0)),
        ("ERROR: file or directory not found: tests/trials", Counts(0, 0)),
    ],
)  # fmt: skip
def test_pytest_is_understood(closing: str, expected: Counts) -> None:
    assert counts.of_pytest(f"tests/unit/test_x.py ..F   [100%]\n{closing}\n") == expected


def test_the_gates_are_understood() -> None:
    assert counts.of_gates("ruff ok 0.1 s\ngates: 7 passed, 3 failed\n") == Counts(7, 3)
    assert counts.of_gates("Traceback\n") == Counts()


def test_molecule_is_understood() -> None:
    recap = (
        "host                      : actions=9  successful=9  disabled=0  skipped=0  missing=0  failed=0\n"
        "\x1b[32mvpn\x1b[0m                       : \x1b[33mactions=7\x1b[0m  \x1b[32msuccessful=5\x1b[0m  disabled=0  "
        "skipped=0  missing=1  \x1b[31mfailed=1\x1b[0m\n"
    )
    assert counts.of_molecule(recap) == Counts(14, 1)
    assert counts.of_molecule("CRITICAL 'molecule/*/molecule.yml' glob failed.\n") == Counts()


def test_a_runner_that_ends_badly_or_runs_nothing_has_failed() -> None:
    assert counts.judged(Counts(3, 0), code=0) == Counts(3, 0)
    assert counts.judged(Counts(3, 0), code=1) == Counts(3, 1)
    assert counts.judged(Counts(3, 2), code=1) == Counts(3, 2)
    assert counts.judged(Counts(0, 0), code=0) == Counts(0, 1)


def test_all_output_is_returned_and_kept(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    words = ["sh", "-c", "echo $COLOUR; echo wrong >&2; exit 3"]
    assert processes.run(words, {"COLOUR": "blue"}, tmp_path / "logs" / "x.log") == (3, "blue\nwrong\n")
    assert (tmp_path / "logs" / "x.log").read_text() == "blue\nwrong\n"
    assert capfd.readouterr().out == "blue\nwrong\n"


def test_a_runner_is_interrupted_and_may_clean_up(tmp_path: Path) -> None:
    began, cleaned = tmp_path / "began", tmp_path / "cleaned"
    runner = f"trap 'echo yes >{cleaned}; exit' INT; echo $$ >{began}; while :; do sleep 0.1; done"
    script = (
        "import pathlib, signal, sys; from tests.whole import processes\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(9))\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "processes.run(['sh', '-c', sys.argv[1]], {}, pathlib.Path(sys.argv[2]))"
    )
    command = [sys.executable, "-c", script, runner, str(tmp_path / "log")]
    with subprocess.Popen(command, cwd=ROOT) as caller:
        wait_for("the runner has begun", lambda: began.exists() and began.read_text(), seconds=20)
        caller.send_signal(signal.SIGTERM)
        assert caller.wait(timeout=20) == 9
    assert cleaned.read_text() == "yes\n"
    with pytest.raises(ProcessLookupError):
        os.kill(int(began.read_text()), 0)


def stage(line: str, code: int = 0, *, long: bool = False) -> Stage:
    return Stage(("sh", "-c", f"echo {line}; exit {code}"), counts.of_gates, long)


def run_all(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path, stages: dict[str, Stage]
) -> tuple[int, list[str]]:
    monkeypatch.setattr(whole, "STAGES", stages)
    monkeypatch.setattr(whole, "LOGS", tmp_path)
    monkeypatch.setattr(hosts, "names", set)
    monkeypatch.setattr(sys, "argv", ["whole"])
    code = whole.main()
    return code, capfd.readouterr().out.splitlines()


def test_the_last_line_adds_everything_up(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    stages = {"gates": stage("gates: 2 passed, 0 failed"), "far": stage("gates: 5 passed, 0 failed", long=True)}
    code, lines = run_all(monkeypatch, capfd, tmp_path, stages)
    assert code == 0
    assert lines[-1] == "7 passed, 0 failed"


def test_the_end_names_what_has_failed(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    wrong = Stage(
        ("sh", "-c", "echo FAILED tests/x.py::test_y - no; echo 1 failed, 2 passed in 1.00s; exit 1"), of_pytest
    )
    dies = Stage(("sh", "-c", "echo it is not to be found; exit 127"), of_pytest)
    stages = {"unit": wrong, "dies": dies, "gates": stage("gates: 4 passed, 0 failed")}
    code, lines = run_all(monkeypatch, capfd, tmp_path, stages)
    assert code == 1
    end = "\n".join(lines[-9:])
    assert f"=== unit has failed, all of it is in {tmp_path}/unit.log\nFAILED tests/x.py::test_y - no\n" in end
    # One that says nothing that is understood is told as it ended.
    assert f"=== dies has failed, all of it is in {tmp_path}/dies.log\nit is not to be found\n" in end
    assert lines[-1] == "6 passed, 2 failed"


def test_cheap_stages_all_run_and_long_ones_do_not_after_a_failure(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    stages = {
        "gates": stage("gates: 1 passed, 1 failed", 1),
        "unit": stage("gates: 4 passed, 0 failed"),
        "far": stage("gates: 5 passed, 0 failed", long=True),
    }
    code, lines = run_all(monkeypatch, capfd, tmp_path, stages)
    assert code == 1
    assert "=== far: not run, because what comes before it has failed" in lines
    assert lines[-1] == "5 passed, 1 failed"


@pytest.mark.parametrize("long", [False, True])
def test_stages_run_at_the_same_time(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path, long: bool
) -> None:
    def waits(own: str, other: str) -> Stage:
        meet = f"touch {tmp_path}/{own}; until [ -e {tmp_path}/{other} ]; do sleep 0.1; done"
        words = f"echo gates: 1 passed, 0 failed; {meet}"
        return Stage(("timeout", "20", "sh", "-c", words), counts.of_gates, long=long)

    stages = {"one": waits("a", "b"), "two": waits("b", "a")}
    code, lines = run_all(monkeypatch, capfd, tmp_path, stages)
    assert (code, lines[-1]) == (0, "2 passed, 0 failed")
    assert {"one      | gates: 1 passed, 0 failed", "two      | gates: 1 passed, 0 failed"} <= set(lines)


def test_no_more_cheap_stages_at_a_time_than_there_are_cores_for(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    # Each would see another one in its folder.
    alone = f"mkdir {tmp_path}/in || exit 1; sleep 0.2; rmdir {tmp_path}/in; echo gates: 1 passed, 0 failed"
    stages = {name: Stage(("sh", "-c", alone), counts.of_gates) for name in ("a", "b", "c")}
    monkeypatch.setattr(whole, "AT_A_TIME", 1)
    assert run_all(monkeypatch, capfd, tmp_path, stages)[1][-1] == "3 passed, 0 failed"
    # The control.
    monkeypatch.setattr(whole, "AT_A_TIME", 3)
    assert run_all(monkeypatch, capfd, tmp_path, stages)[0] == 1


def test_an_interruption_ends_all_of_them(tmp_path: Path) -> None:
    runner = "trap 'touch {0}.ended; exit' INT; touch {0}; while :; do sleep 0.1; done"
    script = (
        "import pathlib, signal, sys, threading, time; from tests.whole import processes\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "def one(path):\n"
        "    processes.run(['sh', '-c', sys.argv[1].format(path)], {}, pathlib.Path(f'{path}.log'))\n"
        "threads = [threading.Thread(target=one, args=(path,)) for path in sys.argv[2:]]\n"
        "[thread.start() for thread in threads]\n"
        "while not all(pathlib.Path(path).exists() for path in sys.argv[2:]): time.sleep(0.1)\n"
        "processes.end_all()\n"
        "[thread.join() for thread in threads]\n"
    )
    command = [sys.executable, "-c", script, runner, str(tmp_path / "a"), str(tmp_path / "b")]
    subprocess.run(command, cwd=ROOT, check=True, timeout=30)
    assert (tmp_path / "a.ended").exists()
    assert (tmp_path / "b.ended").exists()


def test_what_the_stages_leave_in_the_temporary_folder_is_removed(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    leaves = Stage(("sh", "-c", "mktemp; echo gates: 1 passed, 0 failed"), counts.of_gates)
    code, lines = run_all(monkeypatch, capfd, tmp_path, {"unit": leaves})
    left = next(Path(line) for line in lines if line.startswith("/"))
    assert code == 0
    assert left.parent.name.startswith("m-")
    assert not left.parent.exists()


def test_the_hosts_of_demo_and_molecule_are_known() -> None:
    assert {"media-demo", "media-molecule", "media-molecule-old"} <= hosts.names()
