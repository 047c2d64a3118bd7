# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Password hashes: Argon2 as upstream writes it. Of the other kinds the stand-in verifies none, and says so."""

from __future__ import annotations

import re

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHash, VerificationError

from .config import Config

_ARGON2 = re.compile(r"\$argon2(id|i|d)\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+")
_OTHERS = ("$5$", "$6$", "$2a$", "$2b$", "$2y$", "$pbkdf2", "$scrypt$", "$y$", "$bcrypt-sha256$")
_BASE = "authentication_backend.file.password.argon2"
_TYPES = {"argon2id": Type.ID, "id": Type.ID, "argon2i": Type.I, "i": Type.I, "argon2d": Type.D, "d": Type.D}


def hasher(config: Config) -> PasswordHasher:
    return PasswordHasher(
        time_cost=config.number(f"{_BASE}.iterations"),
        memory_cost=config.number(f"{_BASE}.memory"),
        parallelism=config.number(f"{_BASE}.parallelism"),
        hash_len=config.number(f"{_BASE}.key_length"),
        salt_len=config.number(f"{_BASE}.salt_length"),
        type=_TYPES[str(config.get(f"{_BASE}.variant", "argon2id"))],
    )


def problem(digest: str) -> str:
    """Return why a hash cannot be taken, or nothing."""
    if not digest.startswith("$"):
        return (
            "provided encoded hash has an invalid format: the digest doesn't begin with the delimiter '$' and is not "
            "one of the other understood formats"
        )
    if digest.startswith("$argon2"):
        return "" if _ARGON2.fullmatch(digest) else "argon2 decode error: provided encoded hash has an invalid format"
    if digest.startswith(_OTHERS):
        return "the stand-in verifies argon2 hashes only"
    name = digest.split("$")[1]
    return f"provided encoded hash has an invalid identifier: the identifier '{name}' is unknown to the global decoder"


def matches(digest: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(digest, password)
    except (VerificationError, InvalidHash):
        return False
