#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fail2ban_bans
short_description: List who is banned, and let somebody in again
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Asks Fail2Ban in its running container which jails run and whom they have shut out.
  - With an address, lifts its bans. It may be banned again when it fails again.
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
  project:
    description: The name of the Compose project.
    type: str
    default: media
  service:
    description: Fail2Ban's service in that project.
    type: str
    default: fail2ban
  address:
    description: The address, or the network, to let in again. Empty for none.
    type: str
    default: ""
  jail:
    description: The only jail to let it in again. Empty for all.
    type: str
    default: ""
  jails:
    description: The options of each jail, as they were rendered, to tell which jails should run.
    type: dict
    default: {}
  wait:
    description: Seconds that a jail whose log has just come may take to join.
    type: float
    default: 0
  timeout:
    description: Seconds to wait for each answer.
    type: float
    default: 30
"""

EXAMPLES = r"""
- name: Let an address in again
  homelab.media.fail2ban_bans:
    address: 203.0.113.7
"""

RETURN = r"""
bans:
  description:
    - The bans that there are then, in the time zone of the container.
    - One that never ends has an empty C(until).
  returned: success
  type: list
  elements: dict
  sample:
    - jail: authelia
      address: 203.0.113.7
      since: "2026-08-20 10:15:31"
      until: "2026-08-20 11:15:31"
table:
  description: The bans as a table for a person.
  returned: success
  type: str
running:
  description: The jails that run.
  returned: success
  type: list
  elements: str
  sample: [authelia, sshd]
waiting:
  description: The jails that wait for a log which nobody has written yet.
  returned: success
  type: list
  elements: str
missing:
  description: The jails that should run and do not.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils.parts import fail2ban_bans


def main() -> None:
    fail2ban_bans.run(AnsibleModule(**fail2ban_bans.SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()
