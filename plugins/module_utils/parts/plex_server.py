# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What module plex_server does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import plex_claim, plex_server, secret_files
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Outcome
from ansible_collections.homelab.media.plugins.module_utils.part import Caller
from ansible_collections.homelab.media.plugins.module_utils.plex_libraries import KINDS, Library

LIBRARY: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "type": {"type": "str", "required": True, "choices": list(KINDS)},
    "locations": {"type": "list", "elements": "str", "default": []},
    "agent": {"type": "str"},
    "scanner": {"type": "str"},
    "language": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


SPEC: dict[str, Any] = {
    "argument_spec": {
        "url": {"type": "str", "default": "http://127.0.0.1:32400"},
        "token_file": {"type": "path", "no_log": False},
        "config_file": {"type": "path"},
        "plex_tv": {"type": "str", "default": plex_claim.PLEX_TV},
        "preferences": {"type": "dict", "default": {}},
        "preferences_if_known": {"type": "dict", "default": {}},
        "libraries": {"type": "list", "elements": "dict", "default": [], "options": LIBRARY},
        "timeout": {"type": "float", "default": 60},
    },
}


def run(module: Caller) -> None:
    try:
        outcome = converge(module.params, module.check_mode)
    except MediaError as error:
        module.fail_json(msg=str(error))
    for name in outcome.facts["doubles"]:
        module.warn(
            f"Plex has more than one library of the type and folders of {name!r}; remove what is too much there"
        )
    module.exit_json(**outcome.result())


def converge(params: dict[str, Any], check: bool) -> Outcome:
    """Read the token and bring Plex to what is wanted."""
    target = plex_server.Target(
        url=params["url"],
        token=token(params["token_file"], check),
        owned=bool(params["token_file"]),
        config_file=params["config_file"] or "",
        plex_tv=params["plex_tv"],
        timeout=params["timeout"],
    )
    wanted = plex_server.Wanted(
        preferences=params["preferences"],
        if_known=params["preferences_if_known"],
        libraries=[_library(entry) for entry in params["libraries"]],
    )
    return plex_server.ensure(target, wanted, check)


def token(file: str | None, check: bool) -> str:
    """Return the token in the file; nothing in check mode while there is no such file."""
    if not file or (check and not Path(file).exists()):
        return ""
    return secret_files.read_secrets({"token_file": file}, check)["token_file"]


def _library(entry: dict[str, Any]) -> Library:
    return Library(
        name=entry["name"],
        type=entry["type"],
        locations=tuple(entry["locations"]),
        agent=entry["agent"] or "",
        scanner=entry["scanner"] or "",
        language=entry["language"] or "",
        absent=entry["state"] == "absent",
    )
