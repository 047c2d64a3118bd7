# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: fail2ban_services
short_description: Declare Fail2Ban as a service
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns the Compose service, with its x-media.
options:
  _input:
    description: The variables of the fail2ban role, and those of the stack that it looks at, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
services: "{{ __fail2ban_settings | homelab.media.fail2ban_services }}"
"""

RETURN = r"""
_value:
  description: The service, by its name.
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import fail2ban


def fail2ban_services(settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Declare Fail2Ban as a service."""
    if not isinstance(settings, Mapping):
        reason = f"fail2ban_services takes the variables of the fail2ban role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    return fail2ban.services(settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"fail2ban_services": fail2ban_services}
