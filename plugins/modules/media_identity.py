#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: media_identity
short_description: Make the user and the group that own the library
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Makes a system group and a system user with the wanted numbers, with no login shell and no home.
  - A user and a group that have the wanted numbers already are left as they are.
  - A name or a number that belongs to another account is an error that names it, and nothing is changed.
  - Root is refused.
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
  user:
    description: Name of the user.
    type: str
    default: media
  group:
    description: Name of the group.
    type: str
    default: media
  uid:
    description: Number of the user, C(PUID) in containers.
    type: int
    required: true
  gid:
    description: Number of the group, C(PGID) in containers.
    type: int
    required: true
"""

EXAMPLES = r"""
- name: Make the media user
  homelab.media.media_identity:
    user: media
    group: media
    uid: 1000
    gid: 1000
"""

RETURN = r"""
identity:
  description: The account, by name and number.
  returned: success
  type: dict
  sample:
    user: media
    uid: 1000
    group: media
    gid: 1000
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils.identity import Identity, ensure
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "user": {"type": "str", "default": "media"},
            "group": {"type": "str", "default": "media"},
            "uid": {"type": "int", "required": True},
            "gid": {"type": "int", "required": True},
        },
        supports_check_mode=True,
    )
    try:
        outcome = ensure(Identity(**module.params), check=module.check_mode)
    except (MediaError, OSError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(**outcome.result())


if __name__ == "__main__":
    main()
