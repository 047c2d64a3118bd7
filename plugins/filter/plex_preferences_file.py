# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: plex_preferences_file
short_description: Write the Preferences.xml that Plex starts with
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns the file's text. The server's id is in it as tokens that the host fills in.
options:
  _input:
    description: The variables of the plex role, and those of the stack that it needs, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
value: "{{ __plex_settings | homelab.media.plex_preferences_file }}"
"""

RETURN = r"""
_value:
  description: The text.
  type: str
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import plex


def plex_preferences_file(settings: Mapping[str, Any]) -> str:
    """Write the Preferences.xml that Plex starts with."""
    if not isinstance(settings, Mapping):
        raise AnsibleFilterError(
            f"plex_preferences_file takes the variables of the plex role, not a {type(settings).__name__}"
        )
    return plex.preferences_file(settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"plex_preferences_file": plex_preferences_file}
