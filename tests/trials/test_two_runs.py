# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two schedulers, one host: one run at a time, whoever begins, and however the one before has ended."""

from __future__ import annotations

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor

from tests.bed.shell import ROOT, wait_for
from tests.trials.demo import Demo
from tests.trials.play import kill, play

LOCK = "/run/homelab-media.lock"


def test_of_two_that_begin_at_once_one_works_and_the_other_says_who_does(demo: Demo, figures: list[str]) -> None:
    demo.inner("stop", demo.name("radarr"))
    with ThreadPoolExecutor() as pool:
        runs = list(pool.map(lambda _number: play("site.yml"), range(2)))
    worked, refused = sorted(runs, key=lambda run: run.code)
    assert (worked.code, worked.changed) == (0, 1), worked.output
    assert refused.code != 0
    assert "Nothing was changed." in refused.output
    assert "the host: is being converged by " in refused.output
    assert refused.changed == 0
    assert demo.container("radarr").health == "healthy"
    assert LOCK not in demo.host.exec("sh", "-c", "ls /run/*.lock || true")
    figures.append("two runs at once: one works, the other is refused and says by whom; the host is well")


def test_a_scheduler_elsewhere_is_named_until_nothing_was_heard_of_it(demo: Demo) -> None:
    """A lock as another machine would have left it: that its run has ended, nobody can know."""
    script = "printf '%s' '{}' > " + LOCK
    now = int(demo.host.exec("date", "+%s"))
    holder = {"token": "elsewhere/7/1", "name": "AWX's job 12", "since": now - 60, "heard": now - 30}
    demo.host.exec("sh", "-c", script.format(json.dumps(holder).replace("'", "'\\''")))
    refused = play("site.yml")
    assert refused.code != 0
    assert "converged by AWX's job 12" in refused.output
    old = {**holder, "heard": now - 3600}
    demo.host.exec("sh", "-c", script.format(json.dumps(old).replace("'", "'\\''")))
    run = play("site.yml")
    assert (run.code, run.changed) == (0, 0), run.output
    assert "the lock of AWX's job 12 was stale" in run.output


def test_a_run_of_this_machine_that_was_killed_holds_nobody_up(demo: Demo) -> None:
    command = [str(ROOT / ".venv/bin/ansible-playbook"), "-i", "inventories/demo", "site.yml"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        wait_for("the host is held", lambda: LOCK in demo.host.exec("sh", "-c", "ls /run/*.lock || true"), seconds=60)
        kill(run)
    after = play("site.yml")
    assert (after.code, after.changed) == (0, 0), after.output
