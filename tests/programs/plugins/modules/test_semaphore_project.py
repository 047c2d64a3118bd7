# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module semaphore_project against a stand-in for Semaphore, as 2.10 and as 2.16 has it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import semaphore_ledger
from ansible_collections.homelab.media.plugins.module_utils.semaphore_ledger import NAME as LEDGER
from ansible_collections.homelab.media.plugins.modules import semaphore_project

from tests.unit.run_module import run_module
from tests.unit.semaphore_house import API_KEY, BECOME, PROJECT, SECRETS, SSH_KEY, VAULT, arguments, changed
from tests.unit.semaphore_stand_in import PASSWORD, USER, Semaphore


@pytest.fixture(autouse=True)
def _quick_fingerprints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(semaphore_ledger, "_ROUNDS", 1)


@pytest.fixture(params=["2.10", "2.16"])
def server(request: pytest.FixtureRequest) -> Iterator[Semaphore]:
    with Semaphore(request.param) as running:
        yield running


@pytest.fixture
def made(server: Semaphore) -> Semaphore:
    """Return one that a run has been at."""
    assert run(server)["changed"] is True
    server.forget()
    return server


def run(server: Semaphore, *, check: bool = False, **changes: Any) -> dict[str, Any]:
    answer = run_module(semaphore_project.main, arguments(server, **changes), check=check)
    assert not answer.get("failed"), answer
    return answer


def fail(server: Semaphore, **changes: Any) -> str:
    answer = run_module(semaphore_project.main, arguments(server, **changes))
    assert answer.get("failed"), answer
    return str(answer["msg"])


def subjects(answer: dict[str, Any]) -> list[str]:
    return [str(entry["after_header"]) for entry in answer["diff"]]


def entry(answer: dict[str, Any], subject: str) -> tuple[str, str]:
    found = [one for one in answer["diff"] if one["after_header"] == subject]
    assert len(found) == 1, subjects(answer)
    return found[0]["before"], found[0]["after"]


# The first run, and the second


def test_a_run_makes_all_of_it(server: Semaphore) -> None:
    answer = run(server)
    assert answer["project_id"] == 1
    assert set(answer["templates"]) == {"converge", "check", "verify", "status", "bans", "remove"}
    assert server.find("keys", "host")["_secret"] == {
        "login": "ansible",
        "passphrase": "",
        "private_key": SSH_KEY + "\n",
    }
    assert server.find("keys", "vault")["_secret"] == {"login": "", "password": VAULT}
    repository = server.find("repositories", "media")
    assert (repository["git_branch"], repository["ssh_key_id"]) == ("main", server.find("keys", "None")["id"])
    inventory = server.find("inventory", "media")
    assert (inventory["type"], inventory["inventory"]) == ("file", "hosts.yml")
    assert inventory["ssh_key_id"] == server.find("keys", "host")["id"]
    assert inventory["become_key_id"] == server.find("keys", "become")["id"]
    group = server.find("environment", "media")
    assert json.loads(group["json"]) == PROJECT["environment"]["variables"]
    assert {(one["type"], one["name"]): one["secret"] for one in group["_secrets"]}[("var", "api_key")] == API_KEY
    template = server.find("templates", "check")
    assert (template["playbook"], json.loads(template["arguments"])) == ("site.yml", ["--check", "--diff"])
    assert (template["environment_id"], template["inventory_id"]) == (group["id"], inventory["id"])
    assert [vault["vault_key_id"] for vault in template["vaults"]] == [server.find("keys", "vault")["id"]]
    schedule = server.find("schedules", "converge")
    assert (schedule["cron_format"], schedule["active"]) == ("17 * * * *", True)
    assert schedule["template_id"] == server.find("templates", "converge")["id"]


def test_a_second_run_writes_nothing(made: Semaphore) -> None:
    answer = run(made)
    assert (answer["changed"], answer["diff"], made.writes()) == (False, [], [])


def test_a_controller_that_remembers_nothing_knows_what_was_written(made: Semaphore) -> None:
    # All that a run knows of the one before is on the server; a secret is neither shown nor kept in the clear.
    kept = made.find("environment", LEDGER)["json"]
    assert all(secret not in kept for secret in SECRETS)
    for row in made.things[1]["templates"].values():
        assert row["environment_id"] != made.find("environment", LEDGER)["id"]
    assert run(made)["changed"] is False


def test_no_secret_is_told(server: Semaphore) -> None:
    told = json.dumps([run(server, check=True), run(server), run(server, rewrite_secrets=True)])
    assert all(secret not in told for secret in SECRETS)


# Check mode


def test_check_mode_writes_nothing_and_tells_what_a_run_does(server: Semaphore) -> None:
    planned = run(server, check=True)
    assert server.writes() == []
    assert planned["project_id"] == 0
    done = run(server)
    assert planned["diff"] == done["diff"]
    assert subjects(done)[0] == "Semaphore project media"
    assert "Semaphore key None" not in subjects(done), "it comes with the project"


