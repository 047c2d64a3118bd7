# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: arr_secrets
short_description: Return the secrets that the applications of the arr role need
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - One API key for each instance, the sign-in that all share, and the keys of the indexers that have one.
options:
  _input:
    description: The variables of the arr role, and media_root and media_data, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
secrets: "{{ __arr_settings | homelab.media.arr_secrets }}"
"""

RETURN = r"""
_value:
  description: The declaration of each secret, by its name.
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import arr


def arr_secrets(settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the secrets that the applications of the arr role need."""
    if not isinstance(settings, Mapping):
        raise AnsibleFilterError(f"arr_secrets takes the variables of the arr role, not a {type(settings).__name__}")
    return arr.secrets(settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"arr_secrets": arr_secrets}
