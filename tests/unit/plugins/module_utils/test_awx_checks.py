# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role awx makes of its variables, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.homelab.media.plugins.filter import awx_problems as problems_filter
from ansible_collections.homelab.media.plugins.module_utils import awx, awx_checks

ROOT = Path(__file__).resolve().parents[4]
ROLE = yaml.safe_load((ROOT / "roles" / "awx" / "vars" / "main.yml").read_text(encoding="utf-8"))
TEMPLATES: dict[str, Any] = {
    key: {
        **values,
        "survey": [{**one, **({"choices": ["plex"]} if "choices" in one else {})} for one in values.get("survey", [])],
    }
    for key, values in ROLE["__awx_templates"].items()
}
SCHEDULES: dict[str, Any] = ROLE["__awx_schedules"]
RIGHT: dict[str, Any] = {
    "awx_url": "https://awx.example.org",
    "awx_token": "x",
    "awx_username": "",
    "awx_password": "",
    "awx_organization": "Default",
    "awx_galaxy_credentials": [],
    "awx_name": "homelab.media",
    "awx_repository": "git@git.example.org:me/media.git",
    "awx_inventory_path": "inventories/mine/hosts.yml",
    "awx_image": "registry.example.org:5000/homelab-media-ee:0.1.0",
    "awx_credentials": [{"name": "host", "type": "Machine", "inputs": {"username": "admin", "password": "x"}}],
    "awx_services": [],
    "awx_templates": {},
    "awx_schedules": {},
    "awx_notify": {},
}


def told(**wrong: Any) -> list[str]:
    found = awx_checks.problems({**RIGHT, **wrong}, TEMPLATES, SCHEDULES)
    return [problem.variable for problem in found]


def objects(**more: Any) -> dict[str, Any]:
    return awx.objects({**RIGHT, **more}, TEMPLATES, SCHEDULES)


def test_what_the_role_has_is_right() -> None:
    assert told() == []


@pytest.mark.parametrize(
    ("wrong", "variables"),
    [
        ({"awx_url": ""}, ["awx_url"]),
        ({"awx_url": "awx.example.org"}, ["awx_url"]),
        ({"awx_url": "https://me:secret@awx.example.org"}, ["awx_url"]),
        ({"awx_token": ""}, ["awx_token"]),
        ({"awx_token": "", "awx_username": "me"}, ["awx_token"]),
        ({"awx_organization": " "}, ["awx_organization"]),
        ({"awx_name": "17"}, ["awx_name"]),
        ({"awx_name": "a++b"}, ["awx_name"]),
        ({"awx_repository": "/srv/media"}, ["awx_repository"]),
        ({"awx_repository": "https://me:secret@git.example.org/media.git"}, ["awx_repository"]),
        ({"awx_inventory_path": "/etc/ansible/hosts"}, ["awx_inventory_path"]),
        ({"awx_inventory_path": "../hosts.yml"}, ["awx_inventory_path"]),
        ({"awx_image": "homelab-media-ee"}, ["awx_image"]),
        ({"awx_credentials": []}, ["awx_credentials"]),
        ({"awx_credentials": [{"name": "git", "type": "Source Control"}]}, ["awx_credentials"]),
        ({"awx_credentials": [{"name": "a", "type": "Machine", "input": {}}]}, ["awx_credentials[0].input"]),
        (
            {"awx_credentials": [{"name": "a", "type": "Machine", "inputs": {"password": ""}}]},
            ["awx_credentials[0].inputs.password"],
        ),
        (
            {"awx_credentials": [{"name": "a", "type": "Machine"}, {"name": "a", "type": "Machine"}]},
            ["awx_credentials[1].name", "awx_credentials[1].type"],
        ),
        ({"awx_templates": {"mine": {}}}, ["awx_templates.mine.playbook"]),
        ({"awx_templates": {"check": True}}, ["awx_templates.check"]),
        ({"awx_templates": {"check": {"job_type": "scan"}}}, ["awx_templates.check.job_type"]),
        ({"awx_templates": {"check": {"verbosity": True}}}, ["awx_templates.check.verbosity"]),
        ({"awx_templates": {"check": {"diff_mode": 1}}}, ["awx_templates.check.diff_mode"]),
        ({"awx_templates": {"check": {"ask": ["labels"]}}}, ["awx_templates.check.ask"]),
        ({"awx_templates": {"check": {"survey": {}}}}, []),
        ({"awx_templates": {"check": {"survey": ["x"]}}}, ["awx_templates.check.survey"]),
        ({"awx_templates": {"converge": False}}, ["awx_schedules.converge.template"]),
        ({"awx_schedules": {"mine": {"template": "check"}}}, ["awx_schedules.mine.rrule"]),
        ({"awx_schedules": {"converge": {"enabled": "yes"}}}, ["awx_schedules.converge.enabled"]),
        ({"awx_schedules": {"converge": {"cron": "5 * * * *"}}}, ["awx_schedules.converge.cron"]),
        ({"awx_notify": {"failure": ["Mail"]}}, ["awx_notify.failure"]),
    ],
)
def test_what_cannot_work(wrong: dict[str, Any], variables: list[str]) -> None:
    assert told(**wrong) == variables


