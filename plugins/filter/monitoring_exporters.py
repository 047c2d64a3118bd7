# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: monitoring_exporters
short_description: List the exporters that tell the numbers of services that tell none
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns a Compose service as a template for each kind. One is made for each service that asks for the kind.
options:
  _input:
    description: The variables of the monitoring role, and those of the stack that it needs, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
value: "{{ __monitoring_settings | homelab.media.monitoring_exporters }}"
"""

RETURN = r"""
_value:
  description: The templates by kind.
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import monitoring_exporters as exporters


def monitoring_exporters(settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """List the exporters that tell the numbers of services that tell none."""
    if not isinstance(settings, Mapping):
        reason = f"monitoring_exporters takes the variables of the monitoring role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    return exporters.exporters(settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"monitoring_exporters": monitoring_exporters}
