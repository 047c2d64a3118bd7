# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: organizr_files
short_description: List the files of Organizr
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns the files that Organizr is rendered, where it is on.
options:
  _input:
    description: The variables of the portal role, and those of the stack that it needs, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
files: "{{ __portal_settings | homelab.media.organizr_files }}"
"""

RETURN = r"""
_value:
  description: The files, as a declaration has them.
  type: list
  elements: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import organizr


def organizr_files(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the files of Organizr."""
    if not isinstance(settings, Mapping):
        reason = f"organizr_files takes the variables of the portal role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    return organizr.files(settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"organizr_files": organizr_files}
