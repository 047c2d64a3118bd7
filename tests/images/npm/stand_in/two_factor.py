# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The second factor of users: codes by the clock, and codes that work once."""

from __future__ import annotations

import base64
import hmac
import secrets
import time

from .access import Access
from .bodies import checked
from .database import Database, Row
from .errors import invalid
from .web import Request, Response, answer

PERIOD = 30


def code_of(secret: str, now: float) -> str:
    """Return the six figures of a moment (RFC 6238)."""
    digest = hmac.digest(base64.b32decode(secret), int(now // PERIOD).to_bytes(8, "big"), "sha1")
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


class TwoFactor:
    def __init__(self, database: Database) -> None:
        self.database = database

    def _auth(self, user: int) -> Row:
        found = self.database.all("auth", user_id=user, type="password")
        if not found:
            raise invalid("No password is set for this user")
        return found[0]

    def _keep(self, auth: Row, **changes: object) -> None:
        self.database.update("auth", auth["id"], {"meta": {**auth["meta"], **changes}})

    def enabled(self, user: int) -> bool:
        return bool(self._auth(user)["meta"].get("totp_enabled"))

    def accepts(self, user: int, code: str) -> bool:
        auth = self._auth(user)
        if self._by_clock(auth["meta"].get("totp_secret", ""), code):
            return True
        left = auth["meta"].get("backup_codes", [])
        if code not in left:
            return False
        self._keep(auth, backup_codes=[one for one in left if one != code])
        return True

    def _by_clock(self, secret: str, code: str) -> bool:
        now = time.time()
        return bool(secret) and any(code == code_of(secret, now + PERIOD * step) for step in (-1, 0, 1))

    def _own(self, access: Access, which: int | str) -> Row:
        if which not in ("me", access.key):
            access.need_admin()
        return self._auth(access.key if which == "me" else int(which))

    def status(self, access: Access, _request: Request, which: int | str) -> Response:
        meta = self._own(access, which)["meta"]
        left = len(meta.get("backup_codes", []))
        return answer({"enabled": bool(meta.get("totp_enabled")), "backup_codes_remaining": left})

    def begin(self, access: Access, _request: Request, which: int | str) -> Response:
        auth = self._own(access, which)
        if auth["meta"].get("totp_enabled"):
            raise invalid("2FA is already enabled")
        secret = base64.b32encode(secrets.token_bytes(20)).decode()
        self._keep(auth, totp_pending_secret=secret)
        label = f"otpauth://totp/Nginx%20Proxy%20Manager:{access.user['email']}?secret={secret}"
        return answer({"secret": secret, "otpauth_url": label})

    def enable(self, access: Access, request: Request, which: int | str) -> Response:
        code = checked("POST", "2fa", request.json)["code"]
        auth = self._own(access, which)
        secret = auth["meta"].get("totp_pending_secret", "")
        if not secret:
            raise invalid("No pending 2FA setup found")
        if not self._by_clock(secret, code):
            raise invalid("Invalid verification code")
        codes = _codes()
        self._keep(auth, totp_secret=secret, totp_pending_secret="", totp_enabled=True, backup_codes=codes)
        return answer({"backup_codes": codes})

    def renew_codes(self, access: Access, request: Request, which: int | str) -> Response:
        code = checked("POST", "2fa", request.json)["code"]
        auth = self._own(access, which)
        if not auth["meta"].get("totp_enabled"):
            raise invalid("2FA is not enabled")
        if not self._by_clock(auth["meta"]["totp_secret"], code):
            raise invalid("Invalid verification code")
        codes = _codes()
        self._keep(auth, backup_codes=codes)
        return answer({"backup_codes": codes})

    def disable(self, access: Access, request: Request, which: int | str) -> Response:
        auth = self._own(access, which)
        code = request.query.get("code", "")
        if not code:
            raise invalid("Missing required parameter: code")
        if not auth["meta"].get("totp_enabled"):
            raise invalid("2FA is not enabled")
        if not self._by_clock(auth["meta"]["totp_secret"], code):
            raise invalid("Invalid verification code")
        self.database.update("auth", auth["id"], {"meta": {}})
        return answer(True)


def _codes() -> list[str]:
    return [secrets.token_hex(4).upper() for _number in range(8)]
