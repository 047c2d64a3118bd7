# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: portal_page
short_description: Write the portal page
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Writes index.html, with every service in its section, from the plan and the variables of the portal role.
positional: _input, settings
options:
  _input:
    description: The fact media_plan, which the check phase leaves.
    type: dict
    required: true
  settings:
    description: The variables of the portal role, and those of the stack that it needs, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
content: "{{ media_plan | homelab.media.portal_page(__portal_settings) }}"
"""

RETURN = r"""
_value:
  description: The page.
  type: str
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import portal_page as page


def portal_page(plan: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """Write the portal page."""
    if not isinstance(settings, Mapping):
        reason = f"portal_page takes the variables of the portal role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    return page.page(plan, settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"portal_page": portal_page}
