# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What module tautulli_info does."""

from __future__ import annotations

from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import secret_files, tautulli_api
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError
from ansible_collections.homelab.media.plugins.module_utils.part import Caller

SPEC: dict[str, Any] = {
    "argument_spec": {
        "url": {"type": "str", "default": "http://127.0.0.1:8181"},
        "api_key_file": {"type": "path", "required": True, "no_log": False},
        "connected": {"type": "bool", "default": False},
        "timeout": {"type": "float", "default": 10},
    },
}


def run(module: Caller) -> None:
    params = module.params
    try:
        key = secret_files.read_secrets({"api_key_file": params["api_key_file"]}, False)["api_key_file"]
        client = tautulli_api.Client(params["url"], key)
        found = tautulli_api.look(client, connected=params["connected"], seconds=params["timeout"])
    except MediaError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **found)
