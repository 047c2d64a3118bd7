# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: unpackerr_conf
short_description: Render Unpackerr's configuration file
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Every application that Unpackerr can poll is in it, with a token in the place of its key.
positional: _input, settings
options:
  _input:
    description: The fact media_plan.apis, which the check phase leaves.
    type: dict
    required: true
  settings:
    description: The variables of the maintenance role, and media_umask, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
content: "{{ media_plan.apis | homelab.media.unpackerr_conf(__maintenance_settings) }}"
"""

RETURN = r"""
_value:
  description: The text of the file.
  type: str
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import unpackerr


def unpackerr_conf(apis: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """Render Unpackerr's configuration file."""
    if not isinstance(settings, Mapping):
        reason = f"unpackerr_conf takes the variables of the maintenance role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    return unpackerr.render(apis, settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"unpackerr_conf": unpackerr_conf}
