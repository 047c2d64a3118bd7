# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: blackbox_config
short_description: Write the blackbox exporter's configuration
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Writes what each published name is asked, and which answers are right.
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
content: "{{ media_plan | homelab.media.blackbox_config(__monitoring_settings) }}"
"""

RETURN = r"""
_value:
  description: The text.
  type: str
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import monitoring_pages
from ansible_collections.homelab.media.plugins.plugin_utils import yaml_text


def blackbox_config(plan: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """Write the blackbox exporter's configuration."""
    if not isinstance(settings, Mapping):
        reason = f"blackbox_config takes the variables of the monitoring role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    return yaml_text.text(monitoring_pages.configuration(settings, plan))


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"blackbox_config": blackbox_config}
