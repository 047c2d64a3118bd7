# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: proxy_manager
short_description: List what Nginx Proxy Manager shall have
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns the parameters of the module M(homelab.media.nginx_proxy_manager) that follow from the
    pages of all services. An option that would open a page behind a sign-on is an error.
options:
  _input:
    description: The fact C(media_plan), which the check phase makes.
    type: dict
    required: true
  settings:
    description: The variables of the proxy role, and those of the stack that it needs, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
value: "{{ media_plan | homelab.media.proxy_manager(__proxy_settings) }}"
"""

RETURN = r"""
_value:
  description: The parameters by name.
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import proxy_host_checks, proxy_wanted
from ansible_collections.homelab.media.plugins.module_utils.outcome import describe


def proxy_manager(plan: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """List what Nginx Proxy Manager shall have."""
    if not isinstance(settings, Mapping):
        raise AnsibleFilterError(
            f"proxy_manager takes the variables of the proxy role, not a {type(settings).__name__}"
        )
    pages = proxy_wanted.all_pages(plan.get("pages") or (), settings)
    found = list(proxy_host_checks.page_problems(pages, plan.get("sign_on") or {}, settings))
    found += proxy_host_checks.certificate_problems(proxy_wanted.certificate_names(pages, settings), settings)
    if found:
        raise AnsibleFilterError(describe(found))
    return proxy_wanted.wanted(plan, settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"proxy_manager": proxy_manager}