@pytest.mark.parametrize(
    "changes",
    [
        {"schedules": {"check": "@daily"}},
        {"templates": PROJECT["templates"][:2], "schedules": {}},
        changed("repository", url="git@git.example.org:media.git", branch="next", key="host"),
        changed("environment", secret_env={}, secret_variables={"api_key": "another", "new": "one"}),
        {"max_parallel_tasks": 0, "alert": True},
        {"fingerprint_key": "another key"},
        {"rewrite_secrets": True},
        {"project": "another"},
    ],
)
def test_check_mode_tells_exactly_what_the_next_run_does(made: Semaphore, changes: dict[str, Any]) -> None:
    planned = run(made, check=True, **changes)
    assert made.writes() == []
    done = run(made, **changes)
    assert planned["diff"] == done["diff"] != []
    assert made.writes() != []
    assert run(made, **{**changes, "rewrite_secrets": False})["changed"] is False


# Drift


DRIFT: list[tuple[str, str, dict[str, Any], str]] = [
    ("repositories", "media", {"git_url": "https://elsewhere.example.org/a.git"}, "Semaphore repository media"),
    ("inventory", "media", {"inventory": "other.yml"}, "Semaphore inventory media"),
    ("environment", "media", {"json": "{}"}, "Semaphore environment media"),
    ("environment", "media", {"_secrets": []}, "Semaphore environment media"),
    ("templates", "check", {"arguments": None}, "Semaphore template check"),
    ("templates", "check", {"vaults": []}, "Semaphore template check"),
    ("templates", "bans", {"survey_vars": []}, "Semaphore template bans"),
    ("schedules", "converge", {"cron_format": "0 0 * * *"}, "Semaphore schedule converge"),
    ("schedules", "converge", {"active": False}, "Semaphore schedule converge"),
]


@pytest.mark.parametrize(("kind", "name", "drift", "subject"), DRIFT)
def test_drift_is_told_and_put_right(
    made: Semaphore, kind: str, name: str, drift: dict[str, Any], subject: str
) -> None:
    row = made.find(kind, name)
    before = copy.deepcopy(row)
    row |= drift
    planned = run(made, check=True)
    done = run(made)
    assert planned["diff"] == done["diff"]
    assert subjects(done) == [subject]
    # A secret that was made anew has another number.
    without = {"_secrets", "vaults"}
    assert {key: value for key, value in row.items() if key not in without} == {
        key: value for key, value in before.items() if key not in without
    }
    assert [secret["secret"] for secret in row.get("_secrets", [])] == [
        secret["secret"] for secret in before.get("_secrets", [])
    ]
    assert run(made)["changed"] is False


@pytest.mark.parametrize("kind", ["keys", "templates", "schedules"])
def test_what_somebody_has_deleted_comes_back(made: Semaphore, kind: str) -> None:
    name = {"keys": "become", "templates": "bans", "schedules": "verify"}[kind]
    if kind == "keys":
        made.find("inventory", "media")["become_key_id"] = None
    del made.things[1][kind][made.find(kind, name)["id"]]
    done = run(made)
    expected = {"keys": ["Semaphore key become", "Semaphore inventory media"]}
    assert subjects(done) == expected.get(kind, [f"Semaphore {kind[:-1]} {name}"])
    assert made.find(kind, name)
    assert run(made)["changed"] is False


def test_what_nobody_declares_keeps_its_value(made: Semaphore) -> None:
    template = made.find("templates", "status")
    template |= {"view_id": 7, "playbook": "other.yml", "allow_override_args_in_task": True, "git_branch": "next"}
    made.find("environment", "media")["_secrets"].append(
        {"id": 99, "type": "env", "name": "OTHERS", "secret": "theirs"}
    )
    before, after = entry(run(made), "Semaphore template status")
    assert (before, after) == ("playbook: other.yml\n", "playbook: playbooks/status.yml\n")
    assert (template["view_id"], template["git_branch"], template["allow_override_args_in_task"]) == (7, "next", True)
    run(made, **changed("environment", variables={}))
    assert "OTHERS" in [secret["name"] for secret in made.find("environment", "media")["_secrets"]]


def test_another_thing_of_a_known_name_is_told_by_its_number(made: Semaphore) -> None:
    other = made.add("environment", {"name": "other", "json": "{}"})
    template = made.find("templates", "status")
    template |= {"environment_id": other, **({} if made.old else {"environment_ids": [other]})}
    before, after = entry(run(made), "Semaphore template status")
    assert (before, after) == (f"environment: other (id {other})\n", "environment: media\n")


