# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The callback in a real ansible-playbook, and what it does with the results of recorded runs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.callback.plan import CallbackModule
from ansible_collections.homelab.media.plugins.plugin_utils import plan_file
from ansible_collections.homelab.media.plugins.plugin_utils.plan_progress import Progress

from tests.unit.plan_recorded import HOST, plan, recorded, told

ROOT = Path(__file__).resolve().parents[4]
PLAY = """
- hosts: all
  connection: local
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
  tasks:
    - name: Somebody else's task
      ansible.builtin.debug: {msg: hello}
      changed_when: true

    - name: Keep the folders
      homelab.media.media_tree:
        entries: [{path: "{{ playbook_dir }}/made"}]
      when: ours | default(true) | bool
      register: __stack_rendered

    - name: A task that takes long
      ansible.builtin.wait_for: {timeout: 1}
      when: wait | default(false) | bool

    - name: Tell the drift
      ansible.builtin.import_tasks: ROLE/tasks/drift.yml
"""


def play(
    folder: Path, *words: str, hosts: str = "one,", text: str = PLAY, **settings: str
) -> subprocess.CompletedProcess[str]:
    (folder / "play.yml").write_text(text.replace("ROLE", str(ROOT / "roles/stack")))
    environment = {
        **os.environ,
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": f"{ROOT}/collections",
        "HOMELAB_MEDIA_PLAN_REPORT_FILE": str(folder / "report.json"),
        **settings,
    }
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", hosts, "play.yml"]
    command += ["-e", "media_fail_on_drift=false"]
    return subprocess.run([*command, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False)


def report_of(folder: Path, name: str = "report.json") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / name).read_text())
    return found


def test_a_host_without_drift_ends_well_and_says_nothing_of_what_others_have_changed(tmp_path: Path) -> None:
    (tmp_path / "made").mkdir(mode=0o755)
    done = play(tmp_path, "--check", "-e", "media_fail_on_drift=true")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "MEDIA HOST" not in done.stdout, "nothing of this collection has announced anything"
    assert not (tmp_path / "report.json").exists()


def test_drift_is_told_written_and_ends_a_run_with_an_error_where_that_is_wanted(tmp_path: Path) -> None:
    """Two hosts, and JSON on stdout: nothing may get into that."""
    (tmp_path / "report.json").write_text("{}")
    settings = {"ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json", "ANSIBLE_SHOW_CUSTOM_STATS": "1"}
    done = play(tmp_path, "--check", "-e", "media_fail_on_drift=true", hosts="one,two,", **settings)
    said = json.loads(done.stdout)
    assert done.returncode == 2, done.stderr
    messages = [task["hosts"]["two"].get("msg", "") for play in said["plays"] for task in play["tasks"]]
    assert "two differs from its declaration, 1 change: two itself (1)." in messages[-1]
    assert said["global_custom_stats"]["media_drift"]["one"]["machine"] == [f"{tmp_path}/made"]
    assert "MEDIA HOST [one]: what would change" in done.stderr
    assert f"would change  one  Somebody else's task changed\n{' ' * 19}{tmp_path}/made added\n" in done.stderr
    assert sorted(path.name for path in tmp_path.glob("*.json")) == ["report.one.json", "report.two.json"]
    report = report_of(tmp_path, "report.two.json")
    assert (report["version"], report["host"], report["check"]) == (1, "two", True)
    assert [change["what"] for change in report["machine"]["changes"]] == ["Somebody else's task", f"{tmp_path}/made"]
    assert report["failed"] == [], "nothing has failed: there is drift"
    assert (tmp_path / "report.two.json").stat().st_mode & 0o777 == 0o600


def test_a_long_task_is_told_while_it_runs_and_a_run_about_no_media_host_is_left_alone(tmp_path: Path) -> None:
    done = play(tmp_path, "-e", "ours=false", "-e", "wait=true", HOMELAB_MEDIA_PLAN_PROGRESS_SECONDS="0.3")
    assert done.returncode == 0, done.stdout
    assert "... A task that takes long: 0.3 s" in done.stdout
    assert "... A task that takes long: 0.6 s" in done.stdout
    assert "MEDIA HOST" not in done.stdout + done.stderr
    assert not (tmp_path / "report.json").exists()


FROZEN = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.debug: {msg: "frozen={{ 'here' | frozen }}"}
"""
FROZEN_FILTER = """
import gc

class FilterModule:
    def filters(self):
        return {"frozen": lambda _value: gc.get_freeze_count()}
