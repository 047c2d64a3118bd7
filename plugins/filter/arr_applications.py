# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: arr_applications
short_description: Return what each application of the arr role has to be told
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Derives root folders, download clients, Prowlarr's applications and Plex's notifications from who is on the host.
positional: _input, plan
options:
  _input:
    description: The variables of the arr role, and media_root and media_data, under their own names.
    type: dict
    required: true
  plan:
    description: The fact media_plan, which the check phase leaves.
    type: dict
    required: true
"""

EXAMPLES = r"""
applications: "{{ __arr_settings | homelab.media.arr_applications(media_plan) }}"
"""

RETURN = r"""
_value:
  description: The applications, as module homelab.media.servarr takes them.
  type: list
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import arr_wiring


def arr_applications(settings: Mapping[str, Any], plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what each application of the arr role has to be told."""
    if not isinstance(settings, Mapping):
        reason = f"arr_applications takes the variables of the arr role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    return arr_wiring.applications(settings, plan)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"arr_applications": arr_applications}
