# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: authelia_configuration
short_description: Build Authelia's configuration
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Builds the content of configuration.yml from the role's variables and the published pages. Holds no secret.
positional: _input, settings
options:
  _input:
    description: The fact media_plan, which the check phase leaves.
    type: dict
    required: true
  settings:
    description: The variables of the authelia role, and those of the stack that it needs, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
content: "{{ media_plan | homelab.media.authelia_configuration(__authelia_settings) | to_nice_yaml }}"
"""

RETURN = r"""
_value:
  description: The configuration.
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import authelia_config
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError


def authelia_configuration(plan: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Build Authelia's configuration."""
    if not isinstance(settings, Mapping):
        reason = f"authelia_configuration takes the variables of the authelia role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    try:
        return authelia_config.configuration(settings, plan)
    except MediaError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"authelia_configuration": authelia_configuration}
