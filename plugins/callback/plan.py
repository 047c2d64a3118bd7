# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells at the end of a run what has become of each service, and while a task takes long, that it still does."""

from __future__ import annotations

DOCUMENTATION = r"""
name: plan
type: aggregate
short_description: Tells what a run has changed, or would change, service by service
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Prints at the end of a run, for each service of a media host, whether it is unchanged, would change, has changed or
    has failed, with the reason; the slowest steps; and the totals. What belongs to no service is told under the host's
    name.
  - Prints a line now and then while a task runs for long, such as the one that pulls images and awaits health.
  - Writes the same as JSON, for a scheduler, where O(report_file) says so. It holds names of what differs, and texts
    before and after only in diff mode.
  - It works beside any stdout callback, so in AWX and Semaphore too, and says nothing after a playbook that is not
    about a media host. It does not change the exit status of a run; M(homelab.media.media_drift) does.
  - Tells Python's garbage collector to leave alone what is loaded at the start, which makes a run quicker.
requirements:
  - enable in configuration, with C(callbacks_enabled = homelab.media.plan) in the section C([defaults]) of
    C(ansible.cfg)
options:
  report_file:
    description:
      - Where the report is written, as JSON that only its owner can read. C({host}) in it stands for the host's name.
      - In a run of several hosts a path without that gets the name before its suffix.
    type: path
    env:
      - name: HOMELAB_MEDIA_PLAN_REPORT_FILE
    ini:
      - section: callback_plan
        key: report_file
  output:
    description:
      - Where the text goes. V(auto) is stdout, but stderr beside a stdout callback that writes JSON.
    type: str
    choices: [auto, stdout, stderr, none]
    default: auto
    env:
      - name: HOMELAB_MEDIA_PLAN_OUTPUT
    ini:
      - section: callback_plan
        key: output
  reasons:
    description: How many reasons are shown for each service. All of them are at C(-v), and in the report.
    type: int
    default: 6
    env:
      - name: HOMELAB_MEDIA_PLAN_REASONS
    ini:
      - section: callback_plan
        key: reasons
  slowest:
    description: How many of the slowest steps are told.
    type: int
    default: 3
    env:
      - name: HOMELAB_MEDIA_PLAN_SLOWEST
    ini:
      - section: callback_plan
        key: slowest
  progress_seconds:
    description: Seconds after which a task that still runs is told, again and again. V(0) is never.
    type: float
    default: 15
    env:
      - name: HOMELAB_MEDIA_PLAN_PROGRESS_SECONDS
    ini:
      - section: callback_plan
        key: progress_seconds
"""

EXAMPLES = r"""
example: >
  In ansible.cfg:
    [defaults]
    callbacks_enabled = homelab.media.plan
    [callback_plan]
    report_file = ~/media-{host}.json
"""

import gc
import time
from collections.abc import Mapping
from typing import Any

from ansible import constants as C
from ansible import context
from ansible.plugins.callback import CallbackBase
from ansible_collections.homelab.media.plugins.module_utils import plan_report, plan_text
from ansible_collections.homelab.media.plugins.plugin_utils import plan_file
from ansible_collections.homelab.media.plugins.plugin_utils.plan_progress import Progress

COLLECTION = "homelab.media"
CHECK = f"{COLLECTION}.media_check"
DRIFT = f"{COLLECTION}.media_drift"
#: What is kept of a result; the rest of it is of no use here.
KEPT = ("changed", "diff", "steps", "results", "msg", "censored")
#: By the last part of their names.
JSON_CALLBACKS = ("json", "jsonl")
COLOURS = {
    plan_report.FAILED: C.COLOR_ERROR,
    plan_report.CHANGED: C.COLOR_CHANGED,
    plan_report.WOULD_CHANGE: C.COLOR_CHANGED,
    plan_report.UNKNOWN: C.COLOR_SKIP,
    plan_report.UNCHANGED: C.COLOR_OK,
}


