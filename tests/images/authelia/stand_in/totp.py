# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time-based one-time passwords (RFC 6238)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import struct
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from .config import Config

_DIGESTS = {"SHA1": hashlib.sha1, "SHA256": hashlib.sha256, "SHA512": hashlib.sha512}


@dataclass(frozen=True)
class Totp:
    """One user's."""

    name: str
    issuer: str
    algorithm: str
    digits: int
    period: int
    secret: str  # base32, without padding

    def code(self, step: int) -> str:
        key = base64.b32decode(self.secret + "=" * (-len(self.secret) % 8))
        digest = hmac.new(key, struct.pack(">Q", step), _DIGESTS[self.algorithm]).digest()
        at = digest[-1] & 0x0F
        number: int = struct.unpack(">I", digest[at : at + 4])[0] & 0x7FFFFFFF
        return f"{number % 10**self.digits:0{self.digits}d}"

    def step(self, token: str, now: float, skew: int) -> int | None:
        """Return the step of time that a code belongs to, if it is near enough."""
        middle = int(now) // self.period
        for step in sorted(range(middle - skew, middle + skew + 1), key=lambda each: abs(each - middle)):
            if hmac.compare_digest(self.code(step), token):
                return step
        return None

    @property
    def uri(self) -> str:
        values = {
            "algorithm": self.algorithm,
            "digits": self.digits,
            "issuer": self.issuer,
            "period": self.period,
            "secret": self.secret,
        }
        return f"otpauth://totp/{quote(self.issuer)}:{quote(self.name)}?{urlencode(values, quote_via=quote)}"


def new_secret(size: int) -> str:
    return base64.b32encode(secrets.token_bytes(size)).decode().rstrip("=")


def generate(config: Config, name: str, **given: object) -> Totp:
    """Return a new one for a user, with the configured properties where none are given."""

    def chosen(option: str) -> object:
        return given.get(option) or config.get(f"totp.{option}")

    return Totp(
        name=name,
        issuer=str(chosen("issuer")),
        algorithm=str(chosen("algorithm")),
        digits=int(str(chosen("digits"))),
        period=int(str(chosen("period"))),
        secret=str(given.get("secret") or new_secret(int(str(chosen("secret_size"))))),
    )
