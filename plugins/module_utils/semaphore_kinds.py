# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kinds of things in a project of Semaphore: where each is, and how it looks declared and on the server.

A thing is compared in declared words, in which another thing is called by its name; on the server it is a number.
Field names differ between versions: what the server has is read first, and what was declared is laid over it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]
#: Numbers by path and name.
Ids = Mapping[str, Mapping[str, int]]
#: Names by path and number.
Names = Mapping[str, Mapping[int, str]]

KEYS, REPOSITORIES, INVENTORY, ENVIRONMENT = "keys", "repositories", "inventory", "environment"
TEMPLATES, SCHEDULES = "templates", "schedules"


@dataclass(frozen=True)
class Kind:
    """path: below the project. one_by_one: the list does not tell all of a thing.

    show: what the server has, in declared words. fill: the server's fields for declared words, over what it has.
    """

    path: str
    noun: str
    variable: str
    show: Callable[[Row, Names], dict[str, Any]]
    fill: Callable[[Mapping[str, Any], Ids, Row], dict[str, Any]]
    query: str = "?sort=name&order=asc"
    one_by_one: bool = False


def secret_label(secret: Row) -> str:
    """Return what a secret of an environment is called here: its type and its name."""
    return f"{secret.get('type')} {secret.get('name')}"


def _called(names: Names, path: str, number: Any) -> str:
    """Return the name of another thing; nothing, where there is none."""
    return names.get(path, {}).get(number, f"id {number}") if number else ""


def _json(text: Any) -> Any:
    """Return what a text of the server's holds; the text, if that is nothing in JSON."""
    try:
        return json.loads(text or "{}")
    except ValueError:
        return text


def _show_key(row: Row, _names: Names) -> dict[str, Any]:
    return {"type": row.get("type")}


def _fill_key(values: Mapping[str, Any], _ids: Ids, _row: Row) -> dict[str, Any]:
    return dict(values)


def _show_repository(row: Row, names: Names) -> dict[str, Any]:
    return {
        "url": row.get("git_url") or "",
        "branch": row.get("git_branch") or "",
        "key": _called(names, KEYS, row.get("ssh_key_id")),
    }


def _fill_repository(values: Mapping[str, Any], ids: Ids, _row: Row) -> dict[str, Any]:
    return {"git_url": values["url"], "git_branch": values["branch"], "ssh_key_id": ids[KEYS][values["key"]]}


def _show_inventory(row: Row, names: Names) -> dict[str, Any]:
    return {
        "type": row.get("type"),
        "inventory": row.get("inventory") or "",
        "key": _called(names, KEYS, row.get("ssh_key_id")),
        "become_key": _called(names, KEYS, row.get("become_key_id")),
    }


def _fill_inventory(values: Mapping[str, Any], ids: Ids, _row: Row) -> dict[str, Any]:
    become = values["become_key"]
    return {
        "type": values["type"],
        "inventory": values["inventory"],
        "ssh_key_id": ids[KEYS][values["key"]],
        "become_key_id": ids[KEYS][become] if become else None,
    }


def _show_environment(row: Row, _names: Names) -> dict[str, Any]:
    return {"variables": _json(row.get("json")), "env": _json(row.get("env"))}


def _fill_environment(values: Mapping[str, Any], _ids: Ids, _row: Row) -> dict[str, Any]:
    return {"json": json.dumps(values["variables"]), "env": json.dumps(values["env"])}


_TEMPLATE_FIELDS = ("playbook", "app", "description", "git_branch")
_TEMPLATE_SWITCHES = ("allow_override_args_in_task", "suppress_success_alerts")
_SURVEY_TEXTS = ("name", "title", "description", "type", "default_value")


def _show_template(row: Row, names: Names) -> dict[str, Any]:
    arguments = _json(row.get("arguments") or "[]")
    # Newer versions know several variable groups, and the one of before as a shorthand.
    groups = row.get("environment_ids") or [row.get("environment_id")]
    return {
        **{name: row.get(name) or "" for name in _TEMPLATE_FIELDS},
        **{name: bool(row.get(name)) for name in _TEMPLATE_SWITCHES},
        "arguments": arguments,
        "repository": _called(names, REPOSITORIES, row.get("repository_id")),
        "inventory": _called(names, INVENTORY, row.get("inventory_id")),
        "environment": ", ".join(_called(names, ENVIRONMENT, group) for group in groups),
        "vaults": sorted(_called(names, KEYS, vault.get("vault_key_id")) for vault in row.get("vaults") or ()),
        "survey_vars": [survey(var) for var in row.get("survey_vars") or ()],
    }


def survey(var: Row) -> dict[str, Any]:
    """Return a question of a survey with all that it can have."""
    values = [{"name": value["name"], "value": value["value"]} for value in var.get("values") or ()]
    texts = {name: var.get(name) or "" for name in _SURVEY_TEXTS}
    return {**texts, "required": bool(var.get("required")), "values": values}


def _fill_template(values: Mapping[str, Any], ids: Ids, row: Row) -> dict[str, Any]:
    group = ids[ENVIRONMENT][values["environment"]]
    plain = (*_TEMPLATE_FIELDS, *_TEMPLATE_SWITCHES)
    return {
        **{name: values[name] for name in plain if name in values},
        "arguments": json.dumps(values["arguments"]),
        "repository_id": ids[REPOSITORIES][values["repository"]],
        "inventory_id": ids[INVENTORY][values["inventory"]],
        # Each version takes its own, and leaves the other alone.
        "environment_id": group,
        "environment_ids": [group],
        "vaults": [_vault(ids[KEYS][name], row) for name in values["vaults"]],
        # Not every version knows all that a question can have.
        "survey_vars": [{name: value for name, value in var.items() if value} for var in values["survey_vars"]],
    }


def _vault(key: int, row: Row) -> dict[str, Any]:
    """Return the entry of a vault, with its number if the template has it."""
    entry: Row = next((vault for vault in row.get("vaults") or () if vault.get("vault_key_id") == key), {})
    kept = {name: value for name, value in entry.items() if value is not None}
    return {**kept, "type": "password", "vault_key_id": key}


def _show_schedule(row: Row, names: Names) -> dict[str, Any]:
    return {
        "cron": row.get("cron_format") or "",
        "template": _called(names, TEMPLATES, row.get("template_id")),
        "active": bool(row.get("active")),
        "type": row.get("type") or "",
    }


def _fill_schedule(values: Mapping[str, Any], ids: Ids, _row: Row) -> dict[str, Any]:
    return {
        "cron_format": values["cron"],
        "template_id": ids[TEMPLATES][values["template"]],
        "active": values["active"],
        "type": values["type"],
    }


#: In the order in which one needs the other.
KINDS = (
    Kind(KEYS, "key", "semaphore_keys", _show_key, _fill_key),
    Kind(REPOSITORIES, "repository", "semaphore_repository", _show_repository, _fill_repository),
    Kind(INVENTORY, "inventory", "semaphore_inventory", _show_inventory, _fill_inventory),
    Kind(ENVIRONMENT, "environment", "semaphore_environment", _show_environment, _fill_environment, one_by_one=True),
    Kind(TEMPLATES, "template", "semaphore_templates", _show_template, _fill_template, one_by_one=True),
    Kind(SCHEDULES, "schedule", "semaphore_schedules", _show_schedule, _fill_schedule, query=""),
)
