# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: maintenance_addresses
short_description: Make the addresses by which Watchtower and Unpackerr tell of things
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Each is made of what a person gave for a receiver, and is a secret as that is.
options:
  _input:
    description: The variables of the maintenance role, and the shared ones that they go with, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
__maintenance_addresses: "{{ __maintenance_settings | homelab.media.maintenance_addresses }}"
"""

RETURN = r"""
_value:
  description: The addresses, by the names of the secrets that hold them.
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import maintenance_receivers


def maintenance_addresses(settings: Mapping[str, Any]) -> dict[str, str]:
    """Make the addresses by which Watchtower and Unpackerr tell of things."""
    if not isinstance(settings, Mapping):
        reason = f"maintenance_addresses takes the variables of the maintenance role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    return maintenance_receivers.addresses(settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"maintenance_addresses": maintenance_addresses}
