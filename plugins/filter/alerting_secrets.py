# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: alerting_secrets
short_description: Declare the secrets of those who are told of alerts
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns a secret for each password, token, topic and address that C(monitoring_receivers) holds.
options:
  _input:
    description: The variables of the monitoring role, and those of the stack that it needs, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
secrets: "{{ __monitoring_settings | homelab.media.alerting_secrets }}"
"""

RETURN = r"""
_value:
  description: The secrets by name.
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import alerting


def alerting_secrets(settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Declare the secrets of those who are told of alerts."""
    if not isinstance(settings, Mapping):
        reason = f"alerting_secrets takes the variables of the monitoring role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    return alerting.secrets(settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"alerting_secrets": alerting_secrets}
