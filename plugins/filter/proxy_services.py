# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: proxy_services
short_description: List the services of the proxy role
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns Nginx Proxy Manager as a Compose service with C(x-media).
options:
  _input:
    description: The variables of the proxy role, and those of the stack that it needs, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
value: "{{ __proxy_settings | homelab.media.proxy_services }}"
"""

RETURN = r"""
_value:
  description: The services by name.
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import proxy


def proxy_services(settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """List the services of the proxy role."""
    if not isinstance(settings, Mapping):
        raise AnsibleFilterError(
            f"proxy_services takes the variables of the proxy role, not a {type(settings).__name__}"
        )
    return proxy.services(settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"proxy_services": proxy_services}