"""


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_leaves_alone_in_a_worker_what_was_loaded_before(tmp_path: Path, enabled: bool) -> None:
    (tmp_path / "filter_plugins").mkdir()
    (tmp_path / "filter_plugins/frozen.py").write_text(FROZEN_FILTER)
    name = "homelab.media.plan" if enabled else "ansible.posix.timer"
    done = play(tmp_path, text=FROZEN, ANSIBLE_CALLBACKS_ENABLED=name)
    assert done.returncode == 0, done.stdout + done.stderr
    frozen = re.search(r"frozen=(\d+)", done.stdout)
    assert frozen, done.stdout
    assert (int(frozen[1]) > 10_000) == enabled


class Shown:
    """What the display is told."""

    verbosity = 0

    def __init__(self) -> None:
        self.lines: list[str] = []

    def display(self, text: str, color: str | None = None, stderr: bool = False) -> None:
        self.lines.append(text)

    def warning(self, text: str) -> None:
        self.lines.append(f"WARNING: {text}")


class Result:
    """As a callback is given one."""

    def __init__(self, told: Any) -> None:
        role = SimpleNamespace(_role_collection="homelab.media", get_name=lambda include_role_fqcn: told.role)
        task = SimpleNamespace(
            name=told.task, action=told.action, resolved_action=None, _role=role, check_mode=True, diff=False
        )
        host = SimpleNamespace(get_name=lambda: HOST)
        parts = {"task": task, "host": host, "result": dict(told.result)}
        self.__dict__.update(parts)

    def is_changed(self) -> bool:
        return bool(self.__dict__["result"]["changed"])


def callback(shown: Shown, report_file: Path) -> CallbackModule:
    options = {"report_file": str(report_file), "output": "stdout", "reasons": 6, "slowest": 3, "progress_seconds": 0}
    made = CallbackModule(display=shown)  # type: ignore[arg-type]
    made.get_option = lambda key, hostvars=None: options[key]  # type: ignore[method-assign]
    made.v2_playbook_on_start(None)
    return made


def replay(made: CallbackModule, name: str) -> None:
    check = SimpleNamespace(
        task="Check", role="stack", action="homelab.media.media_check",
        result={"changed": False, "ansible_facts": {"media_plan": plan(name)}},
    )  # fmt: skip
    made.v2_playbook_on_task_start(Result(check).__dict__["task"], False)
    made.v2_runner_on_ok(Result(check))
    for each in told(name):
        hook = made.v2_runner_on_failed if each.failed else made.v2_runner_on_ok
        hook(Result(each))
    made.v2_playbook_on_stats(SimpleNamespace(summarize=lambda host: {"failures": 1, "unreachable": 0}))


@pytest.mark.parametrize("name", ["drift", "fresh", "refused"])
def test_it_tells_what_the_report_of_a_recorded_run_has(tmp_path: Path, name: str) -> None:
    shown = Shown()
    replay(callback(shown, tmp_path / "{host}.json"), name)
    written, expected = report_of(tmp_path, f"{HOST}.json"), recorded(name)
    changing = ("started", "finished", "slowest", "totals", "check")
    assert {key: written[key] for key in written if key not in changing} == {
        key: json.loads(json.dumps(expected[key])) for key in expected if key not in changing
    }
    assert {**written["totals"], "seconds": 0} == {**expected["totals"], "seconds": 0}
    assert [step["task"] for step in written["slowest"]] == ["Check"]
    text = "\n".join(shown.lines)
    assert "failed        plex" in text if name == "refused" else "would change  nzbget" in text


def test_a_report_that_cannot_be_written_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    shown = Shown()
    replay(callback(shown, tmp_path / "file" / "report.json"), "refused")
    assert [line for line in shown.lines if line.startswith(f"WARNING: The report of {HOST} cannot be written")]


def test_progress_is_told_until_the_end_and_not_after_it() -> None:
    said: list[str] = []
    twice = threading.Event()

    def say(text: str) -> None:
        said.append(text)
        if len(said) == 2:
            twice.set()

    progress = Progress(say, 0.01)
    progress.begin("Bring the Compose project up", "homelab.media.media_stack")
    assert twice.wait(10)
    watchers = [thread for thread in threading.enumerate() if getattr(thread, "_target", None) == progress._watch]
    progress.end()
    for thread in watchers:
        thread.join(10)
    assert watchers and not any(thread.is_alive() for thread in watchers)
    assert said[0].startswith("  ... Bring the Compose project up: 0.0 s; images are pulled, ")


def test_no_progress_is_asked_for_by_zero() -> None:
    before = threading.active_count()
    Progress(print, 0).begin("A task", "")
    assert threading.active_count() == before


@pytest.mark.parametrize(
    ("given", "several", "path"),
    [
        ("/r/drift.json", False, "/r/drift.json"),
        ("/r/drift.json", True, "/r/drift.a_b.json"),
        ("/r/drift", True, "/r/drift.a_b"),
        ("/r/{host}.json", False, "/r/a_b.json"),
        ("/r/{host}/drift.json", True, "/r/a_b/drift.json"),
    ],
)
def test_the_path_of_a_report_holds_the_host_where_it_has_to(given: str, several: bool, path: str) -> None:
    assert plan_file.path_of(given, "a/b", several=several) == Path(path)
