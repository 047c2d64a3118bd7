# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What module exposure_info does."""

from __future__ import annotations

from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import docker_socket, exposure, exposure_probe
from ansible_collections.homelab.media.plugins.module_utils.exposure import Seen
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem, describe
from ansible_collections.homelab.media.plugins.module_utils.part import Caller

DECLARED: dict[str, Any] = {
    "published": {"type": "list", "elements": "dict", "required": True},
    "listening": {"type": "dict", "required": True},
    "neighbours": {"type": "dict", "required": True},
}
SPEC: dict[str, Any] = {
    "argument_spec": {
        "project": {"type": "str", "default": "media"},
        "declared": {"type": "dict", "required": True, "options": DECLARED},
        "complete": {"type": "bool", "default": False},
        "timeout": {"type": "float", "default": 1.5},
        "report_only": {"type": "bool", "default": False},
    },
}


def run(module: Caller) -> None:
    params = module.params
    seen = Seen()
    try:
        seen = exposure_probe.observe(params["project"], params["timeout"])
        problems = exposure.judge(params["declared"], seen, complete=params["complete"])
    except docker_socket.EngineUnreachable as error:
        problems = [Problem("docker", f"does not answer ({error})", "a running Docker Engine")]
    except OSError as error:
        problems = [Problem("containers", f"cannot be looked at ({error})", "root, on the host of the Docker Engine")]
    result = report(seen, problems)
    if problems and not params["report_only"]:
        module.fail_json(msg="What answers: " + describe(problems), **result)
    module.exit_json(changed=False, **result)


def report(seen: Seen, problems: list[Problem]) -> dict[str, Any]:
    """Return the module's result."""
    reached: dict[str, list[str]] = {space.name: [] for space in seen.spaces}
    for one in seen.reached:
        if one.target not in reached[one.source]:
            reached[one.source].append(one.target)
    return {
        "published": [vars(opening) for opening in seen.published],
        "listening": [vars(opening) for opening in seen.listening],
        "tried": len(exposure.pairs(seen.spaces)),
        "reached": reached,
        "problems": [vars(problem) for problem in problems],
    }
