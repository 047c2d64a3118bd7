#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: front_door_info
short_description: Prove that no published name shows anything to a stranger
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Asks for every published name as somebody who has not signed in, and changes nothing. Each name is asked for by
    HTTPS and by HTTP, with forged headers, with another method, as a web socket, for a file of the kind that proxies
    have rules of their own for, and below each exempt path without a key and by ways back out of it.
  - A name that nobody published is asked for too, and so is the bare address. Both have to get no answer at all.
  - Fails when a name is not answered as its access says, and tells all of them.
extends_documentation_fragment:
  - homelab.media.attributes
  - homelab.media.attributes.info_module
options:
  pages:
    description:
      - The published pages, as C(media_plan.pages) has them. Of each, C(service), C(names), C(path), C(access) and
        C(exempt) are looked at.
    type: list
    elements: dict
    required: true
  sign_on:
    description: The sign-on, as C(media_plan.sign_on) has it; empty if there is none. Its C(url) is looked at.
    type: dict
    default: {}
  apis:
    description:
      - The APIs of the services, as C(media_plan.apis) has them. They tell what to ask for below an exempt path.
    type: dict
    default: {}
  domain:
    description: A name below it that nobody published is asked for. None is, if this is empty.
    type: str
    default: ""
  address:
    description: Where the front door is.
    type: str
    default: 127.0.0.1
  https_port:
    description: The port for HTTPS.
    type: int
    default: 443
  http_port:
    description: The port for HTTP.
    type: int
    default: 80
  ca_file:
    description:
      - A file with the certificates of the authority that has signed those of the names.
      - Certificates are not looked at, if this is empty.
    type: path
    default: ""
  accept_closed:
    description: Whether a name may be closed to everybody, as all are while the sign-on is down.
    type: bool
    default: false
  timeout:
    description: Seconds to wait for each answer.
    type: float
    default: 10
  report_only:
    description: Report problems without failing.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Nobody gets in without signing in
  homelab.media.front_door_info:
    pages: "{{ media_plan.pages }}"
    sign_on: "{{ media_plan.sign_on }}"
    apis: "{{ media_plan.apis }}"
    domain: "{{ media_plan.domain }}"
"""

RETURN = r"""
pages:
  description:
    - For each name its C(service), C(name), C(access), C(verdict) and C(detail). The service of a name that nobody
      published is empty.
    - The verdict is C(protected), C(open) (as declared), C(portal), C(closed), C(nothing), C(silent) or C(UNPROTECTED).
  returned: always
  type: list
  elements: dict
questions:
  description: How many requests were sent.
  returned: always
  type: int
unprotected:
  description: The names that show something to a stranger.
  returned: always
  type: list
  elements: str
problems:
  description: What is not as it must be, each with C(variable), C(reason) and C(expected).
  returned: always
  type: list
  elements: dict
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils import front_probe, front_questions, front_verdict
from ansible_collections.homelab.media.plugins.module_utils.front_probe import Door, Question
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem, describe

#: Nobody publishes this name.
STRANGE = "front-door-probe"


def main() -> None:
    module = AnsibleModule(
        argument_spec={
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
            "report_only": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    params = module.params
    door = Door(params["address"], params["https_port"], params["http_port"], params["timeout"])
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


def _strange(domain: str, address: str) -> list[Question]:
    names = [f"{STRANGE}.{domain}", address] if domain else [address]
    return [Question(name, tls=tls, about="" if tls else "without TLS") for name in names for tls in (True, False)]


def _certificates(door: Door, pages: list[dict[str, Any]], ca_file: str) -> list[Problem]:
    names = [name for page in pages if page["access"] != "deny" for name in page["names"]]
    wrong = {name: front_probe.certificate(door, name, ca_file) for name in names}
    expected = f"a certificate for the name, signed by the authority in {ca_file}"
    return [Problem(name, f"its certificate: {reason}", expected) for name, reason in wrong.items() if reason]


if __name__ == "__main__":
    main()
