# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two databases that the stand-in knows, behind one small face."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .address import host_and_port
from .config import Config

Row = tuple[Any, ...]


class DatabaseError(Exception):
    """The database cannot be reached or refused."""


class SQLite:
    blob = "BLOB"
    serial = "INTEGER PRIMARY KEY AUTOINCREMENT"

    def __init__(self, file: Path) -> None:
        try:
            self._connection = sqlite3.connect(file, check_same_thread=False, isolation_level=None, timeout=10)
            self._connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.Error as error:
            raise DatabaseError(str(error)) from error
        self._lock = threading.Lock()

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[Row]:
        with self._lock:
            try:
                return self._connection.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise DatabaseError(str(error)) from error

    def tables(self) -> set[str]:
        return {name for (name,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}

    def close(self) -> None:
        self._connection.close()


class PostgreSQL:
    blob = "BYTEA"
    serial = "SERIAL PRIMARY KEY"

    def __init__(self, config: Config) -> None:
        import psycopg  # only where it is used: SQLite needs nothing

        base = "storage.postgres"
        host, port = host_and_port(str(config.get(f"{base}.address")), 5432)
        self._schema = str(config.get(f"{base}.schema"))
        self._error: type[Exception] = psycopg.Error
        self._lock = threading.Lock()

        def connect() -> Any:
            return psycopg.connect(
                host=host,
                port=port,
                dbname=str(config.get(f"{base}.database")),
                user=str(config.get(f"{base}.username")),
                password=str(config.get(f"{base}.password")),
                options=f"-c search_path={self._schema}",
                connect_timeout=5,
                autocommit=True,
            )

        self._connect = connect
        try:
            self._connection = connect()
        except psycopg.Error as error:
            raise DatabaseError(str(error)) from error

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[Row]:
        with self._lock:
            try:
                try:
                    return self._run(query, values)
                except self._error:
                    # The server may have been restarted. A new connection that fails as well is the truth.
                    if not self._connection.closed:
                        raise
                    self._connection = self._connect()
                    return self._run(query, values)
            except self._error as error:
                raise DatabaseError(str(error)) from error

    def _run(self, query: str, values: Sequence[Any]) -> list[Row]:
        cursor = self._connection.execute(query.replace("?", "%s"), values)
        return cursor.fetchall() if cursor.description else []

    def tables(self) -> set[str]:
        found = self.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = ?", (self._schema,))
        return {name for (name,) in found}

    def close(self) -> None:
        self._connection.close()


Database = SQLite | PostgreSQL


def open_database(config: Config) -> Database:
    if config.has("storage.postgres"):
        return PostgreSQL(config)
    return SQLite(Path(str(config.get("storage.local.path"))))
