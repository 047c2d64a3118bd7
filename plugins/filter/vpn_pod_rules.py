# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: vpn_pod_rules
short_description: Write the kill switch of the VPN pod's own namespace
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns the rules of one family as iptables-restore reads them. The lines C(@replies@) and C(@neighbours@) stand for
    the rules of the pod's networks, which the pod adds itself.
positional: family
options:
  _input:
    description: The variables of the vpn role under their own names.
    type: dict
    required: true
  family:
    description: The family of the addresses.
    type: int
    choices: [4, 6]
    required: true
"""

EXAMPLES = r"""
content: "{{ __vpn_settings | homelab.media.vpn_pod_rules(4) }}"
"""

RETURN = r"""
_value:
  description: The rules.
  type: str
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import gluetun, kill_switch


def vpn_pod_rules(settings: Mapping[str, Any], family: int) -> str:
    """Write the kill switch of the VPN pod's own namespace."""
    if not isinstance(settings, Mapping):
        given = type(settings).__name__
        raise AnsibleFilterError(f"vpn_pod_rules takes the variables of the vpn role, not a {given}")
    endpoint = gluetun.endpoint(settings)
    if endpoint is None:
        raise AnsibleFilterError("vpn_type is neither wireguard nor openvpn")
    return kill_switch.pod_rules(family, endpoint, settings.get("vpn_lan_subnets") or ())


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"vpn_pod_rules": vpn_pod_rules}
