# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: proxy_files
short_description: List the files of the proxy role
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns the declaration of the files that Nginx Proxy Manager includes, and of a certificate that a person brings
    along.
options:
  _input:
    description: The variables of the proxy role, and those of the stack that it needs, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
value: "{{ __proxy_settings | homelab.media.proxy_files }}"
"""

RETURN = r"""
_value:
  description: The files.
  type: list
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import proxy, proxy_nginx_files


def proxy_files(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the files of the proxy role."""
    if not isinstance(settings, Mapping):
        raise AnsibleFilterError(f"proxy_files takes the variables of the proxy role, not a {type(settings).__name__}")
    return [*proxy_nginx_files.files(settings), *proxy.files(settings)]


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"proxy_files": proxy_files}
