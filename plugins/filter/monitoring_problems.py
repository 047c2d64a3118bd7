# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: monitoring_problems
short_description: List what is wrong with the variables of Prometheus and its exporters
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns every value that cannot work, with a right value.
options:
  _input:
    description: The variables of the monitoring role, and those of the stack that it needs, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
value: "{{ __monitoring_settings | homelab.media.monitoring_problems }}"
"""

RETURN = r"""
_value:
  description: The problems, each with its variable, reason and expected value.
  type: list
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import monitoring_checks


def monitoring_problems(settings: Mapping[str, Any]) -> list[dict[str, str]]:
    """List what is wrong with the variables of Prometheus and its exporters."""
    if not isinstance(settings, Mapping):
        reason = f"monitoring_problems takes the variables of the monitoring role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    return [vars(problem) for problem in monitoring_checks.problems(settings)]


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"monitoring_problems": monitoring_problems}
