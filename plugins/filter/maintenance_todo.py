# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: maintenance_todo
short_description: List what the maintenance role leaves for a person to do
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - New images that nobody is told of.
options:
  _input:
    description: The variables of the maintenance role, and the shared ones that they go with, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
todo: "{{ __maintenance_settings | homelab.media.maintenance_todo }}"
"""

RETURN = r"""
_value:
  description: What is left to do, each with the service that it is about.
  type: list
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import watchtower


def maintenance_todo(settings: Mapping[str, Any]) -> list[dict[str, str]]:
    """List what the maintenance role leaves for a person to do."""
    if not isinstance(settings, Mapping):
        reason = f"maintenance_todo takes the variables of the maintenance role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    return watchtower.todo(settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"maintenance_todo": maintenance_todo}
