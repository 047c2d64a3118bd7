#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: media_daemon_settings
short_description: Lay settings over those of the Docker daemon
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Merges settings into C(daemon.json) and keeps all others that it holds.
  - The daemon is asked whether it takes the file before it is put in place, and is not restarted by this module.
extends_documentation_fragment:
  - homelab.media.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details: Shows the given settings alone; what else the file holds may be secret.
  idempotent:
    support: full
options:
  settings:
    description: Keys and values of C(daemon.json); dictionaries are merged, anything else is replaced.
    type: dict
    required: true
  path:
    description: The file.
    type: path
    default: /etc/docker/daemon.json
  daemon:
    description:
      - The daemon's program, by its name or its path, which is asked whether it takes the file.
      - Nobody is asked when it is not given, or not there.
    type: str
"""

EXAMPLES = r"""
- name: Keep less of the log
  homelab.media.media_daemon_settings:
    settings:
      log-opts:
        max-size: 10m
    daemon: dockerd
  register: settings
"""

RETURN = r"""
restart_needed:
  description: Whether the daemon runs with older settings than the file holds, or in check mode would hold.
  returned: success
  type: bool
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils import daemon_settings
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "settings": {"type": "dict", "required": True},
            "path": {"type": "path", "default": "/etc/docker/daemon.json"},
            "daemon": {"type": "str"},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        outcome = daemon_settings.ensure(
            params["settings"],
            path=params["path"],
            # A name is looked for: it was perhaps installed a moment ago, and each distribution has its own place.
            daemon=module.get_bin_path(params["daemon"]) if params["daemon"] else None,
            check=module.check_mode,
        )
    except MediaError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**outcome.result())


if __name__ == "__main__":
    main()
