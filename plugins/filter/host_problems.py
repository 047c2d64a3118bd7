# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: host_problems
short_description: List what is wrong with the variables of the host role
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns every value that cannot work, with a right value.
options:
  _input:
    description: The variables of the host role, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
problems: "{{ __host_settings | homelab.media.host_problems }}"
"""

RETURN = r"""
_value:
  description: The problems, each with its variable, reason and expected value.
  type: list
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import collector


def host_problems(settings: Mapping[str, Any]) -> list[dict[str, str]]:
    """List what is wrong with the variables of the host role."""
    if not isinstance(settings, Mapping):
        reason = f"host_problems takes the variables of the host role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    return [vars(problem) for problem in collector.problems(settings)]


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"host_problems": host_problems}
