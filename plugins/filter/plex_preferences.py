# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: plex_preferences
short_description: List the preferences that the variables of the plex role ask for
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns preferences by the names that Plex lists.
options:
  _input:
    description: The variables of the plex role, and those of the stack that it needs, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
value: "{{ __plex_settings | homelab.media.plex_preferences }}"
"""

RETURN = r"""
_value:
  description: The preferences, each with its value.
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import plex


def plex_preferences(settings: Mapping[str, Any]) -> dict[str, Any]:
    """List the preferences that the variables of the plex role ask for."""
    if not isinstance(settings, Mapping):
        raise AnsibleFilterError(
            f"plex_preferences takes the variables of the plex role, not a {type(settings).__name__}"
        )
    return plex.preferences(settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"plex_preferences": plex_preferences}
