# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: vpn_problems
short_description: List what is wrong with the variables of the vpn role
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns every value that gluetun would refuse, that the kill switch cannot work with, or that was never filled in,
    each with a right value. Repeats no secret.
options:
  _input:
    description: The variables of the vpn role under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
problems: "{{ __vpn_settings | homelab.media.vpn_problems }}"
"""

RETURN = r"""
_value:
  description: The problems, each with its variable, reason and expected value.
  type: list
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import gluetun_checks


def vpn_problems(settings: Mapping[str, Any]) -> list[dict[str, str]]:
    """List what is wrong with the variables of the vpn role."""
    if not isinstance(settings, Mapping):
        given = type(settings).__name__
        raise AnsibleFilterError(f"vpn_problems takes the variables of the vpn role, not a {given}")
    return [vars(problem) for problem in gluetun_checks.problems(settings)]


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"vpn_problems": vpn_problems}
