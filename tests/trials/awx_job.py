# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs as AWX runs them: a private data dir is streamed to ansible-runner, in a place where nothing was kept.

AWX clones the project, writes inventory, variables and settings beside it, and streams all that to a worker in a
container that is thrown away. Here the container is a folder with a home of its own: what a worker finds beside the
stream is the environment that Ansible is installed in, as in an execution environment.
"""

from __future__ import annotations

import configparser
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ansible_runner
import yaml

from tests.bed.shell import ROOT

BIN = ROOT / ".venv" / "bin"
COLLECTIONS = "~/.ansible/collections:/usr/share/ansible/collections"
ROLES = "~/.ansible/roles:/usr/share/ansible/roles:/etc/ansible/roles"
#: What AWX tells every job beside what a person has said. None of these may be mistaken for a variable of somebody's.
TOLD = {
    "job_id": 7, "job_launch_type": "scheduled", "job_template_id": 9, "job_template_name": "homelab.media: converge",
    "inventory_id": 2, "inventory_name": "homelab.media", "project_revision": "0" * 40, "project_scm_branch": "",
    "schedule_id": 3, "schedule_name": "homelab.media: converge", "user_id": 1, "user_name": "admin",
}  # fmt: skip


@dataclass
class Job:
    """What AWX knows of a job when it is over."""

    status: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    stream: str = ""

    @property
    def stats(self) -> dict[str, dict[str, int]]:
        """How many tasks of each host were ok, changed, and so on; from the event that AWX takes it from."""
        last = [event for event in self.events if event["event"] == "playbook_on_stats"]
        return last[-1]["event_data"] if last else {}

    @property
    def changed(self) -> int:
        """The number of changed tasks; -1 without an end, which is never right."""
        return sum(self.stats["changed"].values()) if self.stats else -1

    @property
    def output(self) -> str:
        """What the page of the job shows."""
        return "\n".join(event["stdout"] for event in self.events if event.get("stdout"))


def clone(source: Path, folder: Path) -> Path:
    """Return a clean clone of what is committed."""
    settings = ["-c", "safe.directory=*"]
    command = ["git", *settings, "clone", "--quiet", "--no-hardlinks", f"file://{source}", str(folder)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return folder


def inventory(project: Path, source: str, home: Path) -> dict[str, Any]:
    """Return the hosts as AWX imports them from a project and tells them to its jobs, with no template worked out."""
    command = [str(BIN / "ansible-inventory"), "--list", "--export", "-i", source, "--playbook-dir", str(project)]
    done = subprocess.run(command, cwd=project, env=_environment(home), capture_output=True, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    for number, host in enumerate(sorted(told["_meta"]["hostvars"]), start=1):
        told["_meta"]["hostvars"][host].update(remote_tower_enabled="true", remote_tower_id=number)
    return told


def run(
    folder: Path,
    project: Path,
    playbook: str,
    hosts: Mapping[str, Any],
    *words: str,
    variables: Mapping[str, Any] | None = None,
    passwords: Mapping[str, str] | None = None,
) -> Job:
    """Run a job in an empty folder: written as AWX does, streamed to a worker, read from what that streams back."""
    sent, home = folder / "sent", folder / "home"
    home.mkdir(parents=True)
    clone(project, sent / "project")
    _write(sent, hosts, words, variables or {})
    with (folder / "job").open("wb") as stream:
        ansible_runner.interface.run(
            streamer="transmit",
            _output=stream,
            private_data_dir=str(sent),
            ident="7",
            playbook=playbook,
            inventory=str(sent / "inventory" / "hosts"),
            envvars=_of_job(folder / "runner", sent / "project"),
            passwords=dict(passwords or {}),
            suppress_env_files=True,
            fact_cache_type="",
        )
    with (folder / "job").open("rb") as stream, (folder / "answer").open("wb") as answer:
        command = [sys.executable, "-m", "ansible_runner", "worker", "--private-data-dir", str(folder / "runner")]
        subprocess.run(command, stdin=stream, stdout=answer, env=_environment(home), cwd=folder, check=False)
    return _read(folder)


def _write(sent: Path, hosts: Mapping[str, Any], words: Sequence[str], variables: Mapping[str, Any]) -> None:
    for name in ("inventory", "env", "requirements_collections", "requirements_roles", "cp"):
        (sent / name).mkdir()
    script = sent / "inventory" / "hosts"
    script.write_text(f"#! /usr/bin/env python3\n# -*- coding: utf-8 -*-\nprint({json.dumps(hosts)!r})\n")
    script.chmod(0o700)
    told = {f"{prefix}_{name}": value for name, value in TOLD.items() for prefix in ("awx", "tower")}
    _private(sent / "env" / "extravars", yaml.safe_dump({**told, **variables}))
    _private(sent / "env" / "cmdline", " ".join(words))
    runner = {"job_timeout": 0, "suppress_ansible_output": True, "suppress_output_file": True}
    _private(sent / "env" / "settings", json.dumps(runner))


def _private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)


def _of_job(runner: Path, project: Path) -> dict[str, str]:
    """Return what AWX puts into the environment of a job. Of the project's settings it looks at these two paths."""
    collections, roles = _paths(project, "collections_path", COLLECTIONS), _paths(project, "roles_path", ROLES)
    return {
        "JOB_ID": "7",
        "INVENTORY_ID": "2",
        "PROJECT_REVISION": "0" * 40,
        "AWX_PRIVATE_DATA_DIR": str(runner),
        "ANSIBLE_RETRY_FILES_ENABLED": "False",
        "ANSIBLE_FORCE_COLOR": "True",
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(runner / "cp"),
        "ANSIBLE_COLLECTIONS_PATH": f"{runner}/requirements_collections:{collections}",
        "ANSIBLE_ROLES_PATH": f"{runner}/requirements_roles:{roles}",
        "MAX_EVENT_RES": "700000",
    }


def _paths(project: Path, setting: str, default: str) -> str:
    settings = configparser.ConfigParser(interpolation=None)
    settings.read(project / "ansible.cfg")
    own = settings.get("defaults", setting, fallback="")
    return f"{own}:{default}" if set(own.split(":")) - {""} - set(default.split(":")) else default


def _environment(home: Path) -> dict[str, str]:
    """Return the environment of a container: nothing of the person's who runs the tests."""
    path = os.pathsep.join([str(BIN), os.environ.get("PATH", os.defpath)])
    return {"HOME": str(home), "PATH": path, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


def _read(folder: Path) -> Job:
    """Return what AWX reads from the worker's stream."""
    job = Job(stream=(folder / "answer").read_text(encoding="utf-8", errors="replace"))

    def take(event: dict[str, Any]) -> bool:
        job.events.append(event)
        return False

    def state(told: Mapping[str, Any], runner_config: Any) -> None:
        job.status = str(told["status"])

    with (folder / "answer").open("rb") as stream:
        ansible_runner.interface.run(
            streamer="process",
            _input=stream,
            private_data_dir=str(folder / "sent"),
            ident="7",
            event_handler=take,
            status_handler=state,
            quiet=True,
        )
    return job
