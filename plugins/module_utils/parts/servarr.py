# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What module servarr does."""

from __future__ import annotations

from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import servarr, servarr_declared, servarr_kinds
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Outcome, Problem, describe
from ansible_collections.homelab.media.plugins.module_utils.part import Caller
from ansible_collections.homelab.media.plugins.module_utils.servarr_ledger import Ledger

APPLICATION = {
    "name": {"type": "str", "required": True},
    "kind": {"type": "str", "required": True, "choices": list(servarr_kinds.KINDS)},
    "url": {"type": "str", "required": True},
    "api_key_file": {"type": "path", "required": True, "no_log": False},
    "settings": {"type": "dict", "default": {}},
    "password_file": {"type": "path", "no_log": False},
    "resources": {"type": "dict", "default": {}},
    "prune": {"type": "dict", "default": {}},
}


SPEC: dict[str, Any] = {
    "argument_spec": {
        "applications": {"type": "list", "elements": "dict", "required": True, "options": APPLICATION},
        "ledger": {"type": "path", "required": True},
        "ledger_key_file": {"type": "path", "required": True, "no_log": False},
        "planned_secrets": {"type": "dict", "default": {}, "no_log": False},
        "timeout": {"type": "float", "default": 120},
    },
}


def run(module: Caller) -> None:
    try:
        reports = converge(module.params, module.check_mode)
    except MediaError as error:
        module.fail_json(msg=str(error), applications={})
    outcome = Outcome()
    for report in reports:
        outcome.extend(report.outcome)
        if report.warning:
            module.warn(report.warning)
    outcome.facts = {"applications": {report.name: report.facts() for report in reports}}
    problems = [problem for report in reports for problem in report.problems]
    if problems:
        module.fail_json(msg=describe(problems), **outcome.result())
    module.exit_json(**outcome.result())


def converge(params: dict[str, Any], check: bool) -> list[servarr.Report]:
    """Read the secrets and the ledger, and bring every application to what is declared."""
    problems: list[Problem] = []
    key = servarr_declared.Reader(check, {}, problems).now("ledger_key_file", params["ledger_key_file"])
    try:
        applications = servarr_declared.read_all(params["applications"], check, params["planned_secrets"])
    except MediaError as error:
        raise MediaError([*problems, *error.problems]) from None
    if problems:
        raise MediaError(problems)
    ledger = Ledger(params["ledger"], (key or "").encode("utf-8", "surrogateescape"), check=check)
    return servarr.converge(applications, ledger, params["timeout"], check)
