# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the declaration of a project of Semaphore, by the variables of the role."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.homelab.media.plugins.module_utils import semaphore_cron
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem
from ansible_collections.homelab.media.plugins.module_utils.semaphore_ledger import NAME as LEDGER

Params = Mapping[str, Any]

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: A path on the machine, host:path as scp writes it, or an address.
_LOCAL, _SCP = re.compile(r"/\S+"), re.compile(r"[\w.-]+@[\w.-]+:\S+")
_SCHEMES = ("https", "http", "ssh", "git", "file")


def problems(params: Params) -> list[Problem]:
    """Return all of them."""
    return [
        *_server(params),
        *_keys(params["keys"]),
        *_repository(params["repository"]),
        *_inventory(params["inventory"]),
        *_references(params),
        *_environment(params["environment"]),
        *_templates(params["templates"]),
        *_schedules(params),
    ]


def _server(params: Params) -> list[Problem]:
    found = []
    parts = urlsplit(params["url"])
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        expected = "where its pages are, such as https://semaphore.example.org"
        found.append(Problem("semaphore_url", f"is {params['url']!r}", expected))
    signed = bool(params["user"]) and bool(params["password"])
    if bool(params["token"]) == signed:
        reason = "is given together with semaphore_user" if signed else "is missing"
        found.append(Problem("semaphore_token", reason, "a token, or semaphore_user and semaphore_password"))
    if not params["project"].strip():
        found.append(Problem("semaphore_project", "is empty", "the name of the project"))
    if params["max_parallel_tasks"] < 0:
        reason = f"is {params['max_parallel_tasks']}"
        found.append(Problem("semaphore_max_parallel_tasks", reason, "how many may run at once, or 0 for any number"))
    return found


