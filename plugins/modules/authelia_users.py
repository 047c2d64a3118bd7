#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: authelia_users
short_description: Keep the declared users in Authelia's own file
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Compares C(users_database.yml) with the declared users, user by user, and writes it only if something differs.
    Authelia watches the file.
  - Name, address, groups and whether a user is disabled are always as declared. A password is set for a new user, and
    when another one was declared since the last run; one that a person has changed in Authelia stays.
  - Users that a run has made and that are no longer declared are removed. Users of other hands stay, and so do
    attributes that are not among the options.
requirements:
  - PyYAML on the host
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
  path:
    description: Authelia's file of users on the host. It keeps its owner and mode.
    type: path
    required: true
  users:
    description: The declared users.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The name to sign in with.
        type: str
        required: true
      displayname:
        description: The name that applications are told.
        type: str
        required: true
      email:
        description: The user's address.
        type: str
        required: true
      groups:
        description: The groups that the user is in.
        type: list
        elements: str
        default: []
      disabled:
        description: Whether the user cannot sign in.
        type: bool
        default: false
      password:
        description:
          - The hash of the password, such as filter P(homelab.media.authelia_hashed_users#filter) makes it.
          - It has to be the same for the same password, or every run would set it.
        type: str
        required: true
  ledger:
    description: The file on the host that tells which users a run has made, and, sealed, which password each was given.
    type: path
    required: true
  ledger_key_file:
    description: The file on the host with the key that the ledger is sealed with.
    type: path
    required: true
"""

EXAMPLES = r"""
- name: Keep the users
  homelab.media.authelia_users:
    path: /opt/media/state/authelia/users_database.yml
    users: "{{ authelia_users | homelab.media.authelia_hashed_users('media.example.org') }}"
    ledger: /opt/media/authelia-users.json
    ledger_key_file: /opt/media/secrets/stack_digest_key
"""

RETURN = r"""
users:
  description: The users that are in the file, those of other hands too.
  returned: success
  type: list
  elements: str
  sample: [anna]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils.parts import authelia_users


def main() -> None:
    authelia_users.run(AnsibleModule(**authelia_users.SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()
