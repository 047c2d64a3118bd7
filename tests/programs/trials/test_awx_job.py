# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A job as AWX runs it, with a project of one playbook: what the trial of the demo host rests on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.trials import awx_events, awx_job

VAULT, SECRET = "the-vault-password", "the-secret-in-the-inventory"
#: Only the path of this project's settings leads to its role, and only from the project's own folder.
FILES = {
    "ansible.cfg": "[defaults]\ncollections_path = collections:~/.ansible/collections\nhome = build/ansible\n",
    "hosts.yml": "media: {hosts: {here: {ansible_connection: local}}}\n",
    "collections/ansible_collections/some/thing/roles/write/tasks/main.yml": """
- ansible.builtin.copy: {content: "{{ secret | length }} {{ awx_job_id }}", dest: "{{ out }}", mode: "0600"}
""",
    "playbooks/write.yml": """
- hosts: media
  gather_facts: false
  tasks:
    - ansible.builtin.import_role: {name: some.thing.write}
    - ansible.builtin.debug: {msg: "home {{ lookup('ansible.builtin.env', 'HOME') }}"}
""",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    password = folder / "password"
    password.write_text(VAULT)
    tool = awx_job.BIN / "ansible-vault"
    command = [str(tool), "encrypt_string", "--vault-password-file", str(password), "--name", "secret", SECRET]
    variables = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    password.unlink()
    for name, text in {**FILES, "group_vars/media/vault.yml": variables}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    identity = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.org", "-c", "commit.gpgsign=false")
    for words in (("init", "--quiet"), ("add", "--all"), (*identity, "commit", "--quiet", "--message=All")):
        subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)
    return folder


def test_two_jobs_of_a_project(project: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    hosts = awx_job.inventory(project, "hosts.yml", home)
    assert "__ansible_vault" in hosts["media"]["vars"]["secret"], "AWX would keep the secret itself"
    jobs = []
    for number in ("first", "second"):
        variables = {"out": str(tmp_path / "out"), "ansible_python_interpreter": sys.executable}
        passwords = {r"Vault password:\s*?$": VAULT}
        folder = tmp_path / number
        job = awx_job.run(
            folder, project, "playbooks/write.yml", hosts, "--ask-vault-pass", variables=variables, passwords=passwords
        )
        assert job.status == "successful", job.output or job.stream
        assert awx_events.faults(job.events) == []
        assert f"home {folder}/home" in job.output
        assert SECRET not in job.output
        jobs.append(job)
    assert [job.changed for job in jobs] == [1, 0]
    assert (tmp_path / "out").read_text() == f"{len(SECRET)} 7"


def test_a_job_that_fails_is_told(project: Path, tmp_path: Path) -> None:
    """The control: a job with no way to the vault."""
    home = tmp_path / "home"
    home.mkdir()
    hosts = awx_job.inventory(project, "hosts.yml", home)
    variables = {"out": str(tmp_path / "out"), "ansible_python_interpreter": sys.executable}
    job = awx_job.run(tmp_path / "job", project, "playbooks/write.yml", hosts, variables=variables)
    assert job.status == "failed"
    assert sum(job.stats["failures"].values()) == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"counter": 3}, "has the counter 3"),
        ({"event": "runner_on_fire"}, "has a name that AWX does not know"),
        ({"uuid": "a"}, "has no uuid of its own"),
        ({"parent_uuid": "nobody"}, "belongs to one that was not before it"),
        ({"start_line": 4}, "is at the lines 4 to 3, after 2"),
        ({"event_data": {"host": "here"}}, "does not tell playbook, play, task, task_action, task_uuid, res"),
    ],
)
def test_events_that_awx_could_not_read(change: dict[str, Any], told: str) -> None:
    data = dict.fromkeys(awx_events.OF_A_TASK, "x")
    first = {"event": "playbook_on_start", "counter": 1, "uuid": "a", "start_line": 0, "end_line": 2, "event_data": {}}
    second = {
        "event": "runner_on_ok",
        "counter": 2,
        "uuid": "b",
        "parent_uuid": "a",
        "start_line": 2,
        "end_line": 3,
        "event_data": data,
    }
    assert awx_events.faults([first, second]) == []
    assert told in " ".join(awx_events.faults([first, {**second, **change}]))
