#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: media_converged
short_description: Remember that a run has come to its end, and let the host go
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Writes C(converge.json) below the stack's root, for whoever watches the host. That a run has begun is remembered by
    M(homelab.media.media_render); a record without an end is of a run that was cut.
  - The action plugin of the same name counts O(changed) from the results of a run's tasks. A task gives O(root) alone.
  - With O(lock) it lets the host go, for the next run.
  - It is about the run and not about the host, so it never reports a change. In check mode it writes nothing.
extends_documentation_fragment:
  - homelab.media.attributes
  - homelab.media.lock
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
    description: The stack's root. Without it nothing is remembered.
    type: path
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
  returned: when the run is remembered
  type: dict
  sample: {started: 1790000000, finished: 1790000042, changed: 3, changing_runs: 1, failed: false}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils import run_lock, run_record


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "root": {"type": "path"},
            "changed": {"type": "int", "default": 0},
            "failed": {"type": "bool", "default": False},
            "lock": run_lock.OPTION,
        },
        supports_check_mode=True,
    )
    if module.check_mode:
        module.exit_json(changed=False)
    params = module.params
    result = {}
    try:
        if params["root"]:
            result["record"] = run_record.end(params["root"], params["changed"], failed=params["failed"])
    except OSError as error:
        module.fail_json(msg=f"{params['root']}: the run cannot be remembered ({error})")
    finally:
        if params["lock"]:
            run_lock.give_back(params["lock"]["file"], params["lock"]["token"])
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
