# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeping a project of Semaphore true: its keys, repository, inventory, environment, templates and schedules."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Outcome
from ansible_collections.homelab.media.plugins.module_utils.semaphore_api import Client, SemaphoreError
from ansible_collections.homelab.media.plugins.module_utils.semaphore_declared import NO_KEY, Target, Wanted
from ansible_collections.homelab.media.plugins.module_utils.semaphore_kinds import (
    ENVIRONMENT,
    KEYS,
    KINDS,
    TEMPLATES,
    Kind,
    Row,
)
from ansible_collections.homelab.media.plugins.module_utils.semaphore_ledger import NAME as LEDGER
from ansible_collections.homelab.media.plugins.module_utils.semaphore_ledger import Ledger
from ansible_collections.homelab.media.plugins.module_utils.semaphore_plan import Plan, Rows, compare, twin, twins
from ansible_collections.homelab.media.plugins.module_utils.semaphore_write import Writer, merged

#: What Semaphore makes with each project, and what a project that is to be made will have.
FRESH: Rows = {
    **{kind.path: [] for kind in KINDS},
    KEYS: [{"id": -1, "name": NO_KEY, "type": "none"}],
    ENVIRONMENT: [{"id": -1, "name": "Empty", "json": "{}", "env": None}],
}


def ensure(target: Target, wanted: Wanted, check: bool) -> Outcome:
    """Bring the project to what is wanted. Nothing is written if it is so."""
    client = Client(target.url, timeout=target.timeout, validate_certs=target.validate_certs, ca_path=target.ca_path)
    for secret in (target.token, target.password, *wanted.secrets()):
        client.hide(secret)
    if target.token:
        client.use_token(target.token)
    else:
        client.sign_in(target.user, target.password)
    try:
        return _ensure(client, target, wanted, check)
    finally:
        # The session is over in a while anyway, and what came before is what people should read.
        with contextlib.suppress(SemaphoreError):
            client.sign_out()


def _ensure(client: Client, target: Target, wanted: Wanted, check: bool) -> Outcome:
    outcome = Outcome(facts={"project_id": 0, "templates": {}})
    project = _project(client, wanted)
    _tell_project(wanted, project, outcome)
    rows = _read(client, wanted, project["id"]) if project else FRESH
    problems = twins(wanted.items, rows)
    if problems:
        raise MediaError(problems)
    ledger = _ledger(target, rows)
    plan = compare(wanted.items, rows, ledger, rewrite=wanted.rewrite)
    if check or not (plan or outcome.changed):
        plan.tell(outcome)
        _tell_numbers(outcome, project, rows, wanted)
        return outcome
    if outcome.changed:
        project = _write_project(client, wanted, project)
        # A new project comes with a key and a variable group.
        rows = _read(client, wanted, project["id"])
        plan = compare(wanted.items, rows, ledger, rewrite=wanted.rewrite)
    plan.tell(outcome)
    Writer(client, project["id"], wanted.items, rows, ledger).apply(plan)
    rows = _read(client, wanted, project["id"])
    _prove(client, compare(wanted.items, rows, _ledger(target, rows)))
    _tell_numbers(outcome, project, rows, wanted)
    return outcome


def _project(client: Client, wanted: Wanted) -> dict[str, Any]:
    """Return the project as the server has it, or nothing."""
    found = [row for row in client.items("/projects") if row.get("name") == wanted.project]
    if len(found) > 1:
        raise MediaError([twin("semaphore_project", "project", wanted.project, [row["id"] for row in found])])
    return found[0] if found else {}


def _tell_project(wanted: Wanted, project: Row, outcome: Outcome) -> None:
    differing = [name for name, value in wanted.settings.items() if (project.get(name) or type(value)()) != value]
    before = "\n".join(f"{name}: {project.get(name)}" for name in differing)
    if not project:
        outcome.add(f"Semaphore project {wanted.project}", "", _settings(wanted.settings))
    elif differing:
        after = _settings({name: wanted.settings[name] for name in differing})
        outcome.add(f"Semaphore project {wanted.project}", before, after)


def _settings(values: Mapping[str, Any]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in values.items())


def _write_project(client: Client, wanted: Wanted, project: dict[str, Any]) -> dict[str, Any]:
    body = {"name": wanted.project, **wanted.settings}
    if project:
        client.ask("PUT", f"/project/{project['id']}/", {**merged(project, body), "id": project["id"]})
        return project
    client.ask("POST", "/projects", body)
    made = _project(client, wanted)
    if not made:
        raise SemaphoreError(client.where, f"made no project {wanted.project!r}", "one that keeps what it is told")
    return made


def _read(client: Client, wanted: Wanted, project: int) -> Rows:
    """Return what the project has. What a list leaves out is asked one by one, of what is declared."""
    return {kind.path: _read_kind(client, kind, wanted, f"/project/{project}/{kind.path}") for kind in KINDS}


def _read_kind(client: Client, kind: Kind, wanted: Wanted, path: str) -> list[dict[str, Any]]:
    rows = client.items(f"{path}{kind.query}")
    if not kind.one_by_one:
        return rows
    names = {item.name for item in wanted.items[kind.path]}
    return [client.item(f"{path}/{row['id']}") if row.get("name") in names else row for row in rows]


def _ledger(target: Target, rows: Rows) -> Ledger:
    row = next((dict(row) for row in rows[ENVIRONMENT] if row.get("name") == LEDGER), None)
    return Ledger(row, target.opener)


def _prove(client: Client, plan: Plan) -> None:
    """What the server keeps otherwise than it was told would differ for ever."""
    if plan:
        reason = f"did not keep as it was told: {'; '.join(plan.told())}"
        raise SemaphoreError(client.where, reason, "values that this version keeps")


def _tell_numbers(outcome: Outcome, project: Row, rows: Rows, wanted: Wanted) -> None:
    declared = {item.name for item in wanted.items[TEMPLATES]}
    outcome.facts["project_id"] = project.get("id", 0)
    outcome.facts["templates"] = {row["name"]: row["id"] for row in rows[TEMPLATES] if row["name"] in declared}