class CallbackModule(CallbackBase):
    """Keeps what the tasks have told until the end; the thinking is plan_report's."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "homelab.media.plan"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._begun = time.time()
        self._plans: dict[str, Mapping[str, Any]] = {}
        self._told: dict[str, list[plan_report.Told]] = {}
        self._ours: set[str] = set()
        self._steps: list[tuple[str, float]] = []
        self._cut = False
        self._progress: Progress | None = None

    def v2_playbook_on_start(self, playbook: Any) -> None:
        # What is loaded by now stays to the end. Told so, Python's collector leaves it alone, here and in the worker of
        # each task: in a run of 31 services with nothing to do that saves one second of ten.
        gc.freeze()
        self._progress = Progress(self._say, self.get_option("progress_seconds"))

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        self._step(task.name or task.action)
        if self._progress:
            self._progress.begin(task.name or task.action, "" if task.check_mode else _action(task))

    def v2_playbook_on_handler_task_start(self, task: Any) -> None:
        self.v2_playbook_on_task_start(task, False)

    def v2_playbook_on_no_hosts_remaining(self) -> None:
        self._cut = True

    def v2_runner_on_ok(self, result: Any) -> None:
        task = result.task
        if _action(task) == CHECK:
            facts = result.result.get("ansible_facts") or {}
            if "media_plan" in facts:
                self._plans[result.host.get_name()] = facts["media_plan"]
        elif result.is_changed():
            self._keep(result, failed=False)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        # The task that fails because there is drift is no failure of a service.
        drift = _action(result.task) == DRIFT and "changes" in result.result
        self._keep(result, failed=not ignore_errors and not drift)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._keep(result, failed=True)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        if self._progress:
            self._progress.end()
        self._step("")
        hosts = sorted({*self._plans, *self._ours})
        slowest = sorted(self._steps, key=lambda step: -step[1])[: self.get_option("slowest")]
        check = bool(context.CLIARGS.get("check"))
        run = plan_report.Run(self._begun, time.time(), check, self._cut, slowest)
        for host in hosts:
            told = plan_report.rescued(self._told.get(host, []), stats.summarize(host))
            report = plan_report.report(host, self._plans.get(host, {}), told, run)
            self._show(report)
            if self.get_option("report_file"):
                self._write(report, several=len(hosts) > 1)

    def _keep(self, result: Any, *, failed: bool) -> None:
        task, data, host = result.task, result.result, result.host.get_name()
        role = task._role
        of_ours = role is not None and role._role_collection == COLLECTION
        told = plan_report.Told(
            task=str(task.name or task.action),
            role=role.get_name(include_role_fqcn=False) if of_ours else "",
            action=_action(task),
            result={key: data[key] for key in KEPT if key in data},
            check=bool(task.check_mode),
            diff=bool(task.diff),
            failed=failed,
        )
        self._told.setdefault(host, []).append(told)
        if of_ours or told.action.startswith(f"{COLLECTION}."):
            self._ours.add(host)

    def _step(self, name: str) -> None:
        """Close the last step: it has taken until now. The name of the next one; empty after the last."""
        now = time.monotonic()
        if self._steps:
            last, begun = self._steps[-1]
            self._steps[-1] = (last, now - begun)
        if name:
            self._steps.append((name, now))

    def _show(self, report: Mapping[str, Any]) -> None:
        reasons = None if self._display.verbosity else self.get_option("reasons")
        title = "would change" if report["check"] else "has changed"
        self._say("")
        self._say(f"MEDIA HOST [{report['host']}]: what {title} ".ljust(79, "*"))
        for line, state in plan_text.lines(report, reasons):
            self._say(line, COLOURS.get(state))

    def _write(self, report: Mapping[str, Any], *, several: bool) -> None:
        try:
            path = plan_file.write(self.get_option("report_file"), report, several=several)
        except OSError as error:
            self._display.warning(f"The report of {report['host']} cannot be written: {error}")
        else:
            self._say(f"report: {path}")

    def _say(self, text: str, colour: str | None = None) -> None:
        output = self.get_option("output")
        if output == "auto":
            machine = C.DEFAULT_STDOUT_CALLBACK.rpartition(".")[2] in JSON_CALLBACKS
            output = "stderr" if machine else "stdout"
        if output != "none":
            self._display.display(text, color=colour, stderr=output == "stderr")


def _action(task: Any) -> str:
    return str(getattr(task, "resolved_action", None) or task.action)
