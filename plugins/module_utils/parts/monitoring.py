# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What module monitoring does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import (
    grafana_admin,
    monitoring_arguments,
    monitoring_look,
    monitoring_reload,
    secret_files,
)
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Outcome
from ansible_collections.homelab.media.plugins.module_utils.part import Caller

SPEC: dict[str, Any] = {
    "argument_spec": {
        "programs": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {
                "name": {"type": "str", "choices": ["prometheus", "alertmanager"], "required": True},
                "url": {"type": "str", "required": True},
                "folder": {"type": "path", "required": True},
            },
        },
        "planned_files": {"type": "list", "elements": "str", "default": []},
        "restarted": {"type": "list", "elements": "str", "default": []},
        "secret_files": {"type": "list", "elements": "path", "default": [], "no_log": False},
        "administrator": {"type": "dict", "default": {}},
        "expected": monitoring_arguments.EXPECTED,
    },
}


def run(module: Caller) -> None:
    params, check = module.params, module.check_mode
    try:
        hidden = secret_files.read_secrets({path: path for path in params["secret_files"]}, check)
        programs = [monitoring_reload.Program(**entry) for entry in params["programs"]]
        planned = monitoring_reload.Planned(params["planned_files"], params["restarted"])
        outcome = monitoring_reload.ensure(programs, list(hidden.values()), planned, check=check)
        if params["administrator"]:
            outcome.extend(administrator(params["administrator"], planned, check=check))
        look = params["expected"] and not outcome.changed and not check
        problems = monitoring_look.look(monitoring_arguments.expected(params["expected"])) if look else []
    except (MediaError, OSError) as error:
        module.fail_json(msg=str(error))
    outcome.facts = {"looked": bool(look), "problems": [vars(problem) for problem in problems]}
    module.exit_json(**outcome.result())


def administrator(given: Mapping[str, str], planned: monitoring_reload.Planned, *, check: bool) -> Outcome:
    """Have Grafana know its administrator. In check mode it may not run yet, and another password may be on its way."""
    url, user, file, container = (given[key] for key in ("url", "username", "password_file", "container"))
    if not check:
        password = secret_files.read_secrets({"password_file": file}, check)["password_file"]
        return grafana_admin.ensure(url, user, password, container, check=False)
    if not Path(file).exists():
        return Outcome()
    # The new password is not here yet; Grafana knows the old one.
    password = "" if file in planned.files else Path(file).read_text(encoding="utf-8").strip()
    try:
        return grafana_admin.ensure(url, user, password, container, check=True)
    except MediaError:
        return Outcome()
