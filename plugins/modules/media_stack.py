#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: media_stack
short_description: Bring the Compose project to its declaration
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Compares the containers of one Compose project with what is wanted, runs one C(docker compose up) when something
    differs, and waits until every service is running and healthy.
  - What is wanted is known by a digest that every container carries as a label, so nothing is asked of Compose, and
    nothing is started, on a run that has nothing to do.
  - A container that shares the network namespace of one that was restarted after it is cut off without the engine
    saying so; it is made anew.
extends_documentation_fragment:
  - homelab.media.attributes
  - homelab.media.lock
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  folder:
    description: The project's folder on the host, with its C(.env) and Compose fragments.
    type: path
    required: true
  project:
    description: The name of the Compose project.
    type: str
    required: true
  services:
    description: The wanted services by name, each with its C(digest) and its C(image).
    type: dict
    required: true
  whole:
    description: The wanted services are all that there shall be; containers of others are removed, never their data.
    type: bool
    default: true
  timeout:
    description: Seconds to wait for every service to be healthy.
    type: float
    default: 600
"""

EXAMPLES = r"""
- name: Bring the project up
  homelab.media.media_stack:
    folder: /opt/media
    project: media
    services:
      redis:
        digest: 0f3a
        image: redis:8-alpine
"""

RETURN = r"""
steps:
  description: What was done, or in check mode would be done, to which service and why.
  returned: success
  type: list
  elements: dict
  sample: [{service: nzbget, action: recreate, reason: its declaration or configuration differs}]
services:
  description: The project's containers afterwards, by service, each with its state, health, image and addresses.
  returned: success
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils import run_lock, stack
from ansible_collections.homelab.media.plugins.module_utils.containers import Wanted
from ansible_collections.homelab.media.plugins.module_utils.docker_socket import EngineUnreachable
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "folder": {"type": "path", "required": True},
            "project": {"type": "str", "required": True},
            "services": {"type": "dict", "required": True},
            "whole": {"type": "bool", "default": True},
            "timeout": {"type": "float", "default": 600.0},
            "lock": run_lock.OPTION,
        },
        supports_check_mode=True,
    )
    params = module.params
    project = stack.Project(params["folder"], params["project"], params["timeout"], params["whole"])
    wanted = {name: Wanted(item["digest"], item["image"]) for name, item in params["services"].items()}
    try:
        with run_lock.kept(None if module.check_mode else params["lock"]):
            outcome = stack.ensure(project, wanted, module.check_mode)
    except (MediaError, EngineUnreachable) as error:
        module.fail_json(msg=str(error))
    module.exit_json(**outcome.result())


if __name__ == "__main__":
    main()
