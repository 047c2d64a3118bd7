# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What module nzbget_config does."""

from __future__ import annotations

from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import nzbget_config, nzbget_names, secret_files
from ansible_collections.homelab.media.plugins.module_utils.nzbget import text
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Outcome, Problem
from ansible_collections.homelab.media.plugins.module_utils.part import Caller

SPEC: dict[str, Any] = {
    "argument_spec": {
        "url": {"type": "str", "default": "http://127.0.0.1:6789"},
        "username": {"type": "str", "default": "nzbget"},
        "password": {"type": "str", "no_log": True},
        "password_file": {"type": "path", "no_log": False},
        "config_file": {"type": "path"},
        "options": {"type": "dict", "default": {}},
        "secret_options": {"type": "dict", "default": {}, "no_log": False},
        "timeout": {"type": "float", "default": 60},
    },
    "required_one_of": [("password", "password_file")],
    "mutually_exclusive": [("password", "password_file")],
}


def run(module: Caller) -> None:
    try:
        outcome = converge(module.params, module.check_mode)
    except MediaError as error:
        module.fail_json(msg=str(error))
    for line in outcome.facts["config_errors"]:
        module.warn(f"NZBGet paused every download, because it cannot read its configuration: {line}")
    for name in outcome.facts["not_in_force"]:
        module.warn(
            f"NZBGet runs with another {name} than its file has: its command line or NZBGET_USER and NZBGET_PASS"
        )
    module.exit_json(**outcome.result())


def converge(params: dict[str, Any], check: bool) -> Outcome:
    """Read the secrets and bring NZBGet to its options."""
    exposed = [name for name, value in params["options"].items() if nzbget_names.is_secret(name) and text(value)]
    if exposed:
        expected = "the path of a file that holds it, in secret_options"
        raise MediaError(Problem(f"options.{name}", "is a secret", expected) for name in exposed)
    password = params["password"]
    if params["password_file"]:
        password = secret_files.read_secrets({"password_file": params["password_file"]}, check)["password_file"]
    target = nzbget_config.Target(
        url=params["url"],
        username=params["username"],
        password=password,
        config_file=params["config_file"] or "",
        timeout=params["timeout"],
    )
    plain = {name: None if value is None else text(value) for name, value in params["options"].items()}
    return nzbget_config.ensure(target, {**plain, **secret_files.read_secrets(params["secret_options"], check)}, check)
