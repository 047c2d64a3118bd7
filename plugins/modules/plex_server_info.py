#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: plex_server_info
short_description: Read what a Plex Media Server says of itself
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Reads owner, preferences and libraries. One that does not answer is told as such, and is no error.
extends_documentation_fragment:
  - homelab.media.attributes
  - homelab.media.attributes.info_module
options:
  url:
    description: The address of Plex.
    type: str
    default: http://127.0.0.1:32400
  token_file:
    description: The file on the host that holds the token of the owner's account.
    type: path
  config_file:
    description: Plex's Preferences.xml as the host sees it, which has the server's own token.
    type: path
  timeout:
    description: Seconds to wait for an answer.
    type: float
    default: 10
"""

EXAMPLES = r"""
- name: Read Plex's libraries
  homelab.media.plex_server_info:
    token_file: /opt/media/secrets/plex_token
  register: plex
"""

RETURN = r"""
reachable:
  description: Whether Plex answered.
  returned: success
  type: bool
claimed:
  description: Whether the server has an owner.
  returned: success
  type: bool
version:
  description: Plex's version, empty if it did not answer.
  returned: success
  type: str
identifier:
  description: The id by which clients know the server.
  returned: success
  type: str
libraries:
  description: Each library with its C(key), C(name), C(type) and C(locations).
  returned: success
  type: list
  elements: dict
doubles:
  description: Libraries that have type and folders of another one.
  returned: success
  type: list
  elements: str
preferences:
  description: The preferences, each with its value.
  returned: success
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils import plex_server, secret_files
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "url": {"type": "str", "default": "http://127.0.0.1:32400"},
            "token_file": {"type": "path", "no_log": False},
            "config_file": {"type": "path"},
            "timeout": {"type": "float", "default": 10},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        files = {"token_file": params["token_file"]} if params["token_file"] else {}
        target = plex_server.Target(
            url=params["url"],
            token=secret_files.read_secrets(files, False).get("token_file", ""),
            config_file=params["config_file"] or "",
            timeout=params["timeout"],
        )
        found = plex_server.look(target)
    except MediaError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
