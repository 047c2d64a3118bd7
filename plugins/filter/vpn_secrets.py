# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: vpn_secrets
short_description: Declare the secrets that the VPN client needs
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns the given keys and passwords, and the key of gluetun's control server, in the form that a declaration takes.
options:
  _input:
    description: The variables of the vpn role under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
secrets: "{{ __vpn_settings | homelab.media.vpn_secrets }}"
"""

RETURN = r"""
_value:
  description: The declarations by name.
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import gluetun


def vpn_secrets(settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Declare the secrets that the VPN client needs."""
    if not isinstance(settings, Mapping):
        given = type(settings).__name__
        raise AnsibleFilterError(f"vpn_secrets takes the variables of the vpn role, not a {given}")
    return gluetun.secrets(settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"vpn_secrets": vpn_secrets}
