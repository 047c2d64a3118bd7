#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: servarr_info
short_description: Read what Sonarr, Radarr, Lidarr, Readarr, Bookshelf and Prowlarr have
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Reads lists and settings of many applications at once. Secrets are masked, also those that an application shows.
extends_documentation_fragment:
  - homelab.media.attributes
  - homelab.media.attributes.info_module
options:
  applications:
    description: The applications to ask.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What messages and the results call it.
        type: str
        required: true
      kind:
        description: What it is. V(bookshelf) has Readarr's API.
        type: str
        choices: [sonarr, radarr, lidarr, readarr, bookshelf, prowlarr]
        required: true
      url:
        description: Its address as this host reaches it, with its URL base if it has one.
        type: str
        required: true
      api_key_file:
        description: The file on the host that holds its API key.
        type: path
        required: true
  gather:
    description:
      - What to read, as paths below the application's API, such as C(downloadclient), C(tag), C(config/host) or
        C(health).
    type: list
    elements: str
    default: [health]
  timeout:
    description: Seconds to wait for an application to answer.
    type: float
    default: 120
seealso:
  - module: homelab.media.servarr
"""

EXAMPLES = r"""
- name: Read Sonarr's download clients and tags
  homelab.media.servarr_info:
    applications:
      - name: sonarr
        kind: sonarr
        url: http://127.0.0.1:8989
        api_key_file: /opt/media/secrets/sonarr_api_key
    gather: [downloadclient, tag]
  register: found

- name: Show the names
  ansible.builtin.debug:
    msg: "{{ found.applications.sonarr.gathered.downloadclient | map(attribute='name') }}"
"""

RETURN = r"""
applications:
  description: What was read of each application, by its name.
  returned: always
  type: dict
  contains:
    version:
      description: Its version.
      type: str
    gathered:
      description: What it answered, for each part of O(gather).
      type: dict
  sample:
    sonarr:
      version: 4.0.19.2979
      gathered:
        tag:
          - id: 1
            label: 4k
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils import servarr_declared, servarr_kinds, servarr_read
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, describe

APPLICATION = {
    "name": {"type": "str", "required": True},
    "kind": {"type": "str", "required": True, "choices": list(servarr_kinds.KINDS)},
    "url": {"type": "str", "required": True},
    "api_key_file": {"type": "path", "required": True, "no_log": False},
}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "applications": {"type": "list", "elements": "dict", "required": True, "options": APPLICATION},
            "gather": {"type": "list", "elements": "str", "default": ["health"]},
            "timeout": {"type": "float", "default": 120},
        },
        supports_check_mode=True,
    )
    try:
        applications = servarr_declared.read_all(module.params["applications"], check=False)
    except MediaError as error:
        module.fail_json(msg=str(error), applications={})
    found, problems = servarr_read.gather(applications, module.params["gather"], module.params["timeout"])
    if problems:
        module.fail_json(msg=describe(problems), applications=found)
    module.exit_json(changed=False, applications=found)


if __name__ == "__main__":
    main()
