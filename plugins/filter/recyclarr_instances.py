# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: recyclarr_instances
short_description: List what Recyclarr keeps in which application
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Lays what an instance says of the guide over the role's defaults for its kind. Holds no secret.
positional: _input, settings
options:
  _input:
    description: The fact media_plan.apis, which the check phase leaves.
    type: dict
    required: true
  settings:
    description: The variables of the maintenance role, and media_umask, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
instances: "{{ media_plan.apis | homelab.media.recyclarr_instances(__maintenance_settings) }}"
"""

RETURN = r"""
_value:
  description: By kind and service, its address, key, database and what is wanted of the guide.
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import recyclarr


def recyclarr_instances(apis: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """List what Recyclarr keeps in which application."""
    if not isinstance(settings, Mapping):
        reason = f"recyclarr_instances takes the variables of the maintenance role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    return recyclarr.instances(apis, settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"recyclarr_instances": recyclarr_instances}
