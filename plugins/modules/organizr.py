#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: organizr
short_description: Keep the tabs and settings of Organizr
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Sets Organizr up where nobody has done so yet, without a browser, and keeps its categories, tabs and settings as
    they are declared. Only what differs is written.
  - An entry that a run has made is found again by its number, whatever it is called by now, and any other by its name.
    Entries that a run has made and that are declared no more are removed. Others stay.
  - In check mode an Organizr that does not run is taken to have what it had last.
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
  url:
    description: Where Organizr is reached from the host.
    type: str
    default: http://127.0.0.1:8380
  username:
    description: The name of the administrator. It counts when Organizr is set up.
    type: str
    required: true
  email:
    description: The address of the administrator. It counts when Organizr is set up.
    type: str
    required: true
  password_file:
    description: The file with the password of the administrator. It counts when Organizr is set up.
    type: path
    required: true
  api_key_file:
    description: The file with Organizr's API key, of exactly 20 characters.
    type: path
    required: true
  hash_key_file:
    description: The file with the key that Organizr seals its own secrets with. It counts when Organizr is set up.
    type: path
    required: true
  registration_password_file:
    description: The file with the password that a registration asks for. It counts when Organizr is set up.
    type: path
    required: true
  config_file:
    description: Organizr's C(config.php), as this host sees it. Where it is there, Organizr is never set up again.
    type: path
    required: true
  ledger:
    description:
      - A file of root's with what was made. Beside it (C(.seen.json)) is what Organizr had last, without secrets, for a
        check mode in which it does not run.
    type: path
    required: true
  categories:
    description: The categories of the tabs, in their order.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The name, 50 bytes at most.
        type: str
        required: true
      image:
        description: The icon, as Organizr names it.
        type: str
        default: fontawesome::folder-open
  tabs:
    description: The tabs, in their order.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The name, 50 bytes at most.
        type: str
        required: true
      category:
        description: The name of one of O(categories).
        type: str
        required: true
      url:
        description: The address that it opens.
        type: str
        required: true
      image:
        description: The icon, as Organizr names it.
        type: str
        default: fontawesome::globe
      type:
        description: How it opens. V(1) is a frame, V(2) a new window.
        type: int
        choices: [1, 2]
        default: 2
      group:
        description: The number of the group that may see it. Those with a lower number may, too.
        type: int
        choices: [0, 1, 2, 3, 4, 999]
        default: 4
  config:
    description: Settings by Organizr's own names. None that holds a secret.
    type: dict
    default: {}
  timeout:
    description: Seconds to wait for Organizr, which fetches itself when it starts for the first time.
    type: float
    default: 600
"""

EXAMPLES = r"""
- name: Keep a tab
  homelab.media.organizr:
    username: anna
    email: anna@example.org
    password_file: /opt/media/secrets/organizr_admin_password
    api_key_file: /opt/media/secrets/organizr_api_key
    hash_key_file: /opt/media/secrets/organizr_hash_key
    registration_password_file: /opt/media/secrets/organizr_registration_password
    config_file: /opt/media/state/organizr/www/organizr/data/config/config.php
    ledger: /opt/media/organizr.json
    categories:
      - name: Library
    tabs:
      - name: Sonarr
        category: Library
        url: https://sonarr.example.org/
        image: plugins/images/tabs/sonarr.png
        type: 1
    config:
      title: Home
"""

RETURN = r"""
reachable:
  description: Whether Organizr answered. Only in check mode can it be false.
  returned: success
  type: bool
version:
  description: Organizr's version, empty if it did not answer.
  returned: success
  type: str
tabs:
  description: The names of all tabs that it has, those of other hands too.
  returned: success
  type: list
  elements: str
  sample: [Settings, Sonarr]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils.parts import organizr


def main() -> None:
    organizr.run(AnsibleModule(**organizr.SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()
