# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: authelia_hashed_users
short_description: List the declared users with hashes of their passwords
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Makes an Argon2id hash of each password, always the same for the same domain, user and password.
positional: _input, domain
options:
  _input:
    description: The variable authelia_users.
    type: dict
    required: true
  domain:
    description: The domain that the pages are below. It makes the same password another hash on another host.
    type: str
    required: true
"""

EXAMPLES = r"""
users: "{{ authelia_users | homelab.media.authelia_hashed_users(media_domain) }}"
"""

RETURN = r"""
_value:
  description: The users, as module M(homelab.media.authelia_users) takes them.
  type: list
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.plugin_utils import authelia_hashes


def authelia_hashed_users(users: Mapping[str, Mapping[str, Any]], domain: str) -> list[dict[str, Any]]:
    """List the declared users with hashes of their passwords."""
    if not isinstance(users, Mapping):
        raise AnsibleFilterError(f"authelia_hashed_users takes users by their names, not a {type(users).__name__}")
    return authelia_hashes.declared(users, domain)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"authelia_hashed_users": authelia_hashed_users}
