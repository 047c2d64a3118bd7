# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: watchtower_service
short_description: Declare Watchtower as a service
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Says in its C(x-media.api) what it may do with which service; the catalogue makes labels of that.
options:
  _input:
    description: The variables of the maintenance role, and the shared ones that they go with, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
watchtower: "{{ __maintenance_settings | homelab.media.watchtower_service }}"
"""

RETURN = r"""
_value:
  description: The service.
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import watchtower


def watchtower_service(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Declare Watchtower as a service."""
    if not isinstance(settings, Mapping):
        reason = f"watchtower_service takes the variables of the maintenance role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    return watchtower.service(settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"watchtower_service": watchtower_service}
