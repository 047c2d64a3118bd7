#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exposure_info
short_description: Prove that nobody answers but those who were declared
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Compares the ports that Docker publishes, and those on which services listen in the host's own network, with the
    declared ones. What answers on loopback alone may be there.
  - Tries from the network namespace of each container to connect to every TCP port that another container of the
    project listens on, at each of its addresses. Who is reached has to be a neighbour.
  - Names containers of others on the project's networks.
  - Changes nothing. Run as root on the host that has the Docker Engine.
extends_documentation_fragment:
  - homelab.media.attributes
  - homelab.media.attributes.info_module
options:
  project:
    description: The name of the Compose project.
    type: str
    default: media
  declared:
    description: What was declared, as the filter P(homelab.media.exposure#filter) tells it.
    type: dict
    required: true
    suboptions:
      published:
        description: The ports of the host, each with C(service), C(address), C(port) and C(protocol).
        type: list
        elements: dict
        required: true
      listening:
        description: For each service in the host's own network the ports that it listens on.
        type: dict
        required: true
      neighbours:
        description: For each service those that it may reach.
        type: dict
        required: true
  complete:
    description: Whether a neighbour that is not reached is a problem too.
    type: bool
    default: false
  timeout:
    description:
      - Seconds to wait for all connections. Most of those that must not be are never answered, and take all of them.
    type: float
    default: 1.5
  report_only:
    description: Report problems without failing.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Nobody answers but those who were declared
  homelab.media.exposure_info:
    project: "{{ media_project }}"
    declared: "{{ media_plan | homelab.media.exposure }}"
"""

RETURN = r"""
published:
  description: The ports that Docker publishes, each with C(service), C(address), C(port) and C(protocol).
  returned: always
  type: list
  elements: dict
listening:
  description: Where services in the host's own network listen. Of UDP this is told, and never a problem.
  returned: always
  type: list
  elements: dict
tried:
  description: How many pairs of namespaces were tried.
  returned: always
  type: int
reached:
  description: For each service, or services that share a namespace, those that it reached.
  returned: always
  type: dict
problems:
  description: What is not as it must be, each with C(variable), C(reason) and C(expected).
  returned: always
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils.parts import exposure_info


def main() -> None:
    exposure_info.run(AnsibleModule(**exposure_info.SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()
