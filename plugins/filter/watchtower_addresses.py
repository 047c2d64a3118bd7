# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: watchtower_addresses
short_description: Render the file from which Watchtower reads whom it tells
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - An address on each line, with a token in the place of each.
options:
  _input:
    description: The variables of the maintenance role, and the shared ones that they go with, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
content: "{{ __maintenance_settings | homelab.media.watchtower_addresses }}"
"""

RETURN = r"""
_value:
  description: The text of the file; empty where nobody is told.
  type: str
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import maintenance_receivers


def watchtower_addresses(settings: Mapping[str, Any]) -> str:
    """Render the file from which Watchtower reads whom it tells."""
    if not isinstance(settings, Mapping):
        reason = f"watchtower_addresses takes the variables of the maintenance role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    return maintenance_receivers.watchtower_lines(settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"watchtower_addresses": watchtower_addresses}
