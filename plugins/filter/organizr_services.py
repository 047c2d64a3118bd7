# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: organizr_services
short_description: Declare Organizr
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns Organizr as a Compose service with C(x-media), where it is on.
options:
  _input:
    description: The variables of the portal role, and those of the stack that it needs, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
services: "{{ __portal_settings | homelab.media.organizr_services }}"
"""

RETURN = r"""
_value:
  description: The services by name.
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import organizr


def organizr_services(settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Declare Organizr."""
    if not isinstance(settings, Mapping):
        reason = f"organizr_services takes the variables of the portal role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    return organizr.services(settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"organizr_services": organizr_services}
