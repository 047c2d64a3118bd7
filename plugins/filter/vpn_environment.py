# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: vpn_environment
short_description: Write the variables of the vpn role as gluetun's environment
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns what is set, and nothing that is secret.
options:
  _input:
    description: The variables of the vpn role under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
environment: "{{ __vpn_settings | homelab.media.vpn_environment }}"
"""

RETURN = r"""
_value:
  description: The environment of gluetun's container.
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import gluetun


def vpn_environment(settings: Mapping[str, Any]) -> dict[str, str]:
    """Write the variables of the vpn role as gluetun's environment."""
    if not isinstance(settings, Mapping):
        given = type(settings).__name__
        raise AnsibleFilterError(f"vpn_environment takes the variables of the vpn role, not a {given}")
    return gluetun.environment(settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"vpn_environment": vpn_environment}
