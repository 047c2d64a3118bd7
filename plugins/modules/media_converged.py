#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: media_converged
short_description: Remember that a run of the whole host has come to its end
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Writes C(converge.json) below the stack's root, for whoever watches the host. That a run has begun is remembered by
    M(homelab.media.media_render); a record without an end is of a run that was cut.
  - The action plugin of the same name counts O(changed) from the results of a run's tasks. A task gives O(root) alone.
  - It is about the run and not about the host, so it never reports a change. In check mode it writes nothing.
extends_documentation_fragment:
  - homelab.media.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details: It changes nothing that a run makes so.
  idempotent:
    support: full
options:
  root:
    description: The stack's root.
    type: path
    required: true
  changed:
    description: How many items the run has changed.
    type: int
    default: 0
  failed:
    description: Whether the run has failed.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Remember this run
  homelab.media.media_converged:
    root: "{{ media_root }}"
"""

RETURN = r"""
record:
  description: What the host remembers, with times in seconds since 1970.
  returned: when it is not in check mode
  type: dict
  sample: {started: 1790000000, finished: 1790000042, changed: 3, changing_runs: 1, failed: false}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils import run_record


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "root": {"type": "path", "required": True},
            "changed": {"type": "int", "default": 0},
            "failed": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    if module.check_mode:
        module.exit_json(changed=False)
    try:
        record = run_record.end(module.params["root"], module.params["changed"], failed=module.params["failed"])
    except OSError as error:
        module.fail_json(msg=f"{module.params['root']}: the run cannot be remembered ({error})")
    module.exit_json(changed=False, record=record)


if __name__ == "__main__":
    main()
