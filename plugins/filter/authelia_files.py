# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: authelia_files
short_description: Declare the files of the authelia role that hold secrets
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns one for each secret and container, with a token in the place of the secret.
options:
  _input:
    description: The variables of the authelia role, and those of the stack that it needs, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
value: "{{ __authelia_settings | homelab.media.authelia_files }}"
"""

RETURN = r"""
_value:
  description: The files.
  type: list
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import authelia


def authelia_files(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Declare the files of the authelia role that hold secrets."""
    if not isinstance(settings, Mapping):
        reason = f"authelia_files takes the variables of the authelia role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    return authelia.files(settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"authelia_files": authelia_files}
