# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: vpn_secret_mounts
short_description: Mount the VPN client's secrets where it looks for them
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns the given secrets in Compose's long form, each under the file name that gluetun reads without being told.
options:
  _input:
    description: The variables of the vpn role under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
secrets: "{{ __vpn_settings | homelab.media.vpn_secret_mounts }}"
"""

RETURN = r"""
_value:
  description: The mounts, each with its source and target.
  type: list
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import gluetun


def vpn_secret_mounts(settings: Mapping[str, Any]) -> list[dict[str, str]]:
    """Mount the VPN client's secrets where it looks for them."""
    if not isinstance(settings, Mapping):
        given = type(settings).__name__
        raise AnsibleFilterError(f"vpn_secret_mounts takes the variables of the vpn role, not a {given}")
    return gluetun.secret_mounts(settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"vpn_secret_mounts": vpn_secret_mounts}
