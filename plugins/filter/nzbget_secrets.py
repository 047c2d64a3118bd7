# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: nzbget_secrets
short_description: Declare the secrets that NZBGet needs
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns the passwords of NZBGet and of its news servers in the form that media_secrets takes.
options:
  _input:
    description: The variables of the nzbget role, and media_umask and media_categories, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
secrets: "{{ __nzbget_settings | homelab.media.nzbget_secrets }}"
"""

RETURN = r"""
_value:
  description: The declarations by name.
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import nzbget


def nzbget_secrets(settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Declare the secrets that NZBGet needs."""
    if not isinstance(settings, Mapping):
        raise AnsibleFilterError(
            f"nzbget_secrets takes the variables of the nzbget role, not a {type(settings).__name__}"
        )
    return nzbget.secrets(settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"nzbget_secrets": nzbget_secrets}