def test_a_second_variable_group_is_seen_by_the_version_that_knows_several() -> None:
    with Semaphore("2.16") as made:
        run(made)
        other = made.add("environment", {"name": "other", "json": "{}"})
        template = made.find("templates", "status")
        template["environment_ids"] = [template["environment_id"], other]
        before, after = entry(run(made), "Semaphore template status")
        assert (before, after) == (f"environment: media, other (id {other})\n", "environment: media\n")
        assert template["environment_ids"] == [made.find("environment", "media")["id"]]


# What is declared no more, and what is not ours


def test_what_a_run_has_made_and_nobody_declares_is_removed(made: Semaphore) -> None:
    keys = [key for key in PROJECT["keys"] if key["name"] != "become"]
    changes = {
        "keys": keys,
        **changed("inventory", become_key=None),
        "templates": PROJECT["templates"][:3],
        "schedules": {"converge": "17 * * * *"},
    }
    done = run(made, **changes)
    assert subjects(done) == [
        "Semaphore inventory media",
        "Semaphore schedule verify",
        "Semaphore template status",
        "Semaphore template bans",
        "Semaphore template remove",
        "Semaphore key become",
    ]
    assert {row["name"] for row in made.things[1]["keys"].values()} == {"None", "host", "vault"}
    assert run(made, **changes)["changed"] is False


def test_what_others_have_made_stays(made: Semaphore) -> None:
    key = made.add("keys", {"name": "theirs", "type": "login_password", "login_password": {"password": "x"}})
    template = made.find("templates", "status")
    # Whoever gives a thing another name makes it theirs.
    template["name"] = "mine now"
    done = run(made, templates=PROJECT["templates"][:3])
    assert subjects(done) == ["Semaphore template bans", "Semaphore template remove"]
    assert key in made.things[1]["keys"]
    assert made.find("templates", "mine now") is template
    assert run(made)["changed"] is True


def test_a_thing_of_a_person_with_a_declared_name_becomes_a_declared_one_and_is_never_removed(
    server: Semaphore,
) -> None:
    run_module(semaphore_project.main, arguments(server, keys=[], vaults=[], inventory={"inventory": "hosts.yml"}))
    server.add("keys", {"name": "host", "type": "none"})
    done = run(server)
    before, after = entry(done, "Semaphore key host")
    assert (before, after) == ("type: none\nsecret: none\n", "type: ssh\nsecret: given\n")
    assert server.find("keys", "host")["_secret"]["private_key"] == SSH_KEY + "\n"
    assert run(server)["changed"] is False
    run(server, keys=PROJECT["keys"][1:], **changed("inventory", key=None))
    assert server.find("keys", "host")


def test_two_of_one_name_are_refused_with_both_ids(made: Semaphore) -> None:
    template = made.find("templates", "check")
    twin = made.add("templates", {key: value for key, value in template.items() if key not in ("id", "vaults")})
    key = made.find("keys", "vault")
    other = made.add("keys", {"name": "vault", "type": "none"})
    made.forget()
    told = fail(made, schedules={})
    assert (
        f"semaphore_templates.check: is the name of 2 things: template 'check' has the ids {template['id']}, {twin}"
        in told
    )
    assert f"semaphore_keys.vault: is the name of 2 things: key 'vault' has the ids {key['id']}, {other}" in told
    assert made.writes() == []


def test_two_projects_of_one_name_are_refused_with_both_ids(made: Semaphore) -> None:
    made.answer("POST", "/projects", {"name": "media"}, True)
    assert "project 'media' has the ids 1, 2" in fail(made)


# Secrets


def test_only_the_secret_that_changed_is_written(made: Semaphore) -> None:
    keys = copy.deepcopy(PROJECT["keys"])
    keys[1]["password"] = "another word"
    answer = run(made, keys=keys)
    assert subjects(answer) == ["Semaphore key vault"]
    assert entry(answer, "Semaphore key vault") == ("secret: as it was written last\n", "secret: another one\n")
    number = made.find("keys", "vault")["id"]
    assert [write for write in made.writes() if "/keys/" in write] == [f"PUT /project/1/keys/{number}"]
    assert made.find("keys", "vault")["_secret"]["password"] == "another word"
    assert run(made, keys=keys)["changed"] is False


def test_a_secret_of_the_environment_is_made_changed_and_removed(made: Semaphore) -> None:
    environment = changed("environment", secret_variables={"api_key": "qwertz"}, secret_env={"NEW": "asdfgh"})
    before, after = entry(run(made, **environment), "Semaphore environment media")
    assert before.splitlines() == [
        "var api_key: as it was written last",
        "env NEW: none",
        "env WEBHOOK: as it was written last",
    ]
    assert after.splitlines() == ["var api_key: another one", "env NEW: given", "env WEBHOOK: none"]
    secrets = {one["name"]: one["secret"] for one in made.find("environment", "media")["_secrets"]}
    assert secrets == {"api_key": "qwertz", "NEW": "asdfgh"}
    assert run(made, **environment)["changed"] is False


