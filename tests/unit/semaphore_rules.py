# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of Semaphore's API, in its stand-in: what each kind of thing has, what is refused, what is answered.

As upstream's server has it: a body of the wrong type is answered with 400 and no word, what is missing gets the zero of
its type, what is unknown is ignored, and an update replaces the whole thing. Secrets go in and never come out.
"""

from __future__ import annotations

import json
import re
from typing import Any

KINDS = ("keys", "repositories", "inventory", "environment", "templates", "schedules")
#: The fields of each kind, and their types in Go: a star is a pointer, which may be null.
FIELDS: dict[str, dict[str, str]] = {
    "projects": {"name": "str", "alert": "bool", "alert_chat": "*str", "max_parallel_tasks": "int", "type": "str"},
    "keys": {"name": "str", "type": "str", "ssh": "map", "login_password": "map", "override_secret": "bool"},
    "repositories": {"name": "str", "git_url": "str", "git_branch": "str", "ssh_key_id": "int"},
    "inventory": {
        "name": "str",
        "inventory": "str",
        "type": "str",
        "ssh_key_id": "*int",
        "become_key_id": "*int",
        "repository_id": "*int",
    },
    "environment": {"name": "str", "json": "str", "env": "*str", "password": "*str", "secrets": "list"},
    "templates": {
        "name": "str",
        "playbook": "str",
        "app": "str",
        "inventory_id": "*int",
        "repository_id": "int",
        "environment_id": "*int",
        "environment_ids": "list",
        "arguments": "*str",
        "description": "*str",
        "git_branch": "*str",
        "type": "str",
        "view_id": "*int",
        "vaults": "list",
        "survey_vars": "list",
        "allow_override_args_in_task": "bool",
        "suppress_success_alerts": "bool",
        "task_params": "map",
    },
    "schedules": {
        "name": "str",
        "cron_format": "str",
        "template_id": "int",
        "active": "bool",
        "type": "str",
        "run_at": "*str",
        "repository_id": "*int",
        "task_params": "map",
    },
}
#: What came after 2.10.
LATER = {
    "projects": {"type"},
    "inventory": {"repository_id"},
    "templates": {"environment_ids", "task_params"},
    "schedules": {"type", "run_at", "task_params"},
}
#: Which field of which kind names a thing of another kind.
REFERENCES = {
    "repositories": {"ssh_key_id": "keys"},
    "inventory": {"ssh_key_id": "keys", "become_key_id": "keys", "repository_id": "repositories"},
    "templates": {"inventory_id": "inventory", "repository_id": "repositories", "environment_id": "environment"},
    "schedules": {"template_id": "templates"},
}
_TYPES: dict[str, tuple[type, Any]] = {
    "str": (str, ""),
    "int": (int, 0),
    "bool": (bool, False),
    "map": (dict, {}),
    "list": (list, None),
}
_CRON = re.compile(r"(\S+\s+){4}\S+|@\w+")


class Refused(Exception):
    """status, and what the server says, if it says anything."""

    def __init__(self, status: int, error: str = "") -> None:
        super().__init__(error)
        self.status, self.error = status, error


def bound(kind: str, body: Any, *, old: bool) -> dict[str, Any]:
    """Return the fields of a body, each with its value or the zero of its type."""
    if not isinstance(body, dict):
        raise Refused(400)
    found: dict[str, Any] = {}
    for name, form in {"id": "int", "project_id": "int", **FIELDS[kind]}.items():
        if old and name in LATER.get(kind, ()):
            continue
        python, zero = _TYPES[form.lstrip("*")]
        value = body.get(name)
        if value is not None and (not isinstance(value, python) or (python is int and isinstance(value, bool))):
            raise Refused(400)
        found[name] = value if value is not None else None if form.startswith("*") else zero
    return found


def check(kind: str, row: dict[str, Any], *, new: bool) -> None:
    """Refuse what upstream's server refuses."""
    if not row["name"]:
        raise Refused(400, f"{kind} name can not be empty")
    if kind == "keys":
        _check_key(row, new=new)
    if kind == "repositories" and not row["git_url"]:
        raise Refused(400, "repository url can't be empty")
    if kind == "repositories" and not row["git_url"].startswith("/") and not row["git_branch"]:
        raise Refused(400, "repository branch can't be empty")
    if kind == "inventory":
        _check_inventory(row, new=new)
    if kind == "environment":
        _check_environment(row)
    if kind == "templates":
        _check_template(row)
    if kind == "schedules" and not _CRON.fullmatch(row["cron_format"]):
        count = len(row["cron_format"].split())
        raise Refused(400, f"Cron: expected exactly 5 fields, found {count}: [{row['cron_format']}]")


