# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is kept in the database: second factors, attempts, bans, one-time codes, preferences."""

from __future__ import annotations

import secrets
import time
import uuid
from dataclasses import dataclass
from typing import Any

from .box import Box, WrongKey
from .config import Config
from .database import Database, open_database
from .totp import Totp

SCHEMA = 24
_CHECK = "check"
WRONG_KEY = (
    "the configured encryption key does not appear to be valid for this database which may occur if the encryption key "
    "was changed in the configuration without using the cli to change it in the database"
)
# Without letters and digits that look alike.
_CODE_LETTERS = "ABCDEFGHJKLMNOPQRTUVWYXZ2346789"
_TABLES = (
    "CREATE TABLE migrations (id {serial}, applied REAL, version_before INTEGER, version_after INTEGER)",
    "CREATE TABLE encryption (id {serial}, name VARCHAR(100) UNIQUE, value {blob} NOT NULL)",
    "CREATE TABLE totp_configurations (id {serial}, username VARCHAR(100) UNIQUE, issuer VARCHAR(100), "
    "algorithm VARCHAR(6), digits INTEGER, period INTEGER, secret {blob} NOT NULL, last_used_at DOUBLE PRECISION)",
    "CREATE TABLE totp_history (id {serial}, username VARCHAR(100), step BIGINT, UNIQUE (username, step))",
    "CREATE TABLE authentication_logs (id {serial}, time DOUBLE PRECISION, successful INTEGER, banned INTEGER, "
    "username VARCHAR(100), auth_type VARCHAR(8), remote_ip VARCHAR(47), request_uri TEXT, request_method VARCHAR(8))",
    "CREATE TABLE banned_user (id {serial}, time DOUBLE PRECISION, expires DOUBLE PRECISION, expired DOUBLE PRECISION, "
    "revoked INTEGER DEFAULT 0, username VARCHAR(100), source VARCHAR(10), reason VARCHAR(100))",
    "CREATE TABLE banned_ip (id {serial}, time DOUBLE PRECISION, expires DOUBLE PRECISION, expired DOUBLE PRECISION, "
    "revoked INTEGER DEFAULT 0, ip VARCHAR(47), source VARCHAR(10), reason VARCHAR(100))",
    "CREATE TABLE one_time_code (id {serial}, public_id VARCHAR(36), username VARCHAR(100), intent VARCHAR(100), "
    "ip VARCHAR(47), expires DOUBLE PRECISION, consumed INTEGER DEFAULT 0, revoked INTEGER DEFAULT 0, code {blob})",
    "CREATE TABLE identity_verification (id {serial}, jti VARCHAR(64), username VARCHAR(100), "
    "expires DOUBLE PRECISION, consumed INTEGER DEFAULT 0, revoked INTEGER DEFAULT 0)",
    "CREATE TABLE user_preferences (id {serial}, username VARCHAR(100) UNIQUE, second_factor_method VARCHAR(11))",
)


class StorageError(Exception):
    """The storage cannot be used; the message says why."""


@dataclass(frozen=True)
class Ban:
    number: int
    value: str
    expires: float | None
    source: str
    reason: str


