# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parameters of the module semaphore_project as things of a project, with all their problems told at once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError
from ansible_collections.homelab.media.plugins.module_utils.semaphore_checks import problems
from ansible_collections.homelab.media.plugins.module_utils.semaphore_kinds import (
    ENVIRONMENT,
    INVENTORY,
    KEYS,
    REPOSITORIES,
    SCHEDULES,
    TEMPLATES,
    survey,
)
from ansible_collections.homelab.media.plugins.module_utils.semaphore_plan import KEY_SECRET, Item

#: The key for what needs none. Semaphore makes it with each project.
NO_KEY = "None"
_SSH, _LOGIN = ("login", "passphrase", "private_key"), ("login", "password")


@dataclass(frozen=True)
class Target:
    """The server. opener: the word that the key of the fingerprints is derived from."""

    url: str
    token: str = field(repr=False)
    user: str
    password: str = field(repr=False)
    opener: str = field(repr=False)
    timeout: float
    validate_certs: bool
    ca_path: str | None


@dataclass(frozen=True)
class Wanted:
    """The project: its name, its settings by Semaphore's own names, and its things by their paths."""

    project: str
    settings: Mapping[str, Any]
    items: Mapping[str, Sequence[Item]]
    rewrite: bool = False

    def secrets(self) -> Iterator[str]:
        """Give each secret as it may come back in an error."""
        for item in self.items[ENVIRONMENT]:
            yield from item.secrets.values()
        for item in self.items[KEYS]:
            for secret in item.secrets.values():
                for entry in json.loads(secret).values():
                    yield from (entry[name] for name in ("password", "passphrase", "private_key") if entry.get(name))


def read(params: Mapping[str, Any]) -> tuple[Target, Wanted]:
    """Return what the parameters mean."""
    found = problems(params)
    if found:
        raise MediaError(found)
    target = Target(
        url=params["url"],
        token=params["token"] or "",
        user=params["user"] or "",
        password=params["password"] or "",
        opener=params["fingerprint_key"] or params["token"] or params["password"],
        timeout=params["timeout"],
        validate_certs=params["validate_certs"],
        ca_path=params["ca_path"],
    )
    settings = {"alert": params["alert"], "max_parallel_tasks": params["max_parallel_tasks"]}
    items = {
        KEYS: _keys(params),
        REPOSITORIES: [_repository(params)],
        INVENTORY: [_inventory(params)],
        ENVIRONMENT: [_environment(params)],
        TEMPLATES: [_template(params, template) for template in params["templates"]],
        SCHEDULES: [
            Item(name, {"cron": cron, "template": name, "active": True, "type": ""})
            for name, cron in params["schedules"].items()
        ],
    }
    return target, Wanted(params["project"], settings, items, params["rewrite_secrets"])


def _keys(params: Mapping[str, Any]) -> list[Item]:
    found = [_key(key) for key in params["keys"]]
    used = [params["repository"]["key"], params["inventory"]["key"]]
    if not all(used) and NO_KEY not in [key.name for key in found]:
        found.append(Item(NO_KEY, {"type": "none"}))
    return found


def _key(key: Mapping[str, Any]) -> Item:
    values = {"type": key["type"]}
    if key["type"] == "none":
        return Item(key["name"], values)
    names, entry = (_SSH, "ssh") if key["type"] == "ssh" else (_LOGIN, "login_password")
    given = {name: key[name] or "" for name in names}
    if "private_key" in given:
        # Without the end of its last line it is none to ssh.
        given["private_key"] = given["private_key"].rstrip("\n") + "\n"
    return Item(key["name"], values, {KEY_SECRET: json.dumps({entry: given}, sort_keys=True)})


def _name(params: Mapping[str, Any], variable: str) -> str:
    """Return the name of a thing that there is one of; by default the project's."""
    return str(params[variable]["name"] or params["project"])


def _repository(params: Mapping[str, Any]) -> Item:
    given = params["repository"]
    values = {"url": given["url"], "branch": given["branch"], "key": given["key"] or NO_KEY}
    return Item(_name(params, "repository"), values)


def _inventory(params: Mapping[str, Any]) -> Item:
    given = params["inventory"]
    values = {
        "type": given["type"],
        "inventory": given["inventory"],
        "key": given["key"] or NO_KEY,
        "become_key": given["become_key"] or "",
    }
    return Item(_name(params, "inventory"), values)


def _environment(params: Mapping[str, Any]) -> Item:
    given = params["environment"]
    secrets = {
        **{f"var {name}": str(value) for name, value in given["secret_variables"].items()},
        **{f"env {name}": str(value) for name, value in given["secret_env"].items()},
    }
    return Item(_name(params, "environment"), {"variables": given["variables"], "env": given["env"]}, secrets)


def _template(params: Mapping[str, Any], template: Mapping[str, Any]) -> Item:
    optional = ("description", "git_branch", "allow_override_args_in_task", "suppress_success_alerts")
    values = {
        "app": "ansible",
        "playbook": template["playbook"],
        "arguments": template["arguments"],
        "repository": _name(params, "repository"),
        "inventory": _name(params, "inventory"),
        "environment": _name(params, "environment"),
        "vaults": sorted(params["vaults"]),
        "survey_vars": [survey(var) for var in template["survey_vars"]],
        # What is not declared keeps the value that it has.
        **{name: template[name] for name in optional if template[name] is not None},
    }
    return Item(template["name"], values)
