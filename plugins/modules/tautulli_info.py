#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: tautulli_info
short_description: Tell how Tautulli is, and whether Plex talks to it
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Asks Tautulli's API. One that does not answer is told as such, and is no error; one that refuses the key is.
extends_documentation_fragment:
  - homelab.media.attributes
  - homelab.media.attributes.info_module
options:
  url:
    description: The address of Tautulli, with its C(http_root) if it has one.
    type: str
    default: http://127.0.0.1:8181
  api_key_file:
    description: The file on the host that holds its API key.
    type: path
    required: true
  connected:
    description: Wait until Plex talks to it.
    type: bool
    default: false
  timeout:
    description: Seconds to wait. Tautulli looks for a Plex that was not there every 30 seconds.
    type: float
    default: 10
"""

EXAMPLES = r"""
- name: Wait until Tautulli has found Plex
  homelab.media.tautulli_info:
    api_key_file: /opt/media/secrets/tautulli_api_key
    connected: true
    timeout: 90
"""

RETURN = r"""
reachable:
  description: Whether Tautulli answered.
  returned: success
  type: bool
connected:
  description: Whether Plex talks to it.
  returned: success
  type: bool
version:
  description: Tautulli's version, empty if it did not answer.
  returned: success
  type: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils.parts import tautulli_info


def main() -> None:
    tautulli_info.run(AnsibleModule(**tautulli_info.SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()
