# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What module monitoring_info does."""

from __future__ import annotations

from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import monitoring_arguments, monitoring_look
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, describe
from ansible_collections.homelab.media.plugins.module_utils.part import Caller

SPEC: dict[str, Any] = {
    "argument_spec": {
        "expected": {**monitoring_arguments.EXPECTED, "required": True},
        "timeout": {"type": "float", "default": 120},
        "report_only": {"type": "bool", "default": False},
    },
}


def run(module: Caller) -> None:
    params = module.params
    try:
        problems = monitoring_look.wait(monitoring_arguments.expected(params["expected"]), params["timeout"])
    except MediaError as error:
        module.fail_json(msg=str(error))
    result = {"problems": [vars(problem) for problem in problems]}
    if problems and not params["report_only"]:
        module.fail_json(msg="The monitoring: " + describe(problems), **result)
    module.exit_json(changed=False, **result)
