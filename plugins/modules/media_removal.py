#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: media_removal
short_description: Take services, or the whole stack, off a host
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Removes containers. State, configuration and secrets stay, unless a service is named to be purged.
  - A service that is still declared comes back with the next converge, with its state.
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
  root:
    description: The stack's root.
    type: path
    required: true
  project:
    description: The name of the Compose project.
    type: str
    required: true
  remove:
    description: The services to remove, or V(stack) for all of them with their networks and the boot unit.
    type: list
    elements: str
    required: true
  purge:
    description: The removed services whose state, configuration and secrets are deleted. There is no way back.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Remove NZBGet, keep its state
  homelab.media.media_removal:
    root: /opt/media
    project: media
    remove: [nzbget]
"""

RETURN = r"""
"""

import contextlib

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils import host_facts, removal, run_lock
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError


def main() -> None:
    names = {"type": "list", "elements": "str"}
    module = AnsibleModule(
        argument_spec={
            "root": {"type": "path", "required": True},
            "project": {"type": "str", "required": True},
            "remove": {**names, "required": True},
            "purge": {**names, "default": []},
        },
        supports_check_mode=True,
    )
    params = module.params
    kept, error = host_facts.read_json(f"{params['root']}/catalogue.json")
    if error:
        module.fail_json(msg=f"{params['root']}/catalogue.json cannot be read ({error}). Converge the host first.")
    going = removal.Removal(params["root"], params["project"], tuple(params["remove"]), tuple(params["purge"]))
    try:
        with contextlib.nullcontext() if module.check_mode else run_lock.held("playbooks/remove.yml"):
            outcome = removal.ensure(going, kept or {}, check=module.check_mode)
    except MediaError as refused:
        module.fail_json(msg=f"Nothing was changed. {refused}")
    module.exit_json(**outcome.result())


if __name__ == "__main__":
    main()
