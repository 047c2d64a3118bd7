# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signed tokens and stored passwords. The key lies beside the database, so that tokens outlive a restart.

Upstream signs with RSA and stores with bcrypt; the standard library has neither.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import time
from pathlib import Path
from typing import Any

from .errors import ApiError, InternalError

DAY = 24 * 60 * 60


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Tokens:
    def __init__(self, file: Path) -> None:
        if not file.exists():
            file.write_text(json.dumps({"key": secrets.token_hex(32)}), encoding="utf-8")
        self._key = bytes.fromhex(json.loads(file.read_text(encoding="utf-8"))["key"])

    def _signature(self, text: str) -> str:
        return _encode(hmac.digest(self._key, text.encode(), "sha256"))

    def sign(self, user: int, scope: str = "user", seconds: int = DAY) -> dict[str, str]:
        """Return a token for a user, and when it ends."""
        ends = int(time.time()) + seconds
        claims = {"iss": "api", "attrs": {"id": user}, "scope": [scope], "jti": secrets.token_hex(4), "exp": ends}
        head = _encode(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
        text = f"{head}.{_encode(json.dumps(claims).encode())}"
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(ends))
        return {"token": f"{text}.{self._signature(text)}", "expires": stamp}

    def read(self, token: str) -> dict[str, Any]:
        """Return what a token says. One that was never ours is an internal error, as upstream has it."""
        text, _dot, signature = token.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(text).encode()):
            raise InternalError("invalid signature")
        claims = json.loads(_decode(text.partition(".")[2]))
        if claims["exp"] < time.time():
            raise ApiError(400, "Token has expired")
        return dict(claims)


def stored(password: str) -> str:
    salt = os.urandom(16)
    return f"$scrypt${salt.hex()}${_scrypt(password, salt)}"


def matches(password: str, kept: str) -> bool:
    salt, known = kept.split("$")[2:]
    return hmac.compare_digest(known, _scrypt(password, bytes.fromhex(salt)))


def _scrypt(password: str, salt: bytes) -> str:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**12, r=8, p=1).hex()
