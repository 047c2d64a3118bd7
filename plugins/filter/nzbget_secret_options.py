# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: nzbget_secret_options
short_description: List the options of NZBGet that hold a secret
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns, for each, the file on the host that its value is in.
positional: folder
options:
  _input:
    description: The variables of the nzbget role, and media_umask and media_categories, under their own names.
    type: dict
    required: true
  folder:
    description: The folder on the host that the secrets are kept in.
    type: path
    required: true
"""

EXAMPLES = r"""
secret_options: "{{ __nzbget_settings | homelab.media.nzbget_secret_options('/opt/media/secrets') }}"
"""

RETURN = r"""
_value:
  description: The paths by option.
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import nzbget


def nzbget_secret_options(settings: Mapping[str, Any], folder: str) -> dict[str, str]:
    """List the options of NZBGet that hold a secret."""
    if not isinstance(settings, Mapping):
        raise AnsibleFilterError(
            f"nzbget_secret_options takes the variables of the nzbget role, not a {type(settings).__name__}"
        )
    return nzbget.secret_options(nzbget.desired_options(settings), folder)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"nzbget_secret_options": nzbget_secret_options}
