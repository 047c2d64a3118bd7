# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What module recyclarr_sync does."""

from __future__ import annotations

from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import recyclarr_sync
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError
from ansible_collections.homelab.media.plugins.module_utils.part import Caller

SPEC: dict[str, Any] = {
    "argument_spec": {
        "folder": {"type": "path", "required": True},
        "service": {"type": "str", "default": "recyclarr"},
        "state": {"type": "path", "required": True},
        "instances": {"type": "dict", "required": True},
        "databases": {"type": "dict", "default": {}},
        "secret_files": {"type": "list", "elements": "path", "default": [], "no_log": False},
        "timeout": {"type": "float", "default": 300},
    },
}


def run(module: Caller) -> None:
    params = module.params
    target = recyclarr_sync.Target(
        folder=params["folder"],
        service=params["service"],
        state=params["state"],
        timeout=params["timeout"],
        databases=params["databases"],
        secrets=tuple(params["secret_files"]),
    )
    try:
        outcome = recyclarr_sync.ensure(target, params["instances"], module.check_mode)
    except MediaError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**outcome.result())
