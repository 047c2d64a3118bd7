# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook semaphore.yml and a stand-in for Semaphore, both against Semaphore's own OpenAPI documents."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contract.semaphore_schema import Broken, Contract
from tests.unit.semaphore_house import PROJECT, SECRETS
from tests.unit.semaphore_stand_in import PASSWORD, TOKEN, USER, Exchange, Semaphore

ROOT = Path(__file__).resolve().parents[2]
PLAYBOOK = Path(sys.executable).with_name("ansible-playbook")


class Project:
    """An inventory whose one host nobody can reach, because nobody has to."""

    def __init__(self, folder: Path, server: Semaphore) -> None:
        self.folder, self.server = folder, server
        self.write(semaphore_url=server.url, semaphore_token=TOKEN)

    def write(self, **variables: Any) -> None:
        declared = {f"semaphore_{name}": value for name, value in PROJECT.items()}
        house = {"media": {"hosts": {"nobody": {"ansible_host": "192.0.2.1"}}, "vars": {**declared, **variables}}}
        (self.folder / "hosts.yml").write_text(yaml.safe_dump(house), encoding="utf-8")

    def run(self, *words: str) -> tuple[int, str]:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "ANSIBLE_HOME": str(self.folder / "ansible"),
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        }
        done = subprocess.run(
            [PLAYBOOK, "-i", self.folder / "hosts.yml", "playbooks/semaphore.yml", *words],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout


@pytest.fixture(params=["2.10", "2.16"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Project]:
    with Semaphore(request.param) as server:
        yield Project(tmp_path, server)


def check_all(server: Semaphore) -> int:
    """Check all that was asked and answered; return how much of it the document knows."""
    contract = Contract(server.version)
    assert [one for one in server.record if one.status >= 300] == []
    return sum(contract.check(one) for one in server.record)


def test_a_second_run_of_the_playbook_sends_no_write_and_all_keeps_the_contract(project: Project) -> None:
    server = project.server
    status, told = project.run("--check", "--diff", "-vvv")
    assert (status, server.writes()) == (0, []), told
    assert "changed=1" in told
    status, real = project.run("--diff", "-vvv")
    assert status == 0, real
    assert len(server.writes()) > 15
    status, again = project.run("--diff", "-vvv")
    assert (status, "changed=0" in again) == (0, True), again
    assert check_all(server) > 60
    server.forget()
    assert project.run()[0] == 0
    assert server.writes() == []
    assert check_all(server) > 10
    for secret in (*SECRETS, TOKEN):
        assert all(secret not in output for output in (told, real, again))


def test_drift_removal_and_new_secrets_keep_the_contract(project: Project) -> None:
    server = project.server
    assert project.run()[0] == 0
    server.find("templates", "check")["playbook"] = "elsewhere.yml"
    server.find("schedules", "converge")["active"] = False
    project.write(
        semaphore_url=server.url,
        semaphore_token=None,
        semaphore_user=USER,
        semaphore_password=PASSWORD,
        semaphore_max_parallel_tasks=2,
        semaphore_templates=PROJECT["templates"][:5],
        semaphore_environment={"secret_env": {"WEBHOOK": "another"}},
        semaphore_keys=[
            *PROJECT["keys"][:1],
            {"name": "vault", "type": "login_password", "password": "another word"},
            {"name": "become", "type": "none"},
        ],
        semaphore_inventory={"inventory": "hosts.yml", "key": "host"},
    )
    server.forget()
    status, told = project.run("--diff")
    assert status == 0, told
    assert {write.split()[0] for write in server.writes()} == {"PUT", "DELETE"}
    assert server.find("templates", "check")["playbook"] == "site.yml"
    assert check_all(server) > 30
    server.forget()
    status, told = project.run()
    assert (status, server.writes()) == (0, []), told


def test_problems_are_told_all_at_once_by_their_variables(project: Project) -> None:
    project.write(semaphore_url="", semaphore_repository={}, semaphore_schedules={"converge": "hourly"})
    status, told = project.run()
    assert status == 2
    assert "4 problems found" in " ".join(told.split())
    for variable in ("semaphore_url", "semaphore_token", "semaphore_repository.url", "semaphore_schedules.converge"):
        assert f"{variable}: is" in told
    assert project.server.record == []


def test_the_wrong_type_is_told_by_the_specification(project: Project) -> None:
    project.write(
        semaphore_url=project.server.url, semaphore_keys=[{"name": "a", "type": "gpg"}], semaphore_schedules=[1]
    )
    status, told = project.run()
    assert status == 2
    assert "value of type must be one of: ssh, login_password, none, got: gpg" in " ".join(told.split())
    assert "semaphore_schedules" in told


@pytest.mark.parametrize("version", ["2.10", "2.16"])
def test_control_what_breaks_the_contract_is_found(version: str) -> None:
    contract = Contract(version)
    path = "/project/1/templates?sort=name&order=asc"
    good = {"id": 1, "project_id": 1, "name": "a", "playbook": "a.yml"}
    assert contract.check(Exchange("GET", path, None, 200, [good]))
    broken = [
        Exchange("GET", path, None, 200, [{**good, "id": "1"}]),
        Exchange("GET", path, None, 200, good),
        Exchange("GET", path, None, 201, [good]),
        Exchange("GET", path, {}, 200, [good]),
        Exchange("GET", "/project/1/templates", None, 200, [good]),
        Exchange("GET", "/project/1/nothing", None, 200, []),
        Exchange("PATCH", "/project/1/templates", {}, 200, []),
        Exchange("POST", "/project/1/templates", {"inventory_id": None}, 201, good),
        Exchange("PUT", "/project/1/templates/1", {**good, "survey_vars": "a"}, 204, None),
        Exchange("PUT", "/project/1/templates/1", good, 204, {}),
    ]
    for one in broken:
        with pytest.raises(Broken):
            contract.check(one)


def test_control_a_request_with_what_nobody_described_is_found() -> None:
    body = {"name": "a", "project_id": 1, "type": "none"}
    answer = {"id": 1, **body}
    assert Contract("2.16").check(Exchange("POST", "/project/1/keys", body, 201, answer))
    with pytest.raises(Broken, match="unexpected"):
        Contract("2.16").check(Exchange("POST", "/project/1/keys", {**body, "kind": "none"}, 201, answer))


def test_semaphore_finds_the_requirements_of_this_repository() -> None:
    # 2.10 looks into the folder collections alone, newer versions there too.
    wanted = yaml.safe_load((ROOT / "collections" / "requirements.yml").read_text(encoding="utf-8"))["collections"]
    depends = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["dependencies"]
    assert {entry["name"]: entry["version"] for entry in wanted} == depends
    for template in PROJECT["templates"]:
        assert (ROOT / template["playbook"]).is_file(), template
    # What it would install first, before it comes to that file.
    for folder in ("", "playbooks", "playbooks/collections", "roles"):
        assert not (ROOT / folder / "requirements.yml").exists()


def test_what_the_ledger_keeps_is_no_secret(project: Project) -> None:
    assert project.run()[0] == 0
    asked = json.dumps([one.answer for one in project.server.record])
    assert all(secret not in asked for secret in SECRETS)
