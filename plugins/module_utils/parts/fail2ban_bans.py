# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What module fail2ban_bans does."""

from __future__ import annotations

from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import fail2ban_bans
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError
from ansible_collections.homelab.media.plugins.module_utils.part import Caller

SPEC: dict[str, Any] = {
    "argument_spec": {
        "project": {"type": "str", "default": "media"},
        "service": {"type": "str", "default": "fail2ban"},
        "address": {"type": "str", "default": ""},
        "jail": {"type": "str", "default": ""},
        "jails": {"type": "dict", "default": {}},
        "wait": {"type": "float", "default": 0},
        "timeout": {"type": "float", "default": 30},
    },
}


def run(module: Caller) -> None:
    params = module.params
    target = fail2ban_bans.Target(params["project"], params["service"], params["timeout"], params["wait"])
    try:
        outcome = fail2ban_bans.ensure(target, params["address"], params["jail"], params["jails"], module.check_mode)
    except MediaError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**outcome.result())
