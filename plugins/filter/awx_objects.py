# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: awx_objects
short_description: Work out what AWX shall have of this project
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Lays a person's job templates and schedules over the collection's, and fills in what was not said.
positional: templates, schedules
options:
  _input:
    description: The variables of the role awx, under their own names.
    type: dict
    required: true
  templates:
    description: The job templates that awx_templates is laid over.
    type: dict
    required: true
  schedules:
    description: The schedules that awx_schedules is laid over.
    type: dict
    required: true
"""

declaredS = r"""
declared: "{{ __awx_settings | homelab.media.awx_objects(__awx_templates, __awx_schedules) }}"
"""

RETURN = r"""
_value:
  description: Job templates and schedules as the modules of awx.awx take them, and names of credentials.
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import awx


def awx_objects(
    settings: Mapping[str, Any], templates: Mapping[str, Any], schedules: Mapping[str, Any]
) -> dict[str, Any]:
    """Work out what AWX shall have of this project."""
    if not isinstance(settings, Mapping):
        raise AnsibleFilterError(f"awx_objects takes the variables of the role awx, not a {type(settings).__name__}")
    return awx.objects(settings, templates, schedules)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"awx_objects": awx_objects}
