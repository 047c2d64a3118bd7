# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What module organizr does."""

from __future__ import annotations

from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import organizr_declared, organizr_server
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError
from ansible_collections.homelab.media.plugins.module_utils.part import Caller

FILE: dict[str, Any] = {"type": "path", "required": True, "no_log": False}
CATEGORY: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "image": {"type": "str", "default": "fontawesome::folder-open"},
}
TAB: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "category": {"type": "str", "required": True},
    "url": {"type": "str", "required": True},
    "image": {"type": "str", "default": "fontawesome::globe"},
    "type": {"type": "int", "choices": [1, 2], "default": 2},
    "group": {"type": "int", "choices": [0, 1, 2, 3, 4, 999], "default": 4},
}


SPEC: dict[str, Any] = {
    "argument_spec": {
        "url": {"type": "str", "default": "http://127.0.0.1:8380"},
        "username": {"type": "str", "required": True},
        "email": {"type": "str", "required": True},
        "password_file": FILE,
        "api_key_file": FILE,
        "hash_key_file": FILE,
        "registration_password_file": FILE,
        "config_file": {"type": "path", "required": True},
        "ledger": {"type": "path", "required": True},
        "categories": {"type": "list", "elements": "dict", "default": [], "options": CATEGORY},
        "tabs": {"type": "list", "elements": "dict", "default": [], "options": TAB},
        "config": {"type": "dict", "default": {}},
        "timeout": {"type": "float", "default": 600},
    },
}


def run(module: Caller) -> None:
    try:
        target, wanted, ledger = organizr_declared.read(module.params, module.check_mode)
        outcome = organizr_server.ensure(target, wanted, ledger, module.check_mode)
    except MediaError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**outcome.result())
