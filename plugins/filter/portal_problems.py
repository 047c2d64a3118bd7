# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: portal_problems
short_description: List what is wrong with the variables of the portal role
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Looks at the role's variables and lists everything that cannot work. Never repeats a secret.
positional: _input
options:
  _input:
    description: The variables of the portal role, and those of the stack that it needs, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
problems: "{{ __portal_settings | homelab.media.portal_problems }}"
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
from ansible_collections.homelab.media.plugins.module_utils import portal_checks


def portal_problems(settings: Mapping[str, Any]) -> list[dict[str, str]]:
    """List what is wrong with the variables of the portal role."""
    if not isinstance(settings, Mapping):
        reason = f"portal_problems takes the variables of the portal role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    return [vars(problem) for problem in portal_checks.problems(settings)]


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"portal_problems": portal_problems}
