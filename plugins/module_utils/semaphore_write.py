# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writing to a project of Semaphore what a plan says, and noting what was made."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.semaphore_api import Client, SemaphoreError
from ansible_collections.homelab.media.plugins.module_utils.semaphore_kinds import (
    ENVIRONMENT,
    KEYS,
    Kind,
    Row,
    secret_label,
)
from ansible_collections.homelab.media.plugins.module_utils.semaphore_ledger import Ledger
from ansible_collections.homelab.media.plugins.module_utils.semaphore_plan import KEY_SECRET, Items, Plan, Rows, Step

#: What the server tells of a thing, and does not want back.
_TOLD = frozenset({"created", "last_task", "tasks", "tpl_name", "secrets", "empty", "string"})


def merged(row: Row, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields over what the server has, so that what nobody declared keeps its value.

    What is null is left out: the server takes both for nothing, and its description knows only the second.
    """
    whole = {**{name: value for name, value in row.items() if name not in _TOLD}, **fields}
    return {name: value for name, value in whole.items() if value is not None}


class Writer:
    """One project, and the numbers of all that was declared as far as they are known."""

    def __init__(self, client: Client, project: int, wanted: Items, rows: Rows, ledger: Ledger) -> None:
        self._client, self._project, self._ledger = client, project, ledger
        self._ids: dict[str, dict[str, int]] = {
            path: {row["name"]: row["id"] for row in rows[path] if row["name"] in {item.name for item in items}}
            for path, items in wanted.items()
        }

    def apply(self, plan: Plan) -> None:
        self._open(plan)
        try:
            for step in plan.steps:
                self._write(step)
            for kind, row in plan.gone:
                self._client.ask("DELETE", f"{self._path(kind.path)}/{row['id']}")
                self._ledger.drop(kind.path, row["id"])
        except SemaphoreError:
            with contextlib.suppress(SemaphoreError):
                self._ledger.save(self._client, self._project)
            raise
        self._ledger.save(self._client, self._project)

    def _open(self, plan: Plan) -> None:
        """Forget what is to be overwritten: a run that is killed leaves nothing that counts as known."""
        for step in plan.steps:
            for label in [*step.write, *step.remove] if step.row else []:
                self._ledger.forget(step.kind.path, step.row["id"], label)
        self._ledger.save(self._client, self._project)

    def _path(self, path: str) -> str:
        return f"/project/{self._project}/{path}"

    def _write(self, step: Step) -> None:
        kind, item, path = step.kind, step.item, self._path(step.kind.path)
        fields = kind.fill(item.values, self._ids, step.row)
        body = merged(step.row, {**fields, **_secrets(step), "name": item.name, "project_id": self._project})
        if step.row:
            number = int(step.row["id"])
            self._client.ask("PUT", f"{path}/{number}", {**body, "id": number})
        else:
            self._client.ask("POST", path, body)
            number = self._number(kind, item.name)
            self._ledger.add(kind.path, number, item.name)
        self._ids[kind.path][item.name] = number
        for label in step.write:
            self._ledger.remember(kind.path, number, label, item.secrets[label])

    def _number(self, kind: Kind, name: str) -> int:
        """Return the number of what was just made; older versions do not tell it."""
        rows = self._client.items(f"{self._path(kind.path)}{kind.query}")
        numbers = [int(row["id"]) for row in rows if row.get("name") == name]
        if len(numbers) != 1:
            reason = f"has {len(numbers)} of {kind.noun} {name!r} after one was made"
            raise SemaphoreError(self._client.where, reason, "nobody else at work in that project")
        return numbers[0]


def _secrets(step: Step) -> dict[str, Any]:
    """Return the fields for the secrets that are written or removed."""
    if step.kind.path == KEYS:
        if KEY_SECRET in step.write:
            return {"override_secret": True, **json.loads(step.item.secrets[KEY_SECRET])}
        # A type without a secret is taken over only together with the secret that it does not have.
        return {"override_secret": "type" in step.after} if step.row else {}
    if step.kind.path != ENVIRONMENT:
        return {}
    numbers = {secret_label(secret): secret["id"] for secret in step.row.get("secrets") or ()}
    return {"secrets": [_operation(label, step, numbers) for label in [*step.write, *step.remove]]}


def _operation(label: str, step: Step, numbers: Mapping[str, int]) -> dict[str, Any]:
    kind, _blank, name = label.partition(" ")
    entry: dict[str, Any] = {"name": name, "type": kind}
    if label in step.remove:
        return {**entry, "id": numbers[label], "operation": "delete"}
    entry["secret"] = step.item.secrets[label]
    if label in numbers:
        return {**entry, "id": numbers[label], "operation": "update"}
    return {**entry, "operation": "create"}
