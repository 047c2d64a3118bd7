# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: nzbget_conf
short_description: Write a first nzbget.conf
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns the whole file that NZBGet starts with, a token in the place of each secret.
options:
  _input:
    description: The variables of the nzbget role, and media_umask and media_categories, under their own names.
    type: dict
    required: true
"""

EXAMPLES = r"""
content: "{{ __nzbget_settings | homelab.media.nzbget_conf }}"
"""

RETURN = r"""
_value:
  description: The text of the file.
  type: str
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import nzbget


def nzbget_conf(settings: Mapping[str, Any]) -> str:
    """Write a first nzbget.conf."""
    if not isinstance(settings, Mapping):
        raise AnsibleFilterError(f"nzbget_conf takes the variables of the nzbget role, not a {type(settings).__name__}")
    return nzbget.render_conf(nzbget.desired_options(settings))


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"nzbget_conf": nzbget_conf}
