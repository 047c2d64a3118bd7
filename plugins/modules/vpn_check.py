#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpn_check
short_description: Prove that what is behind the VPN stays behind it
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Looks at the VPN pod from the host and from inside, and changes nothing. It sees the address that the pod has for
    the outside and that of the host, where names are looked up, whether the kill switch of the pod and the host's own
    rules are in force, and whether every tenant is in the pod's network namespace.
  - Fails when one of them is not as it must be, and names all that are not.
  - Run as root on the host that has the Docker Engine.
extends_documentation_fragment:
  - homelab.media.attributes
  - homelab.media.attributes.info_module
options:
  project:
    description: The name of the Compose project.
    type: str
    default: media
  pod:
    description: The service that holds the network namespace.
    type: str
    default: vpn-pod
  client:
    description: The service that brings up the tunnel.
    type: str
    default: vpn
  tenants:
    description: The services that must be in the pod.
    type: list
    elements: str
    default: []
  address_url:
    description:
      - A page that holds the address of who asks for it.
      - It is asked for from inside the pod and from the host. Neither is, if this is empty.
    type: str
    default: ""
  ipv6:
    description: Also ask for it by IPv6.
    type: bool
    default: false
  control_address:
    description: Where the client's control server listens, inside the pod.
    type: str
    default: 127.0.0.1:8000
  control_key_file:
    description: The file on the host that holds the control server's key.
    type: path
    required: true
  guard_file:
    description: The file on the host that the host's own rules are loaded from.
    type: path
    required: true
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
- name: Nothing behind the VPN leaks
  homelab.media.vpn_check:
    tenants: [nzbget]
    address_url: https://ifconfig.me/ip
    control_key_file: /opt/media/secrets/vpn_control_key
    guard_file: /opt/media/config/vpn-pod/guard.nft
"""

RETURN = r"""
exit_address:
  description: The address under which the outside sees what is behind the VPN; empty when there is no way out.
  returned: always
  type: str
  sample: 203.0.113.7
host_address:
  description: The address under which the outside sees the host; empty when the host has no way out itself.
  returned: always
  type: str
exit_address_ipv6:
  description: The same as RV(exit_address) by IPv6.
  returned: always
  type: str
host_address_ipv6:
  description: The same as RV(host_address) by IPv6.
  returned: always
  type: str
leaking:
  description: The outside sees what is behind the VPN under the host's own address.
  returned: always
  type: bool
tunnel:
  description: What the client says of its tunnel, its C(status), and the C(address) that it was told.
  returned: always
  type: dict
dns:
  description:
    - Where names are looked up. C(servers) is what everybody in the pod asks, C(own) those of them inside the pod.
    - C(passes_on) is what Docker's name server asks in turn, and C(by_host) what it asks from the host's own network.
  returned: always
  type: dict
kill_switch:
  description: Whether the pod's rules are C(in_force), and a C(detail) for each IP version.
  returned: always
  type: dict
guard:
  description: Whether the host's own rules are C(in_force), and how many packets they have C(stopped).
  returned: always
  type: dict
tenants:
  description: For each tenant its C(state), its C(health), and whether it is C(inside) the pod's namespace.
  returned: always
  type: dict
problems:
  description: What is not as it must be, each with C(variable), C(reason) and C(expected).
  returned: always
  type: list
  elements: dict
"""

import json
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils import docker_socket, vpn_probe, vpn_verdict
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem
from ansible_collections.homelab.media.plugins.module_utils.vpn_verdict import Answer, Observation


def main() -> None:
    module = AnsibleModule(
        argument_spec={
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
        supports_check_mode=True,
    )
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


if __name__ == "__main__":
    main()
