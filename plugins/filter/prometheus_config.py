# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: prometheus_config
short_description: Write Prometheus's configuration
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Writes the text of prometheus.yml from the targets and pages of the plan. Tokens stand for the secrets in it.
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
content: "{{ media_plan | homelab.media.prometheus_config(__monitoring_settings) }}"
"""

RETURN = r"""
_value:
  description: The text.
  type: str
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import monitoring_scrapes
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError
from ansible_collections.homelab.media.plugins.plugin_utils import yaml_text


def prometheus_config(plan: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """Write Prometheus's configuration."""
    if not isinstance(settings, Mapping):
        reason = f"prometheus_config takes the variables of the monitoring role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    try:
        return yaml_text.text(monitoring_scrapes.configuration(settings, plan))
    except MediaError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"prometheus_config": prometheus_config}
