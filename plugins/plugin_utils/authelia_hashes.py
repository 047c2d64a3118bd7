# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Argon2id hashes of declared passwords, made on the controller, so that no password travels to the host.

A run has to tell a password that was declared anew from the one that it knows, so that the same user and password give
the same hash in every run. The salt follows from the domain and the user alone. Made of the password too, it would be
a fast digest of it, for everybody who sees the hash to try words with; and a key of its own the controller has not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ansible.errors import AnsibleError
from ansible_collections.homelab.media.plugins.module_utils.authelia_config import ARGON2

try:
    from argon2.low_level import Type, hash_secret
except ImportError:
    HAS_ARGON2 = False
else:
    HAS_ARGON2 = True

WANTING = "argon2-cffi in Ansible's own Python (pip install argon2-cffi), or password_hash in the place of password"


def declared(users: Mapping[str, Mapping[str, Any]], domain: str) -> list[dict[str, Any]]:
    """Return the users as the module takes them, with a hash in the place of each password."""
    return [
        {
            "name": name,
            "displayname": user.get("displayname") or name,
            "email": user["email"],
            "groups": list(user.get("groups") or ()),
            "disabled": bool(user.get("disabled", False)),
            "password": str(user.get("password_hash") or "") or hashed(str(user["password"]), domain, name),
        }
        for name, user in users.items()
    ]


@lru_cache(maxsize=64)
def hashed(password: str, domain: str, user: str) -> str:
    """Return the hash of a user's password. It takes 64 MB and a tenth of a second, which is what it is for."""
    if not HAS_ARGON2:
        raise AnsibleError(f"Passwords of Authelia's users cannot be hashed here. Expected: {WANTING}.")
    salt = hashlib.sha256(f"homelab.media authelia\0{domain}\0{user}".encode()).digest()
    made: bytes = hash_secret(
        password.encode(),
        salt[: ARGON2["salt_length"]],
        time_cost=ARGON2["iterations"],
        memory_cost=ARGON2["memory"],
        parallelism=ARGON2["parallelism"],
        hash_len=ARGON2["key_length"],
        type=Type.ID,
    )
    return made.decode()
