# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: proxy_todo
short_description: List what is left for a person to do with the proxy
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns what no run can do, such as to make devices trust the certificate authority of this host.
options:
  _input:
    description: The variables of the proxy role, and those of the stack that it needs, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
value: "{{ __proxy_settings | homelab.media.proxy_todo }}"
"""

RETURN = r"""
_value:
  description: What is left, each with its service and a text.
  type: list
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import proxy


def proxy_todo(settings: Mapping[str, Any]) -> list[dict[str, str]]:
    """List what is left for a person to do with the proxy."""
    if not isinstance(settings, Mapping):
        raise AnsibleFilterError(f"proxy_todo takes the variables of the proxy role, not a {type(settings).__name__}")
    return proxy.todo(settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"proxy_todo": proxy_todo}
