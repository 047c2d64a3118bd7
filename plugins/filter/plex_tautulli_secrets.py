# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: plex_tautulli_secrets
short_description: Write the settings of Tautulli that are secret
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns a JSON document with tokens in the place of the secrets, for the program that starts Tautulli.
options:
  _input:
    description: The variables of the plex role, and those of the stack that it needs, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
value: "{{ __plex_settings | homelab.media.plex_tautulli_secrets }}"
"""

RETURN = r"""
_value:
  description: The text.
  type: str
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import tautulli


def plex_tautulli_secrets(settings: Mapping[str, Any]) -> str:
    """Write the settings of Tautulli that are secret."""
    if not isinstance(settings, Mapping):
        raise AnsibleFilterError(
            f"plex_tautulli_secrets takes the variables of the plex role, not a {type(settings).__name__}"
        )
    return tautulli.secret_settings(settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"plex_tautulli_secrets": plex_tautulli_secrets}
