# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: organizr_wanted
short_description: List what Organizr shall have
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns the parameters of the module M(homelab.media.organizr) that follow from the pages of all services.
options:
  _input:
    description: The fact C(media_plan), which the check phase makes.
    type: dict
    required: true
  settings:
    description: The variables of the portal role, and those of the stack that it needs, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
value: "{{ media_plan | homelab.media.organizr_wanted(__portal_settings) }}"
"""

RETURN = r"""
_value:
  description: The parameters by name.
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import organizr_wanted as wanted


def organizr_wanted(plan: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """List what Organizr shall have."""
    if not isinstance(settings, Mapping):
        reason = f"organizr_wanted takes the variables of the portal role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    return wanted.wanted(plan, settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"organizr_wanted": organizr_wanted}
