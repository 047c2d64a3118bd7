# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from tests.bench import __main__ as bench
from tests.bench.__main__ import BenchFailed, Measured
from tests.bench.executions import module_executions
from tests.trials.play import Run

# As the engine told them.
PIPELINED = "/bin/sh -c /bin/sh -c '/usr/bin/python3 && sleep 0'"
AS_A_FILE = (
    "/bin/sh -c /bin/sh -c '/usr/bin/python3 /root/.ansible/tmp/ansible-tmp-1-2-3/AnsiballZ_setup.py && sleep 0'"
)
BY_SUDO = (
    "/bin/sh -c sudo -H -S -n  -u root /bin/sh -c 'echo BECOME-SUCCESS-abc ; /usr/bin/python3.13 && sleep 0' && sleep 0"
)
OTHERS = [
    "/bin/sh -c /bin/sh -c 'echo ~root && sleep 0'",
    "/bin/sh -c /bin/sh -c 'rm -f -r /root/.ansible/tmp/ansible-tmp-1-2-3/ > /dev/null 2>&1 && sleep 0'",
    "/bin/sh -c test -e /run/bed-ready",
    "python3 -c print(1)",
    "docker inspect media-vpn-1",
]


@pytest.mark.parametrize("command", [PIPELINED, AS_A_FILE, BY_SUDO])
def test_a_module_is_known_however_it_comes(command: str) -> None:
    assert module_executions([command]) == 1


def test_nothing_else_is_counted() -> None:
    assert module_executions(OTHERS) == 0
    assert module_executions([*OTHERS, PIPELINED, *OTHERS, PIPELINED]) == 2


def recap(changed: int) -> str:
    return f"PLAY RECAP ***\nmedia-demo : ok=9    changed={changed}    unreachable=0    failed=0    skipped=1\n"


def test_a_run_that_changed_something_is_no_figure() -> None:
    bench.check("site.yml", Run(0, recap(0)))
    with pytest.raises(BenchFailed, match="changed=1"):
        bench.check("site.yml", Run(0, recap(1)))


@pytest.mark.parametrize(("code", "output"), [(2, recap(0)), (0, "no host was met\n")])
def test_a_run_that_failed_or_met_no_host_is_no_figure(code: int, output: str) -> None:
    with pytest.raises(BenchFailed):
        bench.check("site.yml", Run(code, output))


def runs(*seconds: float, executions: int) -> list[Measured]:
    return [Measured(each, executions, executions + 1) for each in seconds]


def test_the_figures_are_medians() -> None:
    told = bench.figures(runs(9.0, 4.0, 5.004, executions=6), runs(3.0, 8.0, 2.0, executions=2), services=3)
    assert (told.services, told.no_change_s, told.module_executions, told.floor_s) == (3, 5.0, 6, 3.0)


def test_counts_that_differ_between_runs_are_refused() -> None:
    site = [*runs(4.0, 4.0, executions=6), *runs(4.0, executions=7)]
    with pytest.raises(BenchFailed, match=r"\[6, 7\]"):
        bench.figures(site, runs(3.0, executions=2), services=3)


def test_a_floor_that_is_not_counted_right_is_refused() -> None:
    with pytest.raises(BenchFailed, match="the floor: 0 module executions"):
        bench.figures(runs(4.0, executions=6), runs(3.0, executions=0), services=3)
