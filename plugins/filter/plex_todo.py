# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: plex_todo
short_description: List what is left for a person to do about Plex
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns what no run can do without a person, such as giving the server to an account.
options:
  _input:
    description: The variables of the plex role, and those of the stack that it needs, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
value: "{{ __plex_settings | homelab.media.plex_todo }}"
"""

RETURN = r"""
_value:
  description: The service and the text of each.
  type: list
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import plex


def plex_todo(settings: Mapping[str, Any]) -> list[dict[str, str]]:
    """List what is left for a person to do about Plex."""
    if not isinstance(settings, Mapping):
        raise AnsibleFilterError(f"plex_todo takes the variables of the plex role, not a {type(settings).__name__}")
    return plex.todo(settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"plex_todo": plex_todo}
