# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the stages, the cheap ones first: `python3 -m tests.whole [stage ...]`."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.bed.shell import ROOT
from tests.gates.__main__ import LINT, SLOW
from tests.whole import counts, failures, hosts, processes
from tests.whole.counts import Counts

TOOLS = ROOT / ".venv" / "bin"
LOGS = ROOT / "build" / "whole"


@dataclass(frozen=True)
class Stage:
    """One runner. A long stage needs hosts of the test bed, and is not begun when a cheap one has failed.

    usual: it is run where nothing is asked for.
    """

    command: tuple[str, ...]
    count: Callable[[str], Counts]
    long: bool = False
    usual: bool = True


def _gates(names: Iterable[str]) -> Stage:
    return Stage((sys.executable, "-m", "tests.gates", *names), counts.of_gates)


def _pytest(folder: str, processes: int) -> Stage:
    # By file: what a file has made for all of its tests is made once.
    parallel = ("--numprocesses", str(processes), "--dist", "loadfile")
    return Stage((f"{TOOLS}/pytest", folder, *parallel), counts.of_pytest)


def _trials(marked: str, *, usual: bool = True) -> Stage:
    return Stage((f"{TOOLS}/pytest", "tests/trials", "-m", marked), counts.of_pytest, long=True, usual=usual)


#: In the order in which they are begun. How many processes is measured on two cores: programs are waited for.
STAGES = {
    "lint": _gates(LINT),
    "unit": _pytest("tests/unit", 2),
    "programs": _pytest("tests/programs", 3),
    "gates": _gates(SLOW),
    "contract": _pytest("tests/contract", 3),
    "molecule": Stage((f"{TOOLS}/molecule", "test", "--all", "--report"), counts.of_molecule, long=True),
    "trials": _trials("not long"),
    "long": _trials("long", usual=False),
}
#: Cheap stages at a time; with more of them two cores would only change between them.
AT_A_TIME = 2


_one_at_a_time = threading.Lock()


@dataclass
class Outcome:
    """What came of the stages so far."""

    counts: Counts = field(default_factory=Counts)
    failed: dict[str, list[str]] = field(default_factory=dict)


def main() -> int:
    """Run the chosen stages; the last line says how many tests have passed and failed."""
    parser = argparse.ArgumentParser(prog="python3 -m tests.whole", description=__doc__)
    parser.add_argument(
        "stage", nargs="*", choices=[*STAGES, []], help=f"of {', '.join(STAGES)} (default: all but long)"
    )
    chosen = parser.parse_args().stage or [name for name, stage in STAGES.items() if stage.usual]
    # In the background a shell has it ignored, and a runner that ignores it could not be told to clean up.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Ends as an error does, so that what has to be removed is removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("whole: told to stop"))
    outcome = Outcome()
    with contextlib.ExitStack() as stack:
        # Beside /tmp and not in the clone: below a long path some tests would have no room for the names of sockets.
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="m-"))
        Path(scratch).chmod(0o1777)
        if any(STAGES[name].long for name in chosen):
            stack.enter_context(hosts.removed_afterwards())
        side_by_side([name for name in chosen if not STAGES[name].long], scratch, outcome, AT_A_TIME)
        long = [name for name in chosen if STAGES[name].long]
        if outcome.failed:
            for name in long:
                print(f"\n=== {name}: not run, because what comes before it has failed", flush=True)
        else:
            side_by_side(long, scratch, outcome)
    # At the very end, because the end is what is seen first, and in some places all that is seen.
    for name, lines in outcome.failed.items():
        print(f"\n=== {name} has failed, all of it is in {LOGS / name}.log")
        print(*lines, sep="\n")
    print(f"\n{outcome.counts}", flush=True)
    return 1 if outcome.failed else 0


def side_by_side(names: Sequence[str], scratch: str, outcome: Outcome, at_a_time: int | None = None) -> None:
    """Run stages at the same time, each of the long ones on hosts of its own: most of what they do is waiting."""
    with ThreadPoolExecutor(at_a_time) as pool:
        prefix = "{:<8} | " if len(names) > 1 else ""
        begun = [pool.submit(run, name, STAGES[name], scratch, outcome, prefix.format(name)) for name in names]
        try:
            for stage in begun:
                stage.result()
        except BaseException:
            # What has not begun does not begin.
            pool.shutdown(wait=False, cancel_futures=True)
            processes.end_all()
            raise


def run(name: str, stage: Stage, scratch: str, outcome: Outcome, prefix: str = "") -> None:
    """Run one stage under a heading; tell how it went and how long it took."""
    print(f"\n=== {name}", flush=True)
    begun = time.monotonic()
    code, output = processes.run(stage.command, environment(scratch), LOGS / f"{name}.log", prefix)
    result = counts.judged(stage.count(output), code)
    with _one_at_a_time:
        outcome.counts += result
        if result.failed:
            outcome.failed[name] = failures.told(output) or output.splitlines()[-failures.MOST :]
    print(f"=== {name}: {result}, {time.monotonic() - begun:.0f} s", flush=True)


def environment(scratch: str) -> dict[str, str]:
    """Return the variables that keep what the tools write in the clone, and their output plain."""
    return {
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_HOME": str(ROOT / "build" / "ansible"),
        "MOLECULE_GLOB": "molecule/*/molecule.yml",
        "NO_COLOR": "1",
        # Molecule starts Ansible's programs by name.
        "PATH": f"{TOOLS}:{os.environ['PATH']}",
        "PYTHONUNBUFFERED": "1",
        "TMPDIR": scratch,
    }


if __name__ == "__main__":
    sys.exit(main())
