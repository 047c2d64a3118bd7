#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: media_secrets
short_description: Keep named secrets as files that only root can read
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Generates each secret once, on the host, and keeps it from then on. A given value always wins.
  - Each is a file without a line end in a directory that only root can enter, written whole or not at all.
  - No secret is in a result, a diff, a log or a process list.
  - Secrets that are not listed stay; nothing is ever deleted.
extends_documentation_fragment:
  - homelab.media.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details: Tells that a secret was generated or replaced, and never what it is.
  idempotent:
    support: full
options:
  path:
    description: The directory of the secrets.
    type: str
    default: /opt/media/secrets
  secrets:
    description: The secrets.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the secret and of its file.
        type: str
        required: true
      kind:
        description:
          - How it is generated. V(hex) has O(secrets[].length) hexadecimal characters, V(alnum) as many letters and
            digits, V(base64) encodes as many random bytes, V(uuid) is a random UUID.
          - V(given) is never generated. It needs a O(secrets[].value), or its file there already.
        type: str
        choices: [hex, alnum, base64, uuid, given]
        required: true
      length:
        description:
          - How long a generated secret is, V(32) if not set.
          - A secret that exists is kept, whatever its length.
        type: int
      value:
        description: The secret itself, from a vault. Line ends at its end are left out.
        type: str
      owner:
        description: Number of the user that owns the file.
        type: int
        default: 0
      group:
        description: Number of the group that owns the file.
        type: int
        default: 0
      mode:
        description:
          - Mode of the file, octal and in quotes.
          - Only a group may be let in beside the owner, and only to read.
        type: raw
        default: "0600"
"""

EXAMPLES = r"""
- name: Generate an API key, and keep the password that a person chose
  homelab.media.media_secrets:
    path: /opt/media/secrets
    secrets:
      - name: sonarr_api_key
        kind: hex
      - name: nzbget_password
        kind: alnum
        value: "{{ vault_nzbget_password }}"
"""

RETURN = r"""
secrets:
  description: The file of each secret.
  returned: success
  type: dict
  sample:
    sonarr_api_key: /opt/media/secrets/sonarr_api_key
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError
from ansible_collections.homelab.media.plugins.module_utils.secret_store import KINDS, Secret, ensure

SECRET = {
    "name": {"type": "str", "required": True},
    "kind": {"type": "str", "required": True, "choices": list(KINDS)},
    "length": {"type": "int"},
    "value": {"type": "str", "no_log": True},
    "owner": {"type": "int", "default": 0},
    "group": {"type": "int", "default": 0},
    "mode": {"type": "raw", "default": "0600"},
}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "str", "default": "/opt/media/secrets"},
            # The list itself is no secret; only "value" in it is.
            "secrets": {"type": "list", "elements": "dict", "required": True, "no_log": False, "options": SECRET},
        },
        supports_check_mode=True,
    )
    wanted = {}
    for secret in module.params["secrets"]:
        name = secret.pop("name")
        if name in wanted:
            module.fail_json(msg=f"secrets: {name!r} is there more than once. Expected: each name once.")
        wanted[name] = Secret(**secret)
    try:
        outcome = ensure(module.params["path"], wanted, check=module.check_mode)
    except (MediaError, OSError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(**outcome.result())


if __name__ == "__main__":
    main()
