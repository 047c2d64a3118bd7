# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: fail2ban_jails
short_description: List the jails of Fail2Ban
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Every service that declares an auth_log has one, sshd has one, and so have those who come back.
positional: _input, settings, networks
options:
  _input:
    description: The fact media_plan.auth_logs, which the check phase leaves.
    type: dict
    required: true
  settings:
    description: The variables of the fail2ban role, and those of the stack that it looks at, under their own names.
    type: dict
    required: true
  networks:
    description: The fact media_plan.networks.
    type: dict
    required: true
"""

EXAMPLES = r"""
jails: "{{ media_plan.auth_logs | homelab.media.fail2ban_jails(__fail2ban_settings, media_plan.networks) }}"
"""

RETURN = r"""
_value:
  description: The options of each jail by its name, and those of all under DEFAULT, in Fail2Ban's own words.
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import fail2ban


def fail2ban_jails(
    logs: Mapping[str, Any], settings: Mapping[str, Any], networks: Mapping[str, Any]
) -> dict[str, dict[str, str]]:
    """List the jails of Fail2Ban."""
    if not isinstance(settings, Mapping):
        reason = f"fail2ban_jails takes the variables of the fail2ban role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    return fail2ban.jails(logs, settings, networks)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"fail2ban_jails": fail2ban_jails}
