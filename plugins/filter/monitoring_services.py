# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: monitoring_services
short_description: List Prometheus and those who tell it of the host, the containers and the pages
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns them as Compose services with C(x-media).
options:
  _input:
    description: The variables of the monitoring role, and those of the stack that it needs, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
value: "{{ __monitoring_settings | homelab.media.monitoring_services }}"
"""

RETURN = r"""
_value:
  description: The services by name.
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import monitoring


def monitoring_services(settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """List Prometheus and those who tell it of the host, the containers and the pages."""
    if not isinstance(settings, Mapping):
        reason = f"monitoring_services takes the variables of the monitoring role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    return monitoring.services(settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"monitoring_services": monitoring_services}
