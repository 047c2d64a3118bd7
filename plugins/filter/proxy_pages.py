# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: proxy_pages
short_description: List the pages of other machines
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns C(proxy_extra_hosts) in the form of C(media_plan.pages), so that the sign-on knows them too.
options:
  _input:
    description: The variables of the proxy role, and those of the stack that it needs, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
value: "{{ __proxy_settings | homelab.media.proxy_pages }}"
"""

RETURN = r"""
_value:
  description: The pages.
  type: list
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import proxy_wanted


def proxy_pages(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the pages of other machines."""
    if not isinstance(settings, Mapping):
        raise AnsibleFilterError(f"proxy_pages takes the variables of the proxy role, not a {type(settings).__name__}")
    return proxy_wanted.extra_pages(settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"proxy_pages": proxy_pages}
