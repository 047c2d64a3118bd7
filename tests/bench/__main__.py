# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measures a run with nothing to do, and the floor beside it: `python3 -m tests.bench`, with the demo up."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from tests.bed import addresses as at
from tests.bed import containers
from tests.bed.shell import ROOT, BedError, docker
from tests.bench.executions import commands_on, module_executions
from tests.trials.play import Run, play

SITE = "site.yml"
FLOOR = "tests/bench/floor.yml"
# One fact gathering, one docker_compose_v2: a count of anything else means that the counting is wrong.
FLOOR_EXECUTIONS = 2
RESULT = ROOT / "build" / "bench.json"
LEAST_ROUNDS = 3


class BenchFailed(Exception):
    """There is no figure to tell; the text says why."""


@dataclass(frozen=True)
class Measured:
    """One run: the whole process, and what it did on the host."""

    seconds: float
    executions: int
    commands: int


def measure(playbook: str) -> Measured:
    """Run a playbook that must not change anything."""
    with commands_on(at.DEMO_NAME) as commands:
        begun = time.monotonic()
        run = play(playbook)
        seconds = time.monotonic() - begun
    check(playbook, run)
    return Measured(seconds, module_executions(commands), len(commands))


def check(playbook: str, run: Run) -> None:
    """Refuse a run that failed or changed anything."""
    if run.code != 0:
        raise BenchFailed(f"{playbook} ended with {run.code}:\n{run.output}")
    if run.changed != 0:
        raise BenchFailed(f"{playbook} says changed={run.changed}, with nothing to do:\n{run.output}")


@dataclass(frozen=True)
class Figures:
    """What bench.json holds. Seconds are medians."""

    services: int
    no_change_s: float
    module_executions: int
    floor_s: float
    no_change_runs_s: list[float]
    floor_runs_s: list[float]
    floor_module_executions: int


def figures(site: Sequence[Measured], floor: Sequence[Measured], services: int) -> Figures:
    """Return the figures; counts must be the same in each run, and those of the floor the ones that are known."""
    for name, runs in ((SITE, site), ("the floor", floor)):
        counts = sorted({run.executions for run in runs})
        if len(counts) != 1:
            raise BenchFailed(f"{name}: {counts} module executions, not the same each time; who else is at this host?")
    if floor[0].executions != FLOOR_EXECUTIONS:
        raise BenchFailed(f"the floor: {floor[0].executions} module executions were counted, not {FLOOR_EXECUTIONS}")
    return Figures(
        services=services,
        no_change_s=_median(site),
        module_executions=site[0].executions,
        floor_s=_median(floor),
        no_change_runs_s=[round(run.seconds, 2) for run in site],
        floor_runs_s=[round(run.seconds, 2) for run in floor],
        floor_module_executions=floor[0].executions,
    )


def _median(runs: Sequence[Measured]) -> float:
    return round(statistics.median(run.seconds for run in runs), 2)


def table(told: Figures) -> str:
    """Return the figures for a person."""
    rows = (
        (SITE, told.no_change_s, told.module_executions, told.no_change_runs_s),
        ("floor", told.floor_s, told.floor_module_executions, told.floor_runs_s),
    )
    return "\n".join(
        [
            f"A run with nothing to do on {at.DEMO_NAME}: {told.services} services, changed=0 each time, medians",
            "",
            f"{'':10}{'seconds':>9}{'module executions':>20}   each run",
            *(f"{name:10}{seconds:9.2f}{count:20}   {' '.join(map(str, runs))}" for name, seconds, count, runs in rows),
            "",
            "The floor: one fact gathering and one docker_compose_v2 on the same project, run in turn with the other.",
        ]
    )


def bench(rounds: int) -> Figures:
    """Measure in turn, after a warm-up of both, so that a noisy minute hits both alike."""
    if not containers.running(at.DEMO_NAME):
        raise BenchFailed(f"{at.DEMO_NAME} is not up. `make demo` brings it up")
    for playbook in (SITE, FLOOR):
        run = play(playbook)
        if run.code != 0:
            raise BenchFailed(f"{playbook} ended with {run.code}:\n{run.output}")
    pairs = [(measure(SITE), measure(FLOOR)) for _round in range(rounds)]
    services = docker("exec", at.DEMO_NAME, "docker", "ps", "--quiet", "--filter", "label=com.docker.compose.project")
    return figures([site for site, _floor in pairs], [floor for _site, floor in pairs], len(services.split()))


def main() -> int:
    """Write build/bench.json and tell what is in it."""
    parser = argparse.ArgumentParser(prog="python3 -m tests.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="runs of each playbook (default: 5, at least 3)")
    rounds = parser.parse_args().rounds
    if rounds < LEAST_ROUNDS:
        parser.error(f"--rounds: {rounds} are too few for a median; at least {LEAST_ROUNDS}")
    RESULT.unlink(missing_ok=True)
    try:
        told = bench(rounds)
    except (BenchFailed, BedError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    RESULT.write_text(json.dumps(asdict(told), indent=2) + "\n", encoding="utf-8")
    print(f"{table(told)}\n\nwritten to {RESULT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
