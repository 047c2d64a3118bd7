# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The users, in SQLite in the folder for data. The administrator is made with the database, and at no later start."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROLES = ("Admin", "Editor", "Viewer", "None")
ADMINISTRATOR = 1
_SCHEMA = """
create table user (id integer primary key, login text unique, email text, name text, salt text, password text,
                   is_admin integer, role text);
create table session (token text primary key, user_id integer);
"""


_INSERT = "insert into user (login, email, name, salt, password, is_admin, role) values (?, ?, ?, ?, ?, ?, ?)"


class StoreError(Exception):
    """The database is not what it should be."""


@dataclass(frozen=True)
class User:
    """Somebody who is signed in."""

    id: int
    login: str
    email: str
    name: str
    is_admin: bool
    role: str


class Store:
    """One database."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "grafana.db"
        self._lock = threading.Lock()

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            connection = sqlite3.connect(self._path, timeout=10)
            try:
                with connection:
                    yield connection
            finally:
                connection.close()

    def start(self, login: str, email: str, password: str) -> bool:
        """Make the database with its administrator; tell whether there was none."""
        if self._path.exists():
            return False
        with self._open() as database:
            database.executescript(_SCHEMA)
        self._add(login.lower(), email, login, password, is_admin=True, role="Admin")
        return True

    def _add(self, login: str, email: str, name: str, password: str, *, is_admin: bool, role: str) -> None:
        salt = secrets.token_hex(5)
        row = (login, email, name, salt, _hashed(password, salt), is_admin, role)
        with self._open() as database:
            database.execute(
                "insert into user (login, email, name, salt, password, is_admin, role) values (?, ?, ?, ?, ?, ?, ?)",
                row,
            )

    def find(self, name: str) -> User | None:
        """Return who has this name or address. Grafana takes the two for one, in whatever letters."""
        return self._one("lower(login) = ? or lower(email) = ?", name.lower(), name.lower())

    def of(self, number: int) -> User | None:
        return self._one("id = ?", number)

    def _one(self, where: str, *values: object) -> User | None:
        with self._open() as database:
            query = f"select id, login, email, name, is_admin, role from user where {where} order by id"
            row = database.execute(query, values).fetchone()
        return User(row[0], row[1], row[2], row[3], bool(row[4]), row[5]) if row else None

    def password_is(self, user: User, password: str) -> bool:
        with self._open() as database:
            salt, known = database.execute("select salt, password from user where id = ?", (user.id,)).fetchone()
        return bool(known) and hmac.compare_digest(_hashed(password, salt), known)

    def set_password(self, number: int, password: str) -> None:
        if not self.of(number):
            raise StoreError(f"could not read user (id: {number}) from database. Error: user not found")
        salt = secrets.token_hex(5)
        with self._open() as database:
            values = (salt, _hashed(password, salt), number)
            database.execute("update user set salt = ?, password = ? where id = ?", values)

    def sync(self, login: str, email: str, name: str, role: str) -> User:
        """Make a user whom the proxy names, or bring what is known of one up to date. An empty role keeps the one."""
        user = self.find(login) or (self.find(email) if email else None)
        if user is None:
            with self._open() as database:
                database.execute(_INSERT, (login, email, name, "", "", False, role or "Viewer"))
        else:
            with self._open() as database:
                database.execute(
                    "update user set email = ?, name = ?, role = ? where id = ?",
                    (email or user.email, name or user.name, role or user.role, user.id),
                )
        found = self.find(login)
        assert found
        return found

    def open_session(self, user: User) -> str:
        token = secrets.token_hex(16)
        with self._open() as database:
            database.execute("insert into session values (?, ?)", (token, user.id))
        return token

    def session(self, token: str) -> User | None:
        with self._open() as database:
            row = database.execute("select user_id from session where token = ?", (token,)).fetchone()
        return self.of(row[0]) if row else None


def _hashed(password: str, salt: str) -> str:
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), 10000, 50).hex()
