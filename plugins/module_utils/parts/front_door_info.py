# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What module front_door_info does."""

from __future__ import annotations

import time
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import front_probe, front_questions, front_verdict
from ansible_collections.homelab.media.plugins.module_utils.front_probe import Door, Question
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem, describe
from ansible_collections.homelab.media.plugins.module_utils.part import Caller

#: Nobody publishes this name.
STRANGE = "front-door-probe"


SPEC: dict[str, Any] = {
    "argument_spec": {
        "pages": {"type": "list", "elements": "dict", "required": True},
        "sign_on": {"type": "dict", "default": {}},
        "apis": {"type": "dict", "default": {}},
        "domain": {"type": "str", "default": ""},
        "address": {"type": "str", "default": "127.0.0.1"},
        "https_port": {"type": "int", "default": 443},
        "http_port": {"type": "int", "default": 80},
        "ca_file": {"type": "path", "default": ""},
        "accept_closed": {"type": "bool", "default": False},
        "timeout": {"type": "float", "default": 10.0},
        "wait": {"type": "float", "default": 0.0},
        "report_only": {"type": "bool", "default": False},
    },
}


def run(module: Caller) -> None:
    params = module.params
    door = Door(params["address"], params["https_port"], params["http_port"], params["timeout"])
    until = time.monotonic() + params["wait"]
    result, problems = look(door, params)
    while problems and _may_open(result) and time.monotonic() < until:
        time.sleep(1)
        result, problems = look(door, params)
    if problems and not params["report_only"]:
        module.fail_json(msg="The front door: " + describe(problems), **result)
    module.exit_json(changed=False, **result)


def look(door: Door, params: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Return the module's result, and the problems in it."""
    kinds = {name: str(api.get("kind", "")) for name, api in params["apis"].items()}
    portal_url = str(params["sign_on"].get("url", ""))
    asked = [
        question
        for page in params["pages"]
        for question in front_questions.questions(page, kinds.get(page["service"], ""))
    ]
    strange = _strange(params["domain"], params["address"]) if params["pages"] else []
    replies = front_probe.ask_all(door, [*asked, *strange])
    verdicts = [
        verdict
        for page in params["pages"]
        for verdict in front_verdict.judge(page, kinds.get(page["service"], ""), portal_url, replies)
    ]
    verdicts += [front_verdict.unknown_name(question, replies[question]) for question in strange]
    problems = front_verdict.problems(verdicts, params["accept_closed"])
    if params["ca_file"]:
        problems += _certificates(door, params["pages"], params["ca_file"])
    return {
        "pages": [vars(verdict) for verdict in verdicts],
        "questions": len(replies),
        "unprotected": sorted({one.name for one in verdicts if one.verdict == front_verdict.UNPROTECTED}),
        "problems": [vars(problem) for problem in problems],
    }, problems


def _may_open(result: dict[str, Any]) -> bool:
    """Tell whether a page is closed, and none shows anything to a stranger, which no waiting mends."""
    return not result["unprotected"] and any(page["verdict"] == front_verdict.SHUT for page in result["pages"])


def _strange(domain: str, address: str) -> list[Question]:
    names = [f"{STRANGE}.{domain}", address] if domain else [address]
    return [Question(name, tls=tls, about="" if tls else "without TLS") for name in names for tls in (True, False)]


def _certificates(door: Door, pages: list[dict[str, Any]], ca_file: str) -> list[Problem]:
    names = [name for page in pages if page["access"] != "deny" for name in page["names"]]
    wrong = {name: front_probe.certificate(door, name, ca_file) for name in names}
    expected = f"a certificate for the name, signed by the authority in {ca_file}"
    return [Problem(name, f"its certificate: {reason}", expected) for name, reason in wrong.items() if reason]