def test_secrets_are_written_again_on_demand_and_after_the_ledger_is_gone(made: Semaphore) -> None:
    made.find("keys", "vault")["_secret"] = {"login": "", "password": "by hand"}
    assert run(made)["changed"] is False, "nobody can see that"
    run(made, rewrite_secrets=True)
    assert made.find("keys", "vault")["_secret"]["password"] == VAULT
    del made.things[1]["environment"][made.find("environment", LEDGER)["id"]]
    answer = run(made)
    assert entry(answer, "Semaphore key host") == ("secret: not known\n", "secret: given\n")
    assert run(made)["changed"] is False
    assert run(made, templates=PROJECT["templates"][:1], schedules={})["diff"] == [], "no longer known as a run's own"


def test_a_secret_whose_writing_failed_is_not_taken_for_written(made: Semaphore) -> None:
    keys = copy.deepcopy(PROJECT["keys"])
    keys[1]["password"] = "another word"
    made.refuse = {r"PUT /project/1/keys/\d+": (400, f"cannot keep {keys[1]['password']}")}
    told = fail(made, keys=keys)
    assert "with HTTP 400: cannot keep (hidden)" in told
    made.refuse = {}
    # Whether it was taken over nobody knows, so that even the old one is written again.
    assert subjects(run(made)) == ["Semaphore key vault"]


def test_a_run_that_fails_half_way_knows_what_it_has_made(server: Semaphore) -> None:
    server.refuse = {"POST /project/1/schedules": (400, "Cron: no")}
    assert "answered POST /api/project/1/schedules with HTTP 400: Cron: no" in fail(server)
    server.refuse = {}
    assert subjects(run(server)) == ["Semaphore schedule converge", "Semaphore schedule verify"]
    run(server, keys=PROJECT["keys"][:2], **changed("inventory", become_key=None))
    assert "become" not in [row["name"] for row in server.things[1]["keys"].values()]


def test_a_key_of_another_type_begins_anew(made: Semaphore) -> None:
    keys = copy.deepcopy(PROJECT["keys"])
    keys[0] = {"name": "host", "type": "login_password", "login": "ansible", "password": BECOME}
    _before, after = entry(run(made, keys=keys), "Semaphore key host")
    assert after == "type: login_password\nsecret: another one\n"
    assert made.find("keys", "host")["_secret"] == {"login": "ansible", "password": BECOME}
    keys[0] = {"name": "host", "type": "none"}
    run(made, keys=keys)
    assert made.find("keys", "host")["_secret"] is None
    assert run(made, keys=keys)["changed"] is False


# Signing in, and what goes wrong


def test_a_session_works_as_well_and_is_over_afterwards(server: Semaphore) -> None:
    sign_in = {"token": None, "user": USER, "password": PASSWORD}
    assert run(server, **sign_in)["changed"] is True
    assert server.sessions == set()
    assert run(server, **sign_in)["changed"] is False
    told = fail(server, token=None, user=USER, password="not the word")
    assert "refuses admin and the password (HTTP 401)" in told
    assert "not the word" not in told


def test_errors_are_told_in_words(server: Semaphore) -> None:
    assert "it does not know who asks" in fail(server, token="an old one")
    server.refuse = {"GET /projects": (302, "")}
    assert "with a redirect" in fail(server)
    server.refuse = {"POST /projects": (403, "")}
    assert "HTTP 403. Expected: a user who may manage the project" in fail(server)
    told = fail(server, url="http://127.0.0.1:1")
    assert "Semaphore at http://127.0.0.1:1: does not answer GET /api/projects (Connection refused)" in told


def test_authorities_that_are_not_there_are_told(server: Semaphore) -> None:
    assert "semaphore_ca_path: is '/nowhere/ca.pem', which cannot be used (No such file" in fail(
        server, ca_path="/nowhere/ca.pem"
    )


def test_something_else_on_that_port_is_told(server: Semaphore) -> None:
    server.refuse = {"GET /projects": (200, "hello")}
    assert "without a list" in fail(server)


def test_what_a_version_does_not_keep_is_told(server: Semaphore) -> None:
    server.drops_secrets = True
    told = fail(server)
    assert "did not keep as it was told: environment media (var api_key, env WEBHOOK)" in told


def test_an_empty_list_may_be_null(server: Semaphore) -> None:
    server.null_lists = True
    run(server)
    assert run(server)["changed"] is False


def test_a_ledger_that_somebody_has_written_to_is_told(made: Semaphore) -> None:
    made.find("environment", LEDGER)["json"] = '["no", "ledger"]'
    assert "was changed by hand" in fail(made)
