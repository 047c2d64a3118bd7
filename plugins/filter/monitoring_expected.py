# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: monitoring_expected
short_description: List what the monitoring has to see
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns the option C(expected) of M(homelab.media.monitoring) and M(homelab.media.monitoring_info).
positional: _input, settings
options:
  _input:
    description: The fact media_plan, which the check phase leaves.
    type: dict
    required: true
  settings:
    description: The variables of the monitoring role, and those of the stack that it needs, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
expected: "{{ media_plan | homelab.media.monitoring_expected(__monitoring_settings) }}"
"""

RETURN = r"""
_value:
  description: The option.
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import monitoring_scrapes


def monitoring_expected(plan: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """List what the monitoring has to see."""
    if not isinstance(settings, Mapping):
        reason = f"monitoring_expected takes the variables of the monitoring role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    return monitoring_scrapes.expected(settings, plan)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"monitoring_expected": monitoring_expected}
