# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Encryption of what is stored, and of sessions: AES-GCM under a key made of the configured secret."""

from __future__ import annotations

import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


class WrongKey(Exception):
    """The key is not the one that it was written with, or it was changed."""


class Box:
    def __init__(self, secret: str) -> None:
        self._cipher = AESGCM(hashlib.sha256(secret.encode()).digest())

    def close(self, plain: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, None)

    def open(self, closed: bytes) -> bytes:
        try:
            return self._cipher.decrypt(closed[:_NONCE], closed[_NONCE:], None)
        except (InvalidTag, ValueError) as error:
            raise WrongKey from error
