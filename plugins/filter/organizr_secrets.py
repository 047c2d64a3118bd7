# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: organizr_secrets
short_description: List the secrets of Organizr
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns the secrets that are made on the host for Organizr, where it is on.
options:
  _input:
    description: The variables of the portal role, and those of the stack that it needs, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
secrets: "{{ __portal_settings | homelab.media.organizr_secrets }}"
"""

RETURN = r"""
_value:
  description: The secrets by name, as a declaration has them.
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import organizr


def organizr_secrets(settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """List the secrets of Organizr."""
    if not isinstance(settings, Mapping):
        reason = f"organizr_secrets takes the variables of the portal role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    return organizr.secrets(settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"organizr_secrets": organizr_secrets}
