#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: media_status_info
short_description: Tell what runs of the stack, and how it is
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Reads the containers of one Compose project from the engine, and the services that the last run declared.
extends_documentation_fragment:
  - homelab.media.attributes
  - homelab.media.attributes.info_module
options:
  root:
    description: The stack's root.
    type: path
    required: true
  project:
    description: The name of the Compose project.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Look at the stack
  homelab.media.media_status_info:
    root: /opt/media
    project: media
  register: looked

- name: Show it
  ansible.builtin.debug:
    msg: "{{ looked.table }}"
"""

RETURN = r"""
services:
  description: For each service its name, image, state, health and address.
  returned: success
  type: list
  elements: dict
  sample:
    - service: nzbget
      image: lscr.io/linuxserver/nzbget:v26.2-ls254
      state: running
      health: healthy
      address: in vpn-pod
well:
  description: Whether every declared service is running and healthy.
  returned: success
  type: bool
todo:
  description: What is left for a person to do.
  returned: success
  type: list
  elements: str
  sample: []
table:
  description: The services as a table for a person.
  returned: success
  type: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils import containers, docker_socket, host_facts, status


def main() -> None:
    module = AnsibleModule(
        argument_spec={"root": {"type": "path", "required": True}, "project": {"type": "str", "required": True}},
        supports_check_mode=True,
    )
    kept, _error = host_facts.read_json(f"{module.params['root']}/catalogue.json")
    roles = (kept or {}).get("declarations", {}).values()
    declared = [name for role in roles for name in role["services"]]
    todo = [f"{item['service']}: {item['text']}" for role in roles for item in role.get("todo", ())]
    try:
        seen = containers.observe(module.params["project"])
    except docker_socket.EngineUnreachable as error:
        module.fail_json(msg=f"The Docker Engine does not answer: {error}")
    found = status.rows(seen, declared, (kept or {}).get("pages") or {})
    well = all(name in seen and seen[name].well for name in declared)
    module.exit_json(changed=False, services=found, well=well, todo=todo, table=status.table(found))


if __name__ == "__main__":
    main()
