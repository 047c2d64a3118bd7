# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: collector_config
short_description: Write what the collector on the host asks for
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns the text of the collector's configuration. What is off is not in it, and neither is any secret.
positional: _input, settings
options:
  _input:
    description: The plan of a run, C(media_plan). Its C(services) and C(apis) are looked at.
    type: dict
    required: true
  settings:
    description: The shared variables C(media_root), C(media_data), C(media_project) and C(media_backups).
    type: dict
    required: true
"""

EXAMPLES = r"""
content: "{{ media_plan | homelab.media.collector_config(__host_settings) }}"
"""

RETURN = r"""
_value:
  description: The configuration, as JSON.
  type: str
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import collector


def collector_config(plan: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """Write what the collector on the host asks for."""
    if not isinstance(plan, Mapping) or not {"services", "apis"} <= set(plan):
        raise AnsibleFilterError(f"collector_config takes media_plan, not a {type(plan).__name__} without its services")
    if not isinstance(settings, Mapping):
        reason = f"collector_config takes the variables of the host role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    return collector.text(plan, settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"collector_config": collector_config}
