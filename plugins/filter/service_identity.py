# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: service_identity
short_description: The environment that gives a container its user, group, umask and time zone
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Image families call the same things by different names, and some read fewer of them. This filter knows the names.
  - A V(rootless) image takes its user from Compose's C(user), not from the environment, so that only C(TZ) is returned.
positional: uid, gid, umask, timezone
options:
  _input:
    description:
      - The image family, one of V(authelia), V(gluetun), V(grafana), V(hotio), V(linuxserver), V(npm), V(nzbgetcom),
        V(plexinc), V(rootless), V(tautulli).
    type: str
    required: true
  uid:
    description: Number of the user.
    type: int
    required: true
  gid:
    description: Number of the group.
    type: int
    required: true
  umask:
    description: The umask, in quotes.
    type: str
    default: "002"
  timezone:
    description: Name of the time zone.
    type: str
    default: Etc/UTC
"""

EXAMPLES = r"""
- name: Show what a linuxserver.io image is told
  ansible.builtin.debug:
    msg: "{{ 'linuxserver' | homelab.media.service_identity(1000, 1000, '002', 'Europe/Berlin') }}"
"""

RETURN = r"""
_value:
  description: Names and values of environment variables, all of them text.
  type: dict
  sample:
    PUID: "1000"
    PGID: "1000"
    UMASK: "002"
    TZ: Europe/Berlin
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils.families import FAMILIES
from ansible_collections.homelab.media.plugins.module_utils.identity import Identity, container_identity


def service_identity(family: Any, uid: Any, gid: Any, umask: Any = "002", timezone: Any = "Etc/UTC") -> dict[str, str]:
    """Door to module_utils/identity.py."""
    if family not in FAMILIES:
        raise AnsibleFilterError(f"service_identity: {family!r} is no image family. Expected: {', '.join(FAMILIES)}")
    for name, number in (("uid", uid), ("gid", gid)):
        if not str(number).isdigit():
            raise AnsibleFilterError(f"service_identity: {name} {number!r} is no number. Expected: 1000, for example")
    if not isinstance(umask, str):
        raise AnsibleFilterError(f"service_identity: umask {umask!r} is no text. Expected: '002', in quotes")
    return container_identity(FAMILIES[family], Identity("", "", int(uid), int(gid), umask, str(timezone)))


class FilterModule:
    """Filter service_identity."""

    def filters(self) -> dict[str, Any]:
        return {"service_identity": service_identity}
