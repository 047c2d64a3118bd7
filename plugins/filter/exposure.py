# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: exposure
short_description: Tell who may be reached from where
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns which ports of the host were declared, and which services may reach each other.
options:
  _input:
    description: The plan of a run, C(media_plan). Its C(services) and C(networks) are looked at.
    type: dict
    required: true
"""

EXAMPLES = r"""
declared: "{{ media_plan | homelab.media.exposure }}"
"""

RETURN = r"""
_value:
  description: What M(homelab.media.exposure_info) takes as its O(homelab.media.exposure_info#module:declared).
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils.exposure import expected


def exposure(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Tell who may be reached from where."""
    if not isinstance(plan, Mapping) or not {"services", "networks"} <= set(plan):
        raise AnsibleFilterError(f"exposure takes media_plan, not a {type(plan).__name__} without its services")
    return expected(plan["services"], plan["networks"])


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"exposure": exposure}
