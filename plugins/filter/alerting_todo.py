# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: alerting_todo
short_description: List what is left for a person to do about alerts
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Tells when nobody would be told of an alert.
options:
  _input:
    description: The variables of the monitoring role, and those of the stack that it needs, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
todo: "{{ __monitoring_settings | homelab.media.alerting_todo }}"
"""

RETURN = r"""
_value:
  description: The service and the text of each.
  type: list
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import alerting


def alerting_todo(settings: Mapping[str, Any]) -> list[dict[str, str]]:
    """List what is left for a person to do about alerts."""
    if not isinstance(settings, Mapping):
        reason = f"alerting_todo takes the variables of the monitoring role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    return alerting.todo(settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"alerting_todo": alerting_todo}
