# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What module authelia_users does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.homelab.media.plugins.module_utils import authelia_users
from ansible_collections.homelab.media.plugins.module_utils.authelia_ledger import Ledger
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError
from ansible_collections.homelab.media.plugins.module_utils.part import Caller
from ansible_collections.homelab.media.plugins.module_utils.secret_files import read_secrets

USER = {
    "name": {"type": "str", "required": True},
    "displayname": {"type": "str", "required": True},
    "email": {"type": "str", "required": True},
    "groups": {"type": "list", "elements": "str", "default": []},
    "disabled": {"type": "bool", "default": False},
    "password": {"type": "str", "required": True, "no_log": True},
}


SPEC: dict[str, Any] = {
    "argument_spec": {
        "path": {"type": "path", "required": True},
        "users": {"type": "list", "elements": "dict", "required": True, "options": USER},
        "ledger": {"type": "path", "required": True},
        "ledger_key_file": {"type": "path", "required": True, "no_log": False},
    },
}


def run(module: Caller) -> None:
    params, check = module.params, module.check_mode
    # Before its packages are installed, a host has no file that would have to be read.
    if authelia_users.yaml is None and not (check and not Path(params["path"]).exists()):
        module.fail_json(msg=missing_required_lib("PyYAML"))
    users = [authelia_users.User(**{**user, "groups": tuple(user["groups"])}) for user in params["users"]]
    try:
        key = read_secrets({"ledger_key_file": params["ledger_key_file"]}, check)["ledger_key_file"]
        ledger = Ledger(params["ledger"], key.encode("utf-8", "surrogateescape"))
        outcome = authelia_users.ensure(params["path"], users, ledger, check=check)
    except MediaError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**outcome.result())