def _keys(keys: Sequence[Params]) -> list[Problem]:
    found = _names("semaphore_keys", keys)
    for index, key in enumerate(keys):
        place = f"semaphore_keys[{index}]"
        if key["type"] == "ssh" and not re.match(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s", key["private_key"] or ""):
            reason = "is no private key" if key["private_key"] else "is missing"
            found.append(Problem(f"{place}.private_key", reason, "the whole file, from -----BEGIN to its last line"))
        if key["type"] == "login_password" and not key["password"]:
            found.append(Problem(f"{place}.password", "is missing", "a password, or a token"))
    return found


def _repository(given: Params) -> list[Problem]:
    found = []
    url = given["url"] or ""
    parts = urlsplit(url)
    local = bool(_LOCAL.fullmatch(url))
    if not (local or _SCP.fullmatch(url) or (parts.scheme in _SCHEMES and parts.path)):
        expected = "such as https://git.example.org/media.git, git@git.example.org:media.git or /srv/media"
        # It may hold a password, and is told only where it is no address at all.
        told = "is no address of a repository" if url else "is missing"
        found.append(Problem("semaphore_repository.url", told, expected))
    elif parts.scheme in ("http", "https") and parts.password:
        reason = "holds a password, which everybody in the project could read"
        found.append(Problem("semaphore_repository.url", reason, "a key of type login_password, named in its key"))
    if not given["branch"] and not local:
        found.append(Problem("semaphore_repository.branch", "is empty", "a branch, such as main"))
    return found


def _inventory(given: Params) -> list[Problem]:
    text = given["inventory"]
    if given["type"] != "file":
        expected = "the inventory itself, or type: file and its path in the repository"
        return [] if text.strip() else [Problem("semaphore_inventory.inventory", "is empty", expected)]
    if _below(text):
        return []
    return [Problem("semaphore_inventory.inventory", f"is {text!r}", "a path in the repository, such as hosts.yml")]


def _references(params: Params) -> list[Problem]:
    types = {key["name"]: key["type"] for key in params["keys"]}
    named = [
        ("semaphore_repository.key", params["repository"]["key"], ("ssh", "login_password", "none")),
        ("semaphore_inventory.key", params["inventory"]["key"], ("ssh", "login_password", "none")),
        ("semaphore_inventory.become_key", params["inventory"]["become_key"], ("login_password",)),
        *((f"semaphore_vaults[{index}]", name, ("login_password",)) for index, name in enumerate(params["vaults"])),
    ]
    found = []
    for variable, name, kinds in named:
        if name and name not in types:
            expected = f"one of semaphore_keys: {', '.join(types) or 'there are none'}"
            found.append(Problem(variable, f"is {name!r}", expected))
        elif name and types[name] not in kinds:
            found.append(Problem(variable, f"is {name!r}, a key of type {types[name]}", f"one of type {kinds[0]}"))
    return found


def _environment(given: Params) -> list[Problem]:
    found = []
    if given["name"] == LEDGER:
        found.append(Problem("semaphore_environment.name", f"is {LEDGER!r}", "any other name"))
    for part, secret in (("variables", "secret_variables"), ("env", "secret_env")):
        for name in [*given[part], *given[secret]]:
            if not _VARIABLE.fullmatch(str(name)):
                expected = "letters, digits and _, with no digit first"
                found.append(Problem(f"semaphore_environment.{part}", f"has the name {name!r}", expected))
        for name in sorted(set(given[part]) & set(given[secret])):
            reason = f"is in {part} too"
            found.append(Problem(f"semaphore_environment.{secret}.{name}", reason, "each variable once"))
        for name, value in given[secret].items():
            if not isinstance(value, (str, int, float)) or value == "":
                found.append(Problem(f"semaphore_environment.{secret}.{name}", "is no text, or empty", "a secret text"))
    for name, value in given["env"].items():
        if not isinstance(value, (str, int, float)):
            reason = f"is a {type(value).__name__}"
            found.append(Problem(f"semaphore_environment.env.{name}", reason, "text, a number, true or false"))
    return found


def _templates(templates: Sequence[Params]) -> list[Problem]:
    found = _names("semaphore_templates", templates)
    for index, template in enumerate(templates):
        place, playbook = f"semaphore_templates[{index}]", template["playbook"]
        if not _below(playbook) or not playbook.endswith((".yml", ".yaml")):
            expected = "a path in the repository, such as playbooks/verify.yml"
            found.append(Problem(f"{place}.playbook", f"is {playbook!r}", expected))
        for number, var in enumerate(template["survey_vars"]):
            if not _VARIABLE.fullmatch(var["name"]):
                expected = "the name of a variable: letters, digits and _"
                found.append(Problem(f"{place}.survey_vars[{number}].name", f"is {var['name']!r}", expected))
            if var["type"] == "enum" and not var["values"]:
                found.append(Problem(f"{place}.survey_vars[{number}].values", "is empty", "what to choose from"))
    return found


def _schedules(params: Params) -> list[Problem]:
    names = [template["name"] for template in params["templates"]]
    found = []
    for name, cron in params["schedules"].items():
        if name not in names:
            expected = f"one of semaphore_templates: {', '.join(names) or 'there are none'}"
            found.append(Problem(f"semaphore_schedules.{name}", "is no template", expected))
        fault = semaphore_cron.fault(str(cron))
        if fault:
            found.append(Problem(f"semaphore_schedules.{name}", fault, semaphore_cron.EXPECTED))
    return found


def _names(variable: str, entries: Sequence[Params]) -> list[Problem]:
    found = []
    names = [entry["name"] for entry in entries]
    for index, name in enumerate(names):
        if not name.strip():
            found.append(Problem(f"{variable}[{index}].name", "is empty", "a name"))
        elif name in names[:index]:
            found.append(Problem(f"{variable}[{index}].name", f"is {name!r} once more", "each name once"))
    return found


def _below(path: str) -> bool:
    """Tell whether a path stays in the repository."""
    return bool(path) and not path.startswith(("/", "~")) and ".." not in path.split("/")