class Storage:
    def __init__(self, config: Config) -> None:
        self.database: Database = open_database(config)
        self._box = Box(str(config.get("storage.encryption_key")))

    def close(self) -> None:
        self.database.close()

    @property
    def version(self) -> int:
        if "migrations" not in self.database.tables():
            return 0
        found = self.database.rows("SELECT version_after FROM migrations ORDER BY id DESC LIMIT 1")
        return int(found[0][0]) if found else 0

    def migrate(self) -> int:
        """Bring the schema up; return from which version."""
        before = self.version
        if before > SCHEMA:
            raise StorageError(
                f"error during schema migrate: schema version {before} is newer than the stand-in's {SCHEMA}"
            )
        if before == 0:
            for table in _TABLES:
                self.database.rows(table.format(serial=self.database.serial, blob=self.database.blob))
            self._write_check()
            self.database.rows(
                "INSERT INTO migrations (applied, version_before, version_after) VALUES (?, ?, ?)",
                (time.time(), 0, SCHEMA),
            )
        return before

    def check_key(self) -> None:
        found = self.database.rows("SELECT value FROM encryption WHERE name = ?", (_CHECK,))
        try:
            self._box.open(bytes(found[0][0]) if found else b"")
        except WrongKey as error:
            raise StorageError(WRONG_KEY) from error

    def change_key(self, new: str) -> None:
        """Write all that is encrypted anew under another key."""
        self.check_key()
        totps, self._box = self.totps(), Box(new)
        self.database.rows("DELETE FROM encryption WHERE name = ?", (_CHECK,))
        self._write_check()
        for totp in totps:
            self.put_totp(totp)

    def _write_check(self) -> None:
        check = self._box.close(str(uuid.uuid4()).encode())
        self.database.rows("INSERT INTO encryption (name, value) VALUES (?, ?)", (_CHECK, check))

    # second factors

    def totps(self, of: str | None = None) -> list[Totp]:
        query = "SELECT username, issuer, algorithm, digits, period, secret FROM totp_configurations"
        rows = self.database.rows(*((f"{query} WHERE username = ?", (of,)) if of else (f"{query} ORDER BY id",)))
        try:
            return [
                Totp(name, issuer, algorithm, digits, period, self._box.open(bytes(secret)).decode())
                for name, issuer, algorithm, digits, period, secret in rows
            ]
        except WrongKey as error:
            raise StorageError(WRONG_KEY) from error

    def totp(self, name: str) -> Totp | None:
        return next(iter(self.totps(name)), None) if name else None

    def put_totp(self, totp: Totp) -> None:
        self.drop_totp(totp.name)
        self.database.rows(
            "INSERT INTO totp_configurations (username, issuer, algorithm, digits, period, secret) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (totp.name, totp.issuer, totp.algorithm, totp.digits, totp.period, self._box.close(totp.secret.encode())),
        )

    def drop_totp(self, name: str) -> bool:
        had = bool(self.database.rows("SELECT 1 FROM totp_configurations WHERE username = ?", (name,)))
        self.database.rows("DELETE FROM totp_configurations WHERE username = ?", (name,))
        return had

    def use_step(self, name: str, step: int) -> bool:
        """Note that a code was used; return False when it was used before."""
        if self.database.rows("SELECT 1 FROM totp_history WHERE username = ? AND step = ?", (name, step)):
            return False
        self.database.rows("INSERT INTO totp_history (username, step) VALUES (?, ?)", (name, step))
        return True

    def method(self, name: str) -> str:
        found = self.database.rows("SELECT second_factor_method FROM user_preferences WHERE username = ?", (name,))
        return str(found[0][0]) if found else ""

    def put_method(self, name: str, method: str) -> None:
        self.database.rows("DELETE FROM user_preferences WHERE username = ?", (name,))
        self.database.rows(
            "INSERT INTO user_preferences (username, second_factor_method) VALUES (?, ?)", (name, method)
        )

    # attempts and bans

    def attempt(
        self, now: float, good: bool, banned: bool, name: str, kind: str, ip: str, uri: str, method: str
    ) -> None:
        self.database.rows(
            "INSERT INTO authentication_logs (time, successful, banned, username, auth_type, remote_ip, request_uri, "
            "request_method) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (now, int(good), int(banned), name, kind, ip, uri, method),
        )

    def attempts(self, column: str, value: str, since: float, most: int) -> list[tuple[float, bool]]:
        """Return when the last attempts were and whether they were good, the newest first."""
        assert column in ("username", "remote_ip")
        rows = self.database.rows(
            f"SELECT time, successful FROM authentication_logs WHERE {column} = ? AND time >= ? AND banned = 0 "
            "AND auth_type IN ('1FA', 'TOTP') ORDER BY time DESC, id DESC LIMIT ?",
            (value, since, most),
        )
        return [(float(when), bool(good)) for when, good in rows]

    def ban(self, kind: str, value: str, expires: float | None, source: str, reason: str) -> None:
        table, column = _ban_table(kind)
        self.database.rows(
            f"INSERT INTO {table} (time, expires, {column}, source, reason) VALUES (?, ?, ?, ?, ?)",
            (time.time(), expires, value, source, reason),
        )

    def bans(self, kind: str, now: float, value: str | None = None) -> list[Ban]:
        table, column = _ban_table(kind)
        query = (
            f"SELECT id, {column}, expires, source, reason FROM {table} WHERE revoked = 0 "
            "AND (expires IS NULL OR expires > ?)"
        )
        values: list[Any] = [now]
        if value is not None:
            query, values = f"{query} AND {column} = ?", [now, value]
        return [Ban(*row) for row in self.database.rows(f"{query} ORDER BY id", values)]

    def revoke(self, kind: str, number: int) -> None:
        self.database.rows(f"UPDATE {_ban_table(kind)[0]} SET revoked = 1 WHERE id = ?", (number,))

    # one-time codes

    def new_code(self, name: str, ip: str, length: int, expires: float) -> tuple[str, str]:
        """Return a code and its public id."""
        code = "".join(secrets.choice(_CODE_LETTERS) for _each in range(length))
        public = str(uuid.uuid4())
        self.database.rows(
            "INSERT INTO one_time_code (public_id, username, intent, ip, expires, code) VALUES (?, ?, ?, ?, ?, ?)",
            (public, name, "use", ip, expires, self._box.close(code.encode())),
        )
        return code, public

    def use_code(self, name: str, ip: str, code: str, now: float) -> bool:
        rows = self.database.rows(
            "SELECT id, code FROM one_time_code WHERE username = ? AND ip = ? AND expires >= ? AND consumed = 0 "
            "AND revoked = 0",
            (name, ip, now),
        )
        for number, closed in rows:
            if secrets.compare_digest(self._box.open(bytes(closed)), code.encode()):
                self.database.rows("UPDATE one_time_code SET consumed = 1 WHERE id = ?", (number,))
                return True
        return False

    def revoke_code(self, public: str) -> bool:
        query = "SELECT id FROM one_time_code WHERE public_id = ? AND consumed = 0 AND revoked = 0"
        found = self.database.rows(query, (public,))
        self.database.rows("UPDATE one_time_code SET revoked = 1 WHERE public_id = ?", (public,))
        return bool(found)

    def new_verification(self, jti: str, name: str, expires: float) -> None:
        self.database.rows(
            "INSERT INTO identity_verification (jti, username, expires) VALUES (?, ?, ?)", (jti, name, expires)
        )

    def use_verification(self, jti: str, now: float) -> str:
        """Return the user of a password reset's token, once."""
        query = (
            "SELECT username FROM identity_verification WHERE jti = ? AND expires >= ? AND consumed = 0 AND revoked = 0"
        )
        found = self.database.rows(query, (jti, now))
        self.database.rows("UPDATE identity_verification SET consumed = 1 WHERE jti = ?", (jti,))
        return str(found[0][0]) if found else ""


def _ban_table(kind: str) -> tuple[str, str]:
    return {"user": ("banned_user", "username"), "ip": ("banned_ip", "ip")}[kind]
