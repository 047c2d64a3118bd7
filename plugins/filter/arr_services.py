# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: arr_services
short_description: Return the service of each instance of the arr role
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Each application knows its key and its way of signing in before it starts for the first time.
options:
  _input:
    description: The variables of the arr role, and media_root and media_data, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
services: "{{ __arr_settings | homelab.media.arr_services }}"
"""

RETURN = r"""
_value:
  description: The services, by name, as a role declares them.
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import arr


def arr_services(settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the service of each instance of the arr role."""
    if not isinstance(settings, Mapping):
        raise AnsibleFilterError(f"arr_services takes the variables of the arr role, not a {type(settings).__name__}")
    return arr.services(settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"arr_services": arr_services}
