# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: monitorr_checks
short_description: Write the tiles of Monitorr
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns Monitorr's C(services_settings-data.json), with a check for each service.
options:
  _input:
    description: The fact C(media_plan), which the check phase makes.
    type: dict
    required: true
"""

EXAMPLES = r"""
value: "{{ media_plan | homelab.media.monitorr_checks }}"
"""

RETURN = r"""
_value:
  description: The text of the file.
  type: str
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import monitorr_settings


def monitorr_checks(plan: Mapping[str, Any]) -> str:
    """Write the tiles of Monitorr."""
    if not isinstance(plan, Mapping):
        raise AnsibleFilterError(f"monitorr_checks takes the fact media_plan, not a {type(plan).__name__}")
    return monitorr_settings.text(monitorr_settings.tiles(plan))


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"monitorr_checks": monitorr_checks}
