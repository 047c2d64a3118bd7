# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: media_layout
short_description: The folders of downloads and library
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Turns a folder and the names of the categories into the entries that M(homelab.media.media_tree) takes.
positional: categories, extra
options:
  _input:
    description: The folder that holds downloads and library, on one file system.
    type: str
    required: true
  categories:
    description: Names of the categories.
    type: list
    elements: str
    required: true
  extra:
    description: Further folders, relative to the first.
    type: list
    elements: str
    default: []
  uid:
    description: Number of the user that owns them.
    type: int
    default: 1000
  gid:
    description: Number of the group that owns them.
    type: int
    default: 1000
  umask:
    description: The umask that their modes come from, in quotes.
    type: str
    default: "002"
"""

EXAMPLES = r"""
- name: Make the folders
  homelab.media.media_tree:
    entries: "{{ '/data' | homelab.media.media_layout(['movies', 'tv'], ['photos'], uid=1000, gid=1000) }}"
"""

RETURN = r"""
_value:
  description: One entry a folder, each folder before what lies in it.
  type: list
  elements: dict
  sample:
    - path: /data
      owner: 1000
      group: 1000
      mode: "2775"
      file_mode: null
"""

from dataclasses import asdict
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import media_layout as layout
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError


def media_layout(
    data_root: Any, categories: Any, extra: Any = (), *, uid: Any = 1000, gid: Any = 1000, umask: Any = "002"
) -> list[dict[str, Any]]:
    """Door to module_utils/media_layout.py."""
    for name, names in (("categories", categories), ("extra", extra)):
        if not isinstance(names, (list, tuple)):
            raise AnsibleFilterError(f"media_layout: {name} {names!r} is no list. Expected: ['movies', 'tv']")
    try:
        entries = layout.media_layout(data_root, categories, extra, uid=int(uid), gid=int(gid), umask=umask)
    except (MediaError, ValueError) as error:
        raise AnsibleFilterError(f"media_layout: {error}") from error
    return [asdict(entry) for entry in entries]


class FilterModule:
    """Filter media_layout."""

    def filters(self) -> dict[str, Any]:
        return {"media_layout": media_layout}
