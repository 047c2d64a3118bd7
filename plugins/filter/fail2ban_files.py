# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: fail2ban_files
short_description: List the files of Fail2Ban
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns the programs, jails, filters and the action, as a role declares files, a person's own filters among them.
options:
  _input:
    description: The variables of the fail2ban role, and those of the stack that it looks at, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
files: "{{ __fail2ban_settings | homelab.media.fail2ban_files }}"
"""

RETURN = r"""
_value:
  description: The files, each with its path and its source.
  type: list
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import fail2ban


def fail2ban_files(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the files of Fail2Ban."""
    if not isinstance(settings, Mapping):
        reason = f"fail2ban_files takes the variables of the fail2ban role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    return fail2ban.files(settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"fail2ban_files": fail2ban_files}
