# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: plex_libraries
short_description: List the libraries that the plex role keeps true
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns the declared libraries, and one for each instance whose folder no declared library has.
options:
  _input:
    description: The variables of the plex role, and those of the stack that it needs, under their own names.
    type: dict
    required: true
  kept:
    description: The libraries that other services keep, as C(media_plan.libraries) has them.
    type: list
    required: true
"""

EXAMPLES = r"""
libraries: "{{ __plex_settings | homelab.media.plex_libraries(media_plan.libraries) }}"
"""

RETURN = r"""
_value:
  description: The libraries as M(homelab.media.plex_server) takes them.
  type: list
"""

from collections.abc import Iterable, Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import plex


def plex_libraries(settings: Mapping[str, Any], kept: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """List the libraries that the plex role keeps true."""
    if not isinstance(settings, Mapping):
        raise AnsibleFilterError(
            f"plex_libraries takes the variables of the plex role, not a {type(settings).__name__}"
        )
    return plex.libraries(settings, kept)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"plex_libraries": plex_libraries}
