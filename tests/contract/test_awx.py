# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""playbooks/awx.yml, through the modules of awx.awx, against a stand-in for AWX that refuses what AWX refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.awx_on_loopback import PASSWORD, USER, Awx
from tests.contract.awx_playbook import SECRETS, apply, project, say

TEMPLATES = [f"homelab.media: {name}" for name in ("converge", "check", "verify", "status", "bans", "remove")]
ALL = {
    "organization Home",
    *(f"credential {name}" for name in ("mediaserver", "vault", "registry", "git")),
    "execution environment homelab.media",
    "project homelab.media",
    "inventory homelab.media",
    "source of the inventory homelab.media",
    *(f"job template {name}" for name in TEMPLATES),
    "schedule homelab.media: converge",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("awx")


@pytest.fixture(scope="module")
def awx(folder: Path) -> Iterator[Awx]:
    with Awx(project(folder / "repository")) as controller:
        yield controller


def test_a_fresh_controller(awx: Awx, folder: Path) -> None:
    """What check mode announces is what the next run makes; the run after that changes nothing."""
    before = awx.state()
    told = apply(awx, folder, "--check")
    assert (told.code, told.failed) == (0, "")
    assert awx.state() == before
    made = apply(awx, folder, "-vvv")
    assert (made.code, made.failed) == (0, "")
    assert set(told.changed) == set(made.changed) == ALL
    assert sorted(told.changed) == sorted(made.changed)
    assert [secret for secret in SECRETS if secret in made.output or secret in told.output] == []
    awx.written.clear()
    # AWX does not show what a secret is, so that nobody can tell that somebody has changed one.
    awx.named("credentials", "vault")["inputs"]["vault_password"] = "somebody-else's"
    # With a name and a password this time; its token is gone afterwards.
    again = apply(awx, folder, token="", awx_username=USER, awx_password=PASSWORD)
    assert (again.code, again.changed, awx.written, awx.tokens) == (0, [], [], {}), again.failed
    assert PASSWORD not in again.output


def test_what_awx_has_then(awx: Awx) -> None:
    check, remove = awx.named("job_templates", TEMPLATES[1]), awx.named("job_templates", TEMPLATES[5])
    assert (check["job_type"], check["diff_mode"], check["playbook"]) == ("check", True, "site.yml")
    assert (check["ask_tags_on_launch"], check["survey_enabled"], remove["survey_enabled"]) == (True, False, True)
    asked = awx.survey_of(TEMPLATES[0])["spec"]
    assert [(question["variable"], question["choices"]) for question in asked] == [
        ("media_services_disabled", ["plex", "sonarr-4k"])
    ]
    for name in TEMPLATES:
        assert awx.linked("job_templates", name, "credentials") == ["mediaserver", "vault"]
        assert awx.linked("job_templates", name, "notification_templates_error") == ["Mail"]
    assert awx.linked("organizations", "Home", "galaxy_credentials") == ["Ansible Galaxy"]
    source = awx.named("inventory_sources", "homelab.media")
    assert (source["source_path"], source["overwrite"], source["update_on_launch"]) == (
        "inventories/mine/hosts.yml",
        True,
        True,
    )
    assert awx.named("projects", "homelab.media")["credential"] == awx.id_of("credentials", "git")
    assert awx.named("execution_environments", "homelab.media")["credential"] == awx.id_of("credentials", "registry")


def test_what_somebody_has_changed_is_put_right_and_what_is_false_goes(awx: Awx, folder: Path) -> None:
    awx.add("job_templates", name="Somebody else's")
    kept, removed = awx.state(), awx.id_of("job_templates", TEMPLATES[5])
    awx.named("job_templates", TEMPLATES[1])["job_type"] = "run"
    awx.named("job_templates", TEMPLATES[2])["ask_variables_on_launch"] = True
    awx.surveys[awx.id_of("job_templates", TEMPLATES[4])]["spec"][0]["question_name"] = "Who?"
    awx.links["job_templates", awx.id_of("job_templates", TEMPLATES[3]), "credentials"].pop()
    awx.named("projects", "homelab.media")["scm_update_on_launch"] = False
    awx.named("inventory_sources", "homelab.media")["overwrite"] = False
    awx.named("credentials", "mediaserver")["inputs"]["username"] = "root"
    awx.named("execution_environments", "homelab.media")["image"] = "quay.io/ansible/awx-ee:24.6.1"
    nightly = {"template": "check", "rrule": "DTSTART:20250101T030000Z RRULE:FREQ=DAILY;INTERVAL=1"}
    wanted: dict[str, Any] = {
        "awx_templates": {"remove": False},
        "awx_schedules": {"converge": False, "nightly": nightly},
    }
    drifted = awx.state()
    told = apply(awx, folder, "--check", **wanted)
    assert (told.code, awx.state() == drifted) == (0, True), told.failed
    assert sorted(told.changed) == sorted(
        {
            "credential mediaserver",
            "execution environment homelab.media",
            "project homelab.media",
            "source of the inventory homelab.media",
            *(f"job template {TEMPLATES[number]}" for number in (1, 2, 3, 4, 5)),
            "schedule homelab.media: converge",
            "schedule homelab.media: nightly",
        }
    )
    # This time a person says that secrets are to be written, and one that is written is always a change.
    others = [f"credential {name}" for name in ("vault", "registry", "git")]
    righted = apply(awx, folder, **wanted, awx_update_secrets=True)
    assert righted.code == 0, righted.failed
    assert sorted(righted.changed) == sorted([*told.changed, *others])
    assert awx.named("credentials", "vault")["inputs"]["vault_password"] == SECRETS[1]
    assert {row["name"] for row in awx.rows["job_templates"].values()} == {*TEMPLATES[:5], "Somebody else's"}
    assert [row["name"] for row in awx.rows["schedules"].values()] == ["homelab.media: nightly"]
    # Beside what was to go or to come, all is as it was.
    for state in (was := json.loads(kept), now := json.loads(awx.state())):
        state[0].pop("schedules")
        state[0]["job_templates"].pop(str(removed), None)
        state[2].pop(str(removed), None)
        state[1] = [line for line in state[1] if f"'job_templates', {removed}," not in line]
        for row in state[0]["credentials"].values():
            row["inputs"].pop("vault_password", None)
    assert was == now


@pytest.mark.parametrize(
    "way", [{"token": "not-the-one"}, {"token": "", "awx_username": USER, "awx_password": "not-the-one"}]
)
def test_a_sign_in_that_is_wrong_is_told(awx: Awx, folder: Path, way: dict[str, str]) -> None:
    run = apply(awx, folder, **way)
    assert run.code != 0
    assert "401" in run.failed
    assert "not-the-one" not in run.output


def test_what_is_only_named_has_to_be_there(awx: Awx, folder: Path) -> None:
    before = awx.state()
    named = [{"name": "nobody", "type": "Machine"}, {"name": "mediaserver", "type": "Vault"}]
    run = apply(awx, folder, awx_credentials=named, awx_notify={"error": ["Pigeon"], "success": ["Mail"]})
    assert run.code != 0
    assert "awx_credentials: nobody. Expected" in run.failed
    assert "awx_notify.error: Pigeon. Expected" in run.failed
    assert "Mail" not in run.failed
    assert awx.state() == before


def test_everything_that_is_wrong_is_listed_before_anybody_is_asked(awx: Awx, folder: Path) -> None:
    asked = awx.asked
    wrong: dict[str, Any] = {
        "awx_url": "",
        "awx_repository": "",
        "awx_image": "",
        "awx_credentials": [],
        "awx_templates": {"check": {"playbok": "site.yml"}},
        "awx_schedules": {"converge": {"rrule": "every hour"}},
    }
    # The collections that the package ansible brings are not seen then.
    run = say(awx, folder, token="", environ={"ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false"}, **wrong)
    assert run.returncode != 0
    assert awx.asked == asked
    assert "Nothing was changed. 8 problems found:" in run.stderr + run.stdout
    for start in (
        "awx.awx: this collection is not here",
        "awx_url: is empty, so that nobody knows which controller is meant",
        "awx_token: ",
        "awx_repository: ",
        "awx_image: ",
        "awx_credentials: ",
        "awx_templates.check.playbok: is no key here. Expected: did you mean playbook?",
        "awx_schedules.converge.rrule: ",
    ):
        assert f"- {start}" in run.stderr + run.stdout, start


def test_the_stand_in_refuses_what_awx_refuses(awx: Awx) -> None:
    """The control: without it, nothing above would say that what is sent is what AWX takes."""
    bearer = f"Bearer {SECRETS[3]}"

    def post(path: str, **body: object) -> tuple[int, str]:
        code, answer = awx.answer("POST", f"/api/v2/{path}/", body, bearer)
        return code, json.dumps(answer)

    converge = awx.id_of("job_templates", TEMPLATES[0])
    project_id, inventory = awx.id_of("projects", "homelab.media"), awx.id_of("inventories", "homelab.media")
    fresh = {"name": "x", "project": project_id, "inventory": inventory}
    daily = "DTSTART:20250101T030000Z RRULE:FREQ=DAILY"
    question = {"question_name": "?", "variable": "x", "type": "text", "required": False}
    for path, body, word in (
        ("job_templates", {**fresh, "playbook": "none.yml"}, "Playbook not found"),
        ("job_templates", {**fresh, "playbook": "playbooks/tasks/declare.yml"}, "Playbook not found"),
        ("job_templates", {**fresh, "playbook": "site.yml", "diff": True}, "is no field"),
        ("job_templates", {**fresh, "playbook": "site.yml", "job_type": "scan"}, "valid choice"),
        ("job_templates", {**fresh, "playbook": "site.yml", "extra_vars": "a, b"}, "Cannot parse"),
        ("job_templates", {**fresh, "name": TEMPLATES[0], "playbook": "site.yml"}, "already exists"),
        (f"job_templates/{converge}/credentials", {"id": awx.id_of("credentials", "git")}, "kind `scm`"),
        (f"job_templates/{converge}/survey_spec", {"name": "", "description": "", "spec": []}, "any items"),
        (
            f"job_templates/{converge}/survey_spec",
            {"name": "", "description": "", "spec": [{**question, "type": "multiselect"}]},
            "must specify choices",
        ),
        ("schedules", {"name": "x", "unified_job_template": converge, "rrule": daily}, "INTERVAL required"),
        ("inventories", {"name": "x", "organization": 4711}, "does not exist"),
        ("organizations", {}, "required"),
    ):
        code, answer = post(path, **body)
        assert (code, word in answer) == (400, True), (path, body, code, answer)
    assert awx.answer("GET", "/api/v2/projects/", None, "")[0] == 401
    assert awx.answer("GET", "/api/v2/projects/?colour=red", None, bearer)[0] == 400
    assert awx.answer("GET", "/api/v2/nothing/", None, bearer)[0] == 404
