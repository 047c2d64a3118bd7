# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Passwords as Tautulli stores them: PBKDF2$sha256$600000$<salt>$<key>, where the salt's text is the salt."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

ROUNDS = 600_000
BYTES = 24


def hashed(password: str) -> str:
    salt = base64.b64encode(os.urandom(12)).decode()
    return f"PBKDF2$sha256${ROUNDS}${salt}${_key(password, 'sha256', salt, ROUNDS)}"


def fits(password: str, stored: str) -> bool:
    """Tell whether the password is the stored one. What is stored in plain text fits nothing."""
    parts = stored.split("$")
    if len(parts) != 5 or parts[0] != "PBKDF2" or not parts[2].isdigit():
        return False
    return hmac.compare_digest(_key(password, parts[1], parts[3], int(parts[2])), parts[4])


def _key(password: str, function: str, salt: str, rounds: int) -> str:
    raw = hashlib.pbkdf2_hmac(function, password.encode(), salt.encode(), rounds, BYTES)
    return base64.b64encode(raw).decode()
