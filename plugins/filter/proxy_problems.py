# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: proxy_problems
short_description: List what is wrong with the variables of the proxy role
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns every value that cannot work or was never filled in, with a right value. Repeats no secret.
options:
  _input:
    description: The variables of the proxy role, and those of the stack that it needs, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
value: "{{ __proxy_settings | homelab.media.proxy_problems }}"
"""

RETURN = r"""
_value:
  description: The problems, each with its variable, reason and expected value.
  type: list
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import proxy_checks


def proxy_problems(settings: Mapping[str, Any]) -> list[dict[str, str]]:
    """List what is wrong with the variables of the proxy role."""
    if not isinstance(settings, Mapping):
        raise AnsibleFilterError(
            f"proxy_problems takes the variables of the proxy role, not a {type(settings).__name__}"
        )
    return [vars(problem) for problem in proxy_checks.problems(settings)]


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"proxy_problems": proxy_problems}
