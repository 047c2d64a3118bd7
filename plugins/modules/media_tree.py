#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: media_tree
short_description: Make a whole tree of directories, and prove that imports can be hard links
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Gives every listed directory its owner, group and mode in one call, and tells the change of each.
  - Directories above the listed ones are made when they are missing, owned by root, mode V(0755), and never changed.
  - The topmost listed directories, and what lies above them, may be symbolic links that root owns. Below them no
    symbolic link is followed; one that has the place of a listed directory is an error.
  - Nothing is ever deleted.
extends_documentation_fragment:
  - homelab.media.attributes
attributes:
  check_mode:
    support: full
    details: The proof writes, so that check mode forecasts its result from what is mounted where.
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  entries:
    description:
      - The directories, in any order.
      - P(homelab.media.media_layout#filter) gives those of downloads and library.
    type: list
    elements: dict
    required: true
    suboptions:
      path:
        description: The directory, absolute.
        type: str
        required: true
      owner:
        description: Number of its user.
        type: int
        default: 0
      group:
        description: Number of its group.
        type: int
        default: 0
      mode:
        description: Its mode, octal and in quotes.
        type: raw
        default: "0755"
      file_mode:
        description:
          - The mode that O(repair) gives to the files in it, octal and in quotes.
          - Without it the contents of the directory are never touched.
        type: raw
  mounts:
    description: Where something has to be mounted. If nothing is, that is an error, and nothing is changed.
    type: list
    elements: str
    default: []
  repair:
    description:
      - Also set owner, group and mode of everything in the directories that have a O(entries[].file_mode).
      - Symbolic links, pipes, sockets and devices are left alone, and so is whatever else is mounted there.
    type: bool
    default: false
  link_proof:
    description:
      - Two directories that have to share files by hard links. A file is made in the first and linked into the second,
        as the user, and both names are removed again.
      - If the two, or two listed directories in them, lie on different mounts, both are named and nothing is changed.
    type: dict
    suboptions:
      downloads:
        description: Where files come from.
        type: str
        required: true
      library:
        description: Where they are linked to.
        type: str
        required: true
      uid:
        description: Number of the user that does it.
        type: int
        required: true
      gid:
        description: Number of the group that does it.
        type: int
        required: true
"""

EXAMPLES = r"""
- name: Make downloads and library on the disk that is mounted at /data
  homelab.media.media_tree:
    entries: "{{ '/data' | homelab.media.media_layout(['movies', 'tv', 'music', 'books']) }}"
    mounts:
      - /data
    link_proof:
      downloads: /data/usenet/complete
      library: /data/media
      uid: 1000
      gid: 1000

- name: Make a folder that only root can enter
  homelab.media.media_tree:
    entries:
      - path: /opt/media
      - path: /opt/media/secrets
        mode: "0700"
"""

RETURN = r"""
diff:
  description: One entry for each directory that was changed, and one, counted, for the repaired contents of each.
  returned: success
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils.link_proof import LinkProof
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError
from ansible_collections.homelab.media.plugins.module_utils.tree import Entry, Tree, ensure

ENTRY = {
    "path": {"type": "str", "required": True},
    "owner": {"type": "int", "default": 0},
    "group": {"type": "int", "default": 0},
    "mode": {"type": "raw", "default": "0755"},
    "file_mode": {"type": "raw"},
}
LINK_PROOF = {
    "downloads": {"type": "str", "required": True},
    "library": {"type": "str", "required": True},
    "uid": {"type": "int", "required": True},
    "gid": {"type": "int", "required": True},
}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "entries": {"type": "list", "elements": "dict", "required": True, "options": ENTRY},
            "mounts": {"type": "list", "elements": "str", "default": []},
            "repair": {"type": "bool", "default": False},
            "link_proof": {"type": "dict", "options": LINK_PROOF},
        },
        supports_check_mode=True,
    )
    params = module.params
    tree = Tree(
        entries=tuple(Entry(**entry) for entry in params["entries"]),
        mounts=tuple(params["mounts"]),
        repair=params["repair"],
        proof=LinkProof(**params["link_proof"]) if params["link_proof"] else None,
    )
    try:
        outcome = ensure(tree, check=module.check_mode)
    except (MediaError, OSError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(**outcome.result())


if __name__ == "__main__":
    main()