@pytest.mark.parametrize(
    ("question", "key"),
    [
        ({}, "question_name"),
        ({"question_name": "?"}, "variable"),
        ({"question_name": "?", "variable": "a-b"}, "variable"),
        ({"question_name": "?", "variable": "a", "type": "choice"}, "type"),
        ({"question_name": "?", "variable": "a", "required": "no"}, "required"),
        ({"question_name": "?", "variable": "a", "min": "1"}, "min"),
        ({"question_name": "?", "variable": "a", "defualt": "1"}, "defualt"),
        ({"question_name": "?", "variable": "a", "default": 1}, "default"),
        ({"question_name": "?", "variable": "a", "type": "integer", "default": "1"}, "default"),
        ({"question_name": "?", "variable": "a", "type": "password", "default": "x"}, "default"),
        ({"question_name": "?", "variable": "a", "type": "multiselect"}, "choices"),
        ({"question_name": "?", "variable": "a", "type": "multiselect", "choices": ["x"], "default": "y"}, "default"),
    ],
)
def test_questions_that_awx_would_refuse(question: dict[str, Any], key: str) -> None:
    assert f"awx_templates.check.survey[0].{key}" in told(awx_templates={"check": {"survey": [question]}})


def test_a_question_twice() -> None:
    question = {"question_name": "?", "variable": "a"}
    assert told(awx_templates={"check": {"survey": [question, question]}}) == ["awx_templates.check.survey"]


@pytest.mark.parametrize(
    ("rrule", "right"),
    [
        ("DTSTART:20250101T001700Z RRULE:FREQ=HOURLY;INTERVAL=1", True),
        ("DTSTART;TZID=Europe/Berlin:20250101T040000 RRULE:FREQ=DAILY;INTERVAL=1", True),
        ("DTSTART:20250101T001700 RRULE:FREQ=HOURLY;INTERVAL=1", False),
        ("DTSTART:20250101T001700Z RRULE:FREQ=HOURLY", False),
        ("DTSTART:20250101T001700Z", False),
        ("RRULE:FREQ=HOURLY;INTERVAL=1", False),
        ("DTSTART:20250101T001700Z DTSTART:20250101T001700Z RRULE:FREQ=HOURLY;INTERVAL=1", False),
        ("DTSTART:20250101T001700Z RRULE:FREQ=SECONDLY;INTERVAL=1", False),
        ("DTSTART:20250101T001700Z RRULE:FREQ=DAILY;INTERVAL=1;COUNT=2;UNTIL=20260101T000000Z", False),
        ("DTSTART:20250101T001700Z RRULE:FREQ=DAILY;INTERVAL=1 EXDATE:20250102T001700Z", False),
        (None, False),
    ],
)
def test_recurrence_rules(rrule: Any, right: bool) -> None:
    assert (awx_checks.rrule_fault(rrule) == "") is right


def test_a_template_says_everything_that_is_kept() -> None:
    made = {one["name"]: one for one in objects()["templates"]}
    check = made["homelab.media: check"]
    assert (check["job_type"], check["extra_vars"], check["ask_tags_on_launch"]) == ("check", {}, True)
    assert check["ask_variables_on_launch"] is False
    assert check["survey_spec"] == {}
    assert set(made["homelab.media: status"]) == set(check)


def test_a_change_is_laid_over_and_false_takes_away() -> None:
    made = objects(awx_templates={"check": {"timeout": 60}, "remove": False}, awx_schedules={"converge": False})
    found = {one["name"]: one for one in made["templates"]}
    assert (found["homelab.media: check"]["timeout"], found["homelab.media: check"]["job_type"]) == (60, "check")
    assert found["homelab.media: remove"] == {"name": "homelab.media: remove", "state": "absent"}
    assert made["schedules"] == [{"name": "homelab.media: converge", "state": "absent"}]


def test_a_question_with_nothing_to_choose_from_is_left_out() -> None:
    question = {"question_name": "?", "variable": "a", "type": "multiselect", "choices": []}
    assert awx.survey([question]) == {}
    assert len(awx.survey([question, {"question_name": "?", "variable": "b"}])["spec"]) == 1


def test_credentials_go_where_their_type_belongs() -> None:
    named = [
        *RIGHT["awx_credentials"],
        {"name": "vault", "type": "Vault"},
        {"name": "git", "type": "Source Control"},
        {"name": "registry", "type": "Container Registry", "inputs": {"host": "x"}},
    ]
    made = objects(awx_credentials=named, awx_galaxy_credentials=["Ansible Galaxy"], awx_notify={"error": ["Mail"]})
    assert (made["of_jobs"], made["of_project"], made["of_image"]) == (["host", "vault"], "git", "registry")
    assert made["made"] == ["host", "registry"]
    assert [entry["name"] for entry in made["awaited"]] == ["vault", "git", "Ansible Galaxy", "Mail"]


def test_every_playbook_of_the_templates_is_there() -> None:
    assert [name for name, one in TEMPLATES.items() if not (ROOT / one["playbook"]).is_file()] == []


def test_no_variable_has_a_name_by_which_awx_tells_a_job_something() -> None:
    """AWX gives these to every job as extra variables, which beat all others."""
    told_by_awx = (
        "job_",
        "schedule_",
        "user_",
        "workflow_",
        "project_",
        "parent_",
        "webhook_",
        "inventory_id",
        "inventory_name",
    )
    defaults = yaml.safe_load((ROOT / "roles" / "awx" / "defaults" / "main.yml").read_text(encoding="utf-8"))
    assert [name for name in defaults if name.startswith(tuple(f"awx_{word}" for word in told_by_awx))] == []


def test_a_missing_collection_is_one_of_the_problems(monkeypatch: pytest.MonkeyPatch) -> None:
    assert problems_filter.awx_problems(RIGHT, TEMPLATES, SCHEDULES) == []
    monkeypatch.setattr(problems_filter, "_is_here", lambda _name: False)
    assert [found["variable"] for found in problems_filter.awx_problems(RIGHT, TEMPLATES, SCHEDULES)] == ["awx.awx"]