def _check_key(row: dict[str, Any], *, new: bool) -> None:
    if row["type"] not in ("ssh", "login_password", "none"):
        raise Refused(400, "invalid access token type")
    if not (new or row["override_secret"]):
        return
    if row["type"] == "ssh" and not row["ssh"].get("private_key"):
        raise Refused(400, "private key can not be empty")
    if row["type"] == "login_password" and not row["login_password"].get("password"):
        raise Refused(400, "password can not be empty")


def _check_inventory(row: dict[str, Any], *, new: bool) -> None:
    if row["type"] not in ("static", "static-yaml", "file"):
        raise Refused(400, "Not supported inventory type" if new else f"unknown inventory type: {row['type']}")
    if row["type"] == "file" and not new and (row["inventory"].startswith(("/", ".."))):
        raise Refused(400, "Invalid inventory file pathname. Must be: path/to/inventory.")


def _check_environment(row: dict[str, Any]) -> None:
    for name, label in (("json", "Extra variables"), ("env", "Environment variables")):
        try:
            values = json.loads(row[name] or "{}")
        except ValueError:
            raise Refused(400, f"{label} must be valid JSON") from None
        if not isinstance(values, dict):
            raise Refused(400, f"{label} must be valid JSON")
        if name == "env" and any(isinstance(value, (dict, list)) for value in values.values()):
            raise Refused(400, f"{label} values must be scalar")
    for secret in row["secrets"] or ():
        if secret.get("operation") and secret.get("type") not in ("var", "env"):
            raise Refused(500)


def _check_template(row: dict[str, Any]) -> None:
    if row["app"] != "ansible":
        raise Refused(400, f"Invalid app id: {row['app']}")
    if row["inventory_id"] is None:
        raise Refused(400, "template inventory can not be empty")
    if not row["playbook"]:
        raise Refused(400, "template playbook can not be empty")
    try:
        json.loads(row["arguments"] or "[]")
    except ValueError:
        raise Refused(400, "template arguments must be valid JSON") from None


def shown(kind: str, row: dict[str, Any], *, old: bool, alone: bool) -> dict[str, Any]:
    """Return what the server answers of a thing. alone: it was asked for by its number."""
    found = {name: value for name, value in row.items() if not name.startswith("_")}
    if kind == "keys":
        found |= {"ssh": _blank("login", "passphrase", "private_key"), "login_password": _blank("login", "password")}
        found |= {"string": "", "override_secret": False}
        if not old and not row["_secret"]:
            found["empty"] = True
    if kind == "environment":
        told = [{key: secret[key] for key in ("id", "name", "type")} for secret in row["_secrets"]] if alone else None
        found["secrets"] = [{**secret, "secret": "", "operation": ""} for secret in told] if told else None
    if kind == "templates":
        found["tasks"] = 0
        if not alone:
            found = {name: value for name, value in found.items() if name not in ("description", "survey_vars")}
    if old or kind in ("projects", "keys", "repositories", "inventory"):
        return found
    # What newer versions leave out where it is nothing.
    kept = {"id", "name", "project_id", "repository_id", "template_id", "active", "type", "tasks", "json", "env"}
    return {name: value for name, value in found.items() if name in kept or value not in (None, "", False, [], {}, 0)}


def _blank(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, "")
