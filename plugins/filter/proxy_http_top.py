# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: proxy_http_top
short_description: Render the lines of the proxy's nginx for all of HTTP
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns the text that keeps the administration's own port to the host's loopback, and that makes a role of groups.
positional: _input, admins
options:
  _input:
    description: The networks as C(media_plan.networks) has them.
    type: dict
    required: true
  admins:
    description: The groups whose people applications are told of as administrators.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
value: "{{ media_plan.networks | homelab.media.proxy_http_top(proxy_admin_groups) }}"
"""

RETURN = r"""
_value:
  description: The text.
  type: str
"""

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import proxy_nginx_files


def proxy_http_top(networks: Mapping[str, Any], admins: Sequence[str]) -> str:
    """Render the lines of the proxy's nginx for all of HTTP."""
    if not isinstance(networks, Mapping):
        raise AnsibleFilterError(f"proxy_http_top takes the networks of the plan, not a {type(networks).__name__}")
    return proxy_nginx_files.http_top(networks, admins)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"proxy_http_top": proxy_http_top}
