# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: grafana_dashboard
short_description: Render one of Grafana's dashboards
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Renders the dashboard for what there is on the host. A panel is there only if what it shows is there.
  - The text is empty for a dashboard that would show nothing, and a file with such a text is none.
positional: _input, settings, name
options:
  _input:
    description: The fact media_plan, which the check phase leaves.
    type: dict
    required: true
  settings:
    description: The variables of the monitoring role, and those of the stack that it needs, under their own names.
    type: dict
    required: true
  name:
    description: Which of the dashboards.
    type: str
    choices: [overview, host, tunnel, pipeline, playback, door, containers, converge]
    required: true
"""

EXAMPLES = r"""
content: "{{ media_plan | homelab.media.grafana_dashboard(__monitoring_settings, 'tunnel') }}"
"""

RETURN = r"""
_value:
  description: The dashboard as JSON text.
  type: str
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import grafana_dashboards


def grafana_dashboard(plan: Mapping[str, Any], settings: Mapping[str, Any], name: str) -> str:
    """Render one of Grafana's dashboards."""
    if not isinstance(settings, Mapping):
        reason = f"grafana_dashboard takes the variables of the monitoring role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    if name not in grafana_dashboards.NAMES:
        reason = f"grafana_dashboard knows no dashboard {name!r}, only {', '.join(grafana_dashboards.NAMES)}"
        raise AnsibleFilterError(reason)
    return grafana_dashboards.text(plan, settings, name)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"grafana_dashboard": grafana_dashboard}
