# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: nzbget_options
short_description: List the options that the nzbget role keeps true
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns NZBGet's options without those that hold a secret. Null stands for NZBGet's own default.
options:
  _input:
    description: The variables of the nzbget role, and media_umask and media_categories, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
options: "{{ __nzbget_settings | homelab.media.nzbget_options }}"
"""

RETURN = r"""
_value:
  description: The options by name.
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import nzbget


def nzbget_options(settings: Mapping[str, Any]) -> dict[str, str | None]:
    """List the options that the nzbget role keeps true."""
    if not isinstance(settings, Mapping):
        raise AnsibleFilterError(
            f"nzbget_options takes the variables of the nzbget role, not a {type(settings).__name__}"
        )
    return nzbget.plain_options(nzbget.desired_options(settings))


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"nzbget_options": nzbget_options}
