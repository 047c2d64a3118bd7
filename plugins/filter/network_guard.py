# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: network_guard
short_description: Write the host's own rules around the networks of the stack
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns an nftables table that replaces itself in one step, and lets nobody from outside of a network into it but by
    a published port.
options:
  _input:
    description: The networks as C(media_plan.networks) has them.
    type: dict
    required: true
"""

EXAMPLES = r"""
content: "{{ media_plan.networks | homelab.media.network_guard }}"
"""

RETURN = r"""
_value:
  description: The table, in nft's language.
  type: str
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import network_guard as guard


def network_guard(networks: Mapping[str, Mapping[str, Any]]) -> str:
    """Write the host's own rules around the networks of the stack."""
    if not isinstance(networks, Mapping):
        raise AnsibleFilterError(f"network_guard takes the networks of the plan, not a {type(networks).__name__}")
    return guard.rules(networks)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"network_guard": network_guard}
