# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: stack_problems
short_description: List what is wrong with your own secrets and networks
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Looks at the role's variables and lists everything that cannot work. Never repeats a secret.
positional: _input
options:
  _input:
    description: The variables of the stack role, and those of the stack that it needs, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
problems: "{{ __stack_settings | homelab.media.stack_problems }}"
"""

RETURN = r"""
_value:
  description: Every problem, as C(variable), C(reason) and C(expected).
  type: list
  elements: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import own_services


def stack_problems(settings: Mapping[str, Any]) -> list[dict[str, str]]:
    """List what is wrong with the variables of the stack role."""
    if not isinstance(settings, Mapping):
        reason = f"stack_problems takes the variables of the stack role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    return [vars(problem) for problem in own_services.problems(settings)]


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"stack_problems": stack_problems}
