# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What module media_converged does."""

from __future__ import annotations

from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import run_lock, run_record
from ansible_collections.homelab.media.plugins.module_utils.part import Caller

SPEC: dict[str, Any] = {
    "argument_spec": {
        "root": {"type": "path"},
        "changed": {"type": "int", "default": 0},
        "failed": {"type": "bool", "default": False},
        "lock": run_lock.OPTION,
    },
}


def run(module: Caller) -> None:
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
