# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""<app>.db: the resources, the settings and the users."""

from __future__ import annotations

import json
import sqlite3
import threading
from pathlib import Path
from typing import Any

_TABLES = """
CREATE TABLE IF NOT EXISTS items (kind TEXT, id INTEGER, body TEXT, PRIMARY KEY (kind, id));
CREATE TABLE IF NOT EXISTS counters (kind TEXT PRIMARY KEY, last INTEGER);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, body TEXT);
CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, identifier TEXT, username TEXT UNIQUE,
                                  password TEXT, salt TEXT, iterations INTEGER);
"""


class Database:
    def __init__(self, file: Path) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._connection.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;" + _TABLES)

    def _run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def works(self) -> bool:
        try:
            self._run("SELECT count(*) FROM settings")
        except sqlite3.Error:
            return False
        return True

    def all(self, kind: str) -> list[dict[str, Any]]:
        return [json.loads(body) for (body,) in self._run("SELECT body FROM items WHERE kind = ? ORDER BY id", kind)]

    def find(self, kind: str, number: int) -> dict[str, Any] | None:
        found = self._run("SELECT body FROM items WHERE kind = ? AND id = ?", kind, number)
        return json.loads(found[0][0]) if found else None

    def add(self, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        """Store a new one. A number is never given twice."""
        with self._lock:
            found = self._run("SELECT last FROM counters WHERE kind = ?", kind)
            number = (found[0][0] if found else 0) + 1
            self._run("INSERT OR REPLACE INTO counters VALUES (?, ?)", kind, number)
            return self.put(kind, {**body, "id": number})

    def put(self, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        self._run("INSERT OR REPLACE INTO items VALUES (?, ?, ?)", kind, body["id"], json.dumps(body))
        return body

    def delete(self, kind: str, number: int) -> None:
        self._run("DELETE FROM items WHERE kind = ? AND id = ?", kind, number)

    def setting(self, name: str, otherwise: Any = None) -> Any:
        found = self._run("SELECT body FROM settings WHERE name = ?", name)
        return json.loads(found[0][0]) if found else otherwise

    def set(self, name: str, value: Any) -> None:
        self._run("INSERT OR REPLACE INTO settings VALUES (?, ?)", name, json.dumps(value))

    def user(self) -> dict[str, Any] | None:
        columns = ("identifier", "username", "password", "salt", "iterations")
        found = self._run(f"SELECT {', '.join(columns)} FROM users ORDER BY id LIMIT 1")
        return dict(zip(columns, found[0])) if found else None

    def set_user(self, user: dict[str, Any]) -> None:
        values = [user[name] for name in ("identifier", "username", "password", "salt", "iterations")]
        self._run("INSERT OR REPLACE INTO users VALUES (1, ?, ?, ?, ?, ?)", *values)
