#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: media_together
short_description: Carry out several modules in one execution
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Carries out modules of this collection one after the other, each with its own arguments, and returns what each of
    them would have returned. One that fails does not keep the others; all failures are told at once.
  - M(homelab.media.media_phase) uses it for what the roles need.
extends_documentation_fragment:
  - homelab.media.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  parts:
    description: The modules, in the order in which they are carried out.
    type: list
    elements: dict
    required: true
    suboptions:
      module:
        description: Which one, without the collection's name.
        type: str
        required: true
        choices:
          - authelia_users
          - exposure_info
          - fail2ban_bans
          - front_door_info
          - monitoring
          - monitoring_info
          - nginx_proxy_manager
          - nzbget_config
          - organizr
          - plex_server
          - recyclarr_sync
          - servarr
          - tautulli_info
          - vpn_check
      name:
        description: What it is told as.
        type: str
        required: true
      role:
        description: The role that it belongs to.
        type: str
        default: ""
      arguments:
        description: Its options.
        type: dict
        default: {}
      check:
        description: Carry it out in check mode, whatever mode the run is in.
        type: bool
        default: false
"""

EXAMPLES = r"""
- name: Keep NZBGet's options, and see that Fail2Ban runs
  homelab.media.media_together:
    parts:
      - name: Keep NZBGet's options
        module: nzbget_config
        arguments:
          password_file: /opt/media/secrets/nzbget_password
          options:
            UMask: "0002"
      - name: Ask Fail2Ban which jails run
        module: fail2ban_bans
"""

RETURN = r"""
results:
  description: The result of each part in their order, with its C(module), C(name) and C(role).
  returned: always
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils import together

PART = {
    "module": {"type": "str", "required": True, "choices": list(together.PARTS)},
    "name": {"type": "str", "required": True},
    "role": {"type": "str", "default": ""},
    "arguments": {"type": "dict", "default": {}},
    "check": {"type": "bool", "default": False},
}


class Quiet(AnsibleModule):
    """One that does not write its options to the host's log: which of them are secret is known to the parts alone."""

    def _log_invocation(self) -> None:
        pass


def main() -> None:
    module = Quiet(
        argument_spec={"parts": {"type": "list", "elements": "dict", "required": True, "options": PART}},
        supports_check_mode=True,
    )
    results, warnings = together.carry_out_all(module.params["parts"], check=module.check_mode)
    for warning in warnings:
        module.warn(warning)
    told = {
        "changed": any(result["changed"] for result in results),
        "diff": [entry for result in results for entry in result.get("diff", ())],
        "results": results,
        "invocation": {"module_args": {"parts": [result["module"] for result in results]}},
    }
    failures = [result["msg"] for result in results if result.get("failed")]
    if failures:
        module.fail_json(msg="\n".join(failures), **told)
    module.exit_json(**told)


if __name__ == "__main__":
    main()
