# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: vpn_guard
short_description: Write the host's own rules around the VPN pod
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns an nftables table that replaces itself in one step, and lets out of the pod's bridge only the tunnel,
    answers, and what goes to the home network.
options:
  _input:
    description: The variables of the vpn role under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
content: "{{ __vpn_settings | homelab.media.vpn_guard }}"
"""

RETURN = r"""
_value:
  description: The table, in nft's language.
  type: str
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import gluetun, kill_switch


def vpn_guard(settings: Mapping[str, Any]) -> str:
    """Write the host's own rules around the VPN pod."""
    if not isinstance(settings, Mapping):
        given = type(settings).__name__
        raise AnsibleFilterError(f"vpn_guard takes the variables of the vpn role, not a {given}")
    endpoint = gluetun.endpoint(settings)
    if endpoint is None:
        raise AnsibleFilterError("vpn_type is neither wireguard nor openvpn")
    return kill_switch.guard(endpoint, settings.get("vpn_lan_subnets") or ())


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"vpn_guard": vpn_guard}
