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
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.bed.shell import ROOT
from tests.gates.__main__ import GATES
from tests.whole import counts, hosts, processes
from tests.whole.counts import Counts

TOOLS = ROOT / ".venv" / "bin"
LOGS = ROOT / "build" / "whole"


@dataclass(frozen=True)
class Stage:
    """One runner. A long stage needs hosts of the test bed, and is not begun when a cheap one has failed."""

    command: tuple[str, ...]
    count: Callable[[str], Counts]
    long: bool = False


STAGES = {
    # The unit tests are a stage of their own, and counted one by one.
    "gates": Stage((sys.executable, "-m", "tests.gates", *(name for name in GATES if name != "unit")), counts.of_gates),
    "unit": Stage((f"{TOOLS}/pytest", "tests/unit"), counts.of_pytest),
    "contract": Stage((f"{TOOLS}/pytest", "tests/contract"), counts.of_pytest),
    "molecule": Stage((f"{TOOLS}/molecule", "test", "--all", "--report"), counts.of_molecule, long=True),
    "trials": Stage((f"{TOOLS}/pytest", "tests/trials"), counts.of_pytest, long=True),
}


def main() -> int:
    """Run the chosen stages; the last line says how many tests have passed and failed."""
    parser = argparse.ArgumentParser(prog="python3 -m tests.whole", description=__doc__)
    parser.add_argument("stage", nargs="*", choices=[*STAGES, []], help=f"of {', '.join(STAGES)} (default: all)")
    chosen = parser.parse_args().stage or list(STAGES)
    # Ends as an error does, so that what has to be removed is removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("whole: told to stop"))
    total = Counts()
    with contextlib.ExitStack() as stack:
        # Beside /tmp and not in the clone: below a long path some tests would have no room for the names of sockets.
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="media-test-"))
        Path(scratch).chmod(0o1777)
        if any(STAGES[name].long for name in chosen):
            stack.enter_context(hosts.removed_afterwards())
        for name in [name for name in chosen if not STAGES[name].long]:
            total += run(name, STAGES[name], scratch)
        long = [name for name in chosen if STAGES[name].long]
        if total.failed:
            for name in long:
                print(f"\n=== {name}: not run, because what comes before it has failed", flush=True)
        else:
            total += side_by_side(long, scratch)
    print(f"\n{total}", flush=True)
    return 1 if total.failed else 0


def side_by_side(names: Sequence[str], scratch: str) -> Counts:
    """Run stages at the same time, each on hosts of its own: most of what they do is waiting."""
    with ThreadPoolExecutor() as pool:
        prefix = "{:<8} | " if len(names) > 1 else ""
        begun = [pool.submit(run, name, STAGES[name], scratch, prefix.format(name)) for name in names]
        try:
            return sum((stage.result() for stage in begun), Counts())
        except BaseException:
            processes.end_all()
            raise


def run(name: str, stage: Stage, scratch: str, prefix: str = "") -> Counts:
    """Run one stage under a heading; tell how it went and how long it took."""
    print(f"\n=== {name}", flush=True)
    begun = time.monotonic()
    code, output = processes.run(stage.command, environment(scratch), LOGS / f"{name}.log", prefix)
    result = counts.judged(stage.count(output), code)
    print(f"=== {name}: {result}, {time.monotonic() - begun:.0f} s", flush=True)
    return result


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
