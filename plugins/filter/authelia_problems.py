# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: authelia_problems
short_description: List what is wrong with the variables of the authelia role
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns every value that cannot work, with a right value. Never shows a password.
options:
  _input:
    description: The variables of the authelia role, and those of the stack that it needs, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
problems: "{{ __authelia_settings | homelab.media.authelia_problems }}"
"""

RETURN = r"""
_value:
  description: The problems, each with its variable, reason and expected value.
  type: list
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import authelia_checks
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem
from ansible_collections.homelab.media.plugins.plugin_utils import authelia_hashes


def authelia_problems(settings: Mapping[str, Any]) -> list[dict[str, str]]:
    """List what is wrong with the variables of the authelia role."""
    if not isinstance(settings, Mapping):
        reason = f"authelia_problems takes the variables of the authelia role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    found = authelia_checks.problems(settings)
    users = settings["authelia_users"]
    if not authelia_hashes.HAS_ARGON2 and isinstance(users, Mapping):
        found += [
            Problem(f"authelia_users.{name}.password", "cannot be hashed here", authelia_hashes.WANTING)
            for name, user in users.items()
            if isinstance(user, Mapping) and user.get("password")
        ]
    return [vars(problem) for problem in found]


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"authelia_problems": authelia_problems}
