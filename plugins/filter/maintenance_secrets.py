# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: maintenance_secrets
short_description: Declare the secrets of the maintenance role
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - The token that opens Watchtower's numbers, and the addresses of those who are told.
options:
  _input:
    description: The variables of the maintenance role, and the shared ones that they go with, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
secrets: "{{ __maintenance_settings | homelab.media.maintenance_secrets }}"
"""

RETURN = r"""
_value:
  description: The declaration of each secret, by its name.
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import watchtower


def maintenance_secrets(settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Declare the secrets of the maintenance role."""
    if not isinstance(settings, Mapping):
        reason = f"maintenance_secrets takes the variables of the maintenance role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    return watchtower.secrets(settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"maintenance_secrets": maintenance_secrets}
