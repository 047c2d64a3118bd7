#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: recyclarr_sync
short_description: Let Recyclarr sync what it has not synced yet
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Recyclarr syncs by its own clock. This lets it sync at once, in its running container, each instance that was never
    synced, whose configuration has changed since or whose application has lost its database since, and no other.
  - If Recyclarr's newest log is of a sync that failed, as one by its own clock may have, all that were synced before it
    are synced again.
  - What was last synced is kept in C(synced.json) in the folder of Recyclarr's state. Remove that file, and everything
    is synced again.
  - An instance that cannot be synced does not keep the others from it.
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
  folder:
    description: The Compose project's folder on the host.
    type: path
    required: true
  service:
    description: Recyclarr's service in that project.
    type: str
    default: recyclarr
  state:
    description: The folder on the host that is Recyclarr's C(/config).
    type: path
    required: true
  instances:
    description: The configuration of each instance, by its name in Recyclarr's file and without secrets.
    type: dict
    required: true
  databases:
    description:
      - The file on the host, by instance, in which the application keeps what was synced.
      - With another file of that name than at the last sync, the instance is synced again.
    type: dict
    default: {}
  secret_files:
    description: Files on the host whose content is left out of whatever Recyclarr says.
    type: list
    elements: path
    default: []
  timeout:
    description: Seconds that the sync of one instance may take. The first one fetches the guide.
    type: float
    default: 300
"""

EXAMPLES = r"""
- name: Sync what was not synced yet
  homelab.media.recyclarr_sync:
    folder: /opt/media
    state: /opt/media/state/recyclarr
    instances:
      sonarr:
        base_url: http://sonarr:8989
        wanted:
          quality_definition: {type: series}
    databases:
      sonarr: /opt/media/state/sonarr/sonarr.db
    secret_files: [/opt/media/secrets/sonarr_api_key]
"""

RETURN = r"""
synced:
  description: The instances whose configuration is the one that was last synced.
  returned: success
  type: list
  elements: str
  sample: [sonarr]
due:
  description: The instances that are still to be synced. Only in check mode can there be any.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils.parts import recyclarr_sync


def main() -> None:
    recyclarr_sync.run(AnsibleModule(**recyclarr_sync.SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()
