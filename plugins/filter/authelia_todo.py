# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: authelia_todo
short_description: List what is left for a person to do about Authelia
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Tells where the one-time codes are while no mail is sent.
options:
  _input:
    description: The variables of the authelia role, and those of the stack that it needs, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
value: "{{ __authelia_settings | homelab.media.authelia_todo }}"
"""

RETURN = r"""
_value:
  description: The service and the text of each.
  type: list
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import authelia


def authelia_todo(settings: Mapping[str, Any]) -> list[dict[str, str]]:
    """List what is left for a person to do about Authelia."""
    if not isinstance(settings, Mapping):
        reason = f"authelia_todo takes the variables of the authelia role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    return authelia.todo(settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"authelia_todo": authelia_todo}
