# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one user: PBKDF2-HMAC-SHA512, 10,000 rounds, the name in lower case."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import uuid

from .database import Database

ROUNDS = 10_000
LENGTH = 32


def _hash(password: str, salt: bytes, rounds: int) -> str:
    return base64.b64encode(hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds, LENGTH)).decode()


def upsert(database: Database, username: str, password: str) -> None:
    """Keep the user. The stored hash sent back is no new password; any other text is, even the same one again."""
    user = database.user() or {"identifier": str(uuid.uuid4()), "password": None, "salt": "", "iterations": ROUNDS}
    user["username"] = username.lower()
    if password != user["password"]:
        salt = os.urandom(16)
        user.update(salt=base64.b64encode(salt).decode(), iterations=ROUNDS, password=_hash(password, salt, ROUNDS))
    database.set_user(user)


def fits(database: Database, username: str, password: str) -> bool:
    user = database.user()
    if not user or user["username"] != username.lower():
        return False
    given = _hash(password, base64.b64decode(user["salt"]), user["iterations"])
    return hmac.compare_digest(given, user["password"])
