# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: alert_rules
short_description: Build the alerts that Prometheus watches for
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Builds a file of rules. An alert is in it when what it is about is on the host.
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
content: "{{ media_plan | homelab.media.alert_rules(__monitoring_settings) }}"
"""

RETURN = r"""
_value:
  description: The text of the file; empty where no alert is on.
  type: str
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import alert_rules as rules


def alert_rules(plan: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """Build the alerts that Prometheus watches for."""
    if not isinstance(settings, Mapping):
        reason = f"alert_rules takes the variables of the monitoring role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    return rules.text(plan, settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"alert_rules": alert_rules}
