# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What module vpn_check does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import docker_socket, vpn_probe, vpn_verdict
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem
from ansible_collections.homelab.media.plugins.module_utils.part import Caller
from ansible_collections.homelab.media.plugins.module_utils.vpn_verdict import Answer, Observation

SPEC: dict[str, Any] = {
    "argument_spec": {
        "project": {"type": "str", "default": "media"},
        "pod": {"type": "str", "default": "vpn-pod"},
        "client": {"type": "str", "default": "vpn"},
        "tenants": {"type": "list", "elements": "str", "default": []},
        "address_url": {"type": "str", "default": ""},
        "ipv6": {"type": "bool", "default": False},
        "control_address": {"type": "str", "default": "127.0.0.1:8000"},
        "control_key_file": {"type": "path", "required": True, "no_log": False},
        "guard_file": {"type": "path", "required": True},
        "timeout": {"type": "float", "default": 10.0},
        "report_only": {"type": "bool", "default": False},
    },
}


def run(module: Caller) -> None:
    seen = Observation()
    try:
        seen = vpn_probe.observe(_target(module.params))
        problems = vpn_verdict.judge(seen)
    except docker_socket.EngineUnreachable as error:
        problems = [Problem("docker", f"does not answer ({error})", "a running Docker Engine")]
    except OSError as error:
        problems = [Problem("vpn-pod", f"cannot be looked at ({error})", "root, on the host of the Docker Engine")]
    result = report(seen, problems)
    if problems and not module.params["report_only"]:
        module.fail_json(msg=_message(problems), **result)
    module.exit_json(changed=False, **result)


def _target(params: dict[str, Any]) -> vpn_probe.Target:
    return vpn_probe.Target(
        project=params["project"],
        pod=params["pod"],
        client=params["client"],
        tenants=params["tenants"],
        versions=(4, 6) if params["ipv6"] else (4,),
        address_url=params["address_url"],
        control_address=params["control_address"],
        control_key=_key(params["control_key_file"]),
        guard_file=params["guard_file"],
        timeout=params["timeout"],
    )


def _key(path: str) -> str:
    """Return the key; without one the control server says why it does not answer."""
    file = Path(path)
    return file.read_text(encoding="utf-8").strip() if file.exists() else ""


def report(seen: Observation, problems: list[Problem]) -> dict[str, Any]:
    """Return the module's result."""
    guarded = not any(problem.variable in ("table inet media_guard", "guard.nft") for problem in problems)
    return {
        "exit_address": vpn_verdict.address(seen.inside.get(4, Answer())),
        "host_address": vpn_verdict.address(seen.outside.get(4, Answer())),
        "exit_address_ipv6": vpn_verdict.address(seen.inside.get(6, Answer())),
        "host_address_ipv6": vpn_verdict.address(seen.outside.get(6, Answer())),
        "leaking": vpn_verdict.leaking(seen),
        "tunnel": {"status": _field(seen.status, "status"), "address": _field(seen.reported, "public_ip")},
        "dns": vpn_verdict.lookups(seen.resolv_conf),
        "kill_switch": {
            "in_force": bool(seen.rules) and not seen.rules_error,
            "detail": (seen.rules or seen.rules_error).splitlines(),
        },
        "guard": {
            "in_force": seen.pod.state == "running" and guarded,
            "stopped": vpn_verdict.stopped(seen.guard.text),
        },
        "tenants": {name: vars(tenant) for name, tenant in seen.tenants.items()},
        "problems": [vars(problem) for problem in problems],
    }


def _field(answer: Answer, name: str) -> str:
    try:
        return str(json.loads(answer.text).get(name, ""))
    except (ValueError, AttributeError):
        return ""


def _message(problems: list[Problem]) -> str:
    noun = "problem" if len(problems) == 1 else "problems"
    return "\n".join([f"The VPN has {len(problems)} {noun}:", *(f"  - {problem}" for problem in problems)])
