# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the declaration of a project of Semaphore is told all at once, before anything is asked."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import semaphore_cron
from ansible_collections.homelab.media.plugins.modules import semaphore_project

from tests.unit.run_module import run_module
from tests.unit.semaphore_house import PROJECT, changed
from tests.unit.semaphore_stand_in import TOKEN

#: Nothing listens there: whoever asks it has not checked first.
NOBODY = "http://127.0.0.1:1"


def problems(**changes: Any) -> list[str]:
    answer = run_module(semaphore_project.main, {"url": NOBODY, "token": TOKEN, **PROJECT, **changes})
    assert answer["failed"], answer
    return [line.removeprefix("  - ") for line in str(answer["msg"]).splitlines()[1:]]


def test_control_the_sample_has_no_problem() -> None:
    answer = run_module(semaphore_project.main, {"url": NOBODY, "token": TOKEN, **PROJECT})
    assert "does not answer" in answer["msg"]


def test_all_problems_are_told_at_once() -> None:
    found = problems(
        url="semaphore.example.org",
        token="",
        project=" ",
        keys=[{"name": "host", "type": "ssh"}, {"name": "host", "type": "login_password"}],
        repository={"url": "", "branch": ""},
        inventory={"inventory": "/etc/hosts.yml", "become_key": "nobody"},
        environment={"secret_env": {"2": ""}},
        templates=[{"name": "one", "playbook": "site"}],
        schedules={"two": "* * * *"},
    )
    assert [line.partition(":")[0] for line in found] == [
        "semaphore_environment.env",
        "semaphore_environment.secret_env.2",
        "semaphore_inventory.become_key",
        "semaphore_inventory.inventory",
        "semaphore_keys[0].private_key",
        "semaphore_keys[1].name",
        "semaphore_keys[1].password",
        "semaphore_project",
        "semaphore_repository.branch",
        "semaphore_repository.url",
        "semaphore_schedules.two",
        "semaphore_schedules.two",
        "semaphore_templates[0].playbook",
        "semaphore_token",
        "semaphore_url",
        "semaphore_vaults[0]",
    ]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"user": "admin", "password": "word"}, "semaphore_token: is given together with semaphore_user"),
        ({"token": None, "user": "admin"}, "semaphore_token: is missing"),
        ({"max_parallel_tasks": -1}, "semaphore_max_parallel_tasks: is -1"),
        (changed("repository", url="https://a:word@git.example.org/a.git"), "holds a password, which everybody"),
        (changed("repository", key="nobody"), "semaphore_repository.key: is 'nobody'. Expected: one of semaphore_keys"),
        (changed("inventory", become_key="host"), "is 'host', a key of type ssh. Expected: one of type login_password"),
        (changed("inventory", inventory="../hosts.yml"), "a path in the repository"),
        (changed("inventory", type="static", inventory=" "), "semaphore_inventory.inventory: is empty"),
        (changed("environment", env={"A": [1]}), "semaphore_environment.env.A: is a list"),
        (changed("environment", secret_variables={"media_timezone": "x"}), "is in variables too"),
        (changed("environment", name="homelab.media (kept by semaphore.yml)"), "Expected: any other name"),
        ({"templates": [], "schedules": {"a": "@daily"}}, "is no template. Expected: one of semaphore_templates"),
        (
            {
                "templates": [{"name": "a", "playbook": "a.yml", "survey_vars": [{"name": "a-b", "title": "a"}]}],
                "schedules": {},
            },
            "semaphore_templates[0].survey_vars[0].name: is 'a-b'",
        ),
    ],
)
def test_each_problem_names_its_variable(changes: dict[str, Any], told: str) -> None:
    found = problems(**changes)
    assert len(found) == 1 and told in found[0], found


def test_no_problem_tells_a_secret() -> None:
    told = "\n".join(problems(keys=[{"name": "host", "type": "ssh", "private_key": "not-a-key-but-secret"}], vaults=[]))
    assert "is no private key" in told
    assert "not-a-key-but-secret" not in told


@pytest.mark.parametrize(
    "url", ["git@git.example.org:a.git", "/srv/media", "file:///srv/media", "ssh://git@git.example.org/a.git"]
)
def test_addresses_of_repositories(url: str) -> None:
    answer = run_module(
        semaphore_project.main, {"url": NOBODY, "token": TOKEN, **PROJECT, **changed("repository", url=url)}
    )
    assert "does not answer" in answer["msg"]


@pytest.mark.parametrize(
    "cron",
    ["17 * * * *", "*/15 0-6,22 1 jan-mar mon", "0 0 ? * 0", "5/10 * * * *", "@hourly", "@every 90m", "0 0 1 DEC Sun"],
)
def test_times_that_semaphore_takes(cron: str) -> None:
    assert semaphore_cron.fault(cron) == ""


@pytest.mark.parametrize(
    "cron",
    ["", "* * * *", "0 17 * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 7", "*/0 * * * *",
     "9-3 * * * *", "a * * * *", "1, * * * *", "-1 * * * *", "@often", "* * * mon *", "1-2-3 * * * *"],
)  # fmt: skip
def test_times_that_it_does_not_take(cron: str) -> None:
    assert semaphore_cron.fault(cron).startswith(f"is {cron!r}")
