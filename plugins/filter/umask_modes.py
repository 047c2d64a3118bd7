# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: umask_modes
short_description: The modes of directories and files that a umask leads to
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - For applications that want modes and not a umask, and for folders that are made before any application runs.
options:
  _input:
    description: The umask, in quotes.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show the modes of a library that a whole group may change
  ansible.builtin.debug:
    msg: "{{ '002' | homelab.media.umask_modes }}"
"""

RETURN = r"""
_value:
  description:
    - The modes, with the keys C(directory) and C(file).
    - Directories are set-gid, so that what is made in them stays with the group.
  type: dict
  sample:
    directory: "2775"
    file: "0664"
"""

from dataclasses import asdict
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import ownership
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError


def umask_modes(umask: Any) -> dict[str, str]:
    """Door to module_utils/ownership.py."""
    try:
        return asdict(ownership.umask_modes(umask))
    except MediaError as error:
        raise AnsibleFilterError(f"umask_modes: {error.problems[0]}") from error


class FilterModule:
    """Filter umask_modes."""

    def filters(self) -> dict[str, Any]:
        return {"umask_modes": umask_modes}
