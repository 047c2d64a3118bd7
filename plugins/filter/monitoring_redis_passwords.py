# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: monitoring_redis_passwords
short_description: List the passwords of every Redis for its exporter
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns the content of the exporters' file of passwords, with a token in the place of each.
options:
  _input:
    description: The services of the fact media_plan.
    type: dict
    required: true
"""

EXAMPLES = r"""
content: "{{ media_plan.services | homelab.media.monitoring_redis_passwords | to_json }}"
"""

RETURN = r"""
_value:
  description: A token for the password, by the address of each Redis. Empty where no exporter asks one.
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import monitoring_exporters


def monitoring_redis_passwords(services: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """List the passwords of every Redis for its exporter."""
    if not isinstance(services, Mapping):
        raise AnsibleFilterError(f"monitoring_redis_passwords takes services, not a {type(services).__name__}")
    return monitoring_exporters.redis_passwords(services)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"monitoring_redis_passwords": monitoring_redis_passwords}
