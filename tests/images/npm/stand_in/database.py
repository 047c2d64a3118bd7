# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows in database.sqlite: tables and columns have upstream's names, what is deleted stays and is only marked."""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path
from typing import Any

Row = dict[str, Any]

# What a column holds: a switch, a value of JSON, or anything else; and what it is when nobody says.
SWITCH, JSON, PLAIN = "switch", "json", "plain"
_TLS = {"certificate_id": (PLAIN, 0), "ssl_forced": (SWITCH, False), "hsts_enabled": (SWITCH, False),
        "hsts_subdomains": (SWITCH, False), "http2_support": (SWITCH, False)}  # fmt: skip
_HOST = {
    "domain_names": (JSON, []),
    **_TLS,
    "advanced_config": (PLAIN, ""),
    "meta": (JSON, {}),
    "enabled": (SWITCH, True),
}
_OWNED = {"owner_user_id": (PLAIN, 1), "is_deleted": (SWITCH, False)}
MANAGED = ("proxy_hosts", "redirection_hosts", "dead_hosts", "streams", "access_lists", "certificates")
TABLES: dict[str, dict[str, tuple[str, Any]]] = {
    "user": {
        "is_deleted": (SWITCH, False),
        "is_disabled": (SWITCH, False),
        "email": (PLAIN, ""),
        "name": (PLAIN, ""),
        "nickname": (PLAIN, ""),
        "avatar": (PLAIN, ""),
        "roles": (JSON, []),
    },
    "auth": {"user_id": (PLAIN, 0), "type": (PLAIN, "password"), "secret": (PLAIN, ""), "meta": (JSON, {})},
    "user_permission": {
        "user_id": (PLAIN, 0),
        "visibility": (PLAIN, "user"),
        **dict.fromkeys(MANAGED, (PLAIN, "manage")),
    },
    "proxy_host": {
        **_OWNED,
        **_HOST,
        "forward_host": (PLAIN, ""),
        "forward_port": (PLAIN, 80),
        "forward_scheme": (PLAIN, "http"),
        "access_list_id": (PLAIN, 0),
        "caching_enabled": (SWITCH, False),
        "block_exploits": (SWITCH, False),
        "allow_websocket_upgrade": (SWITCH, False),
        "trust_forwarded_proto": (SWITCH, False),
        "locations": (JSON, []),
    },
    "redirection_host": {
        **_OWNED,
        **_HOST,
        "forward_http_code": (PLAIN, 302),
        "forward_scheme": (PLAIN, "auto"),
        "forward_domain_name": (PLAIN, ""),
        "preserve_path": (SWITCH, False),
        "block_exploits": (SWITCH, False),
    },
    "dead_host": {**_OWNED, **_HOST},
    "stream": {
        **_OWNED,
        "incoming_port": (PLAIN, 0),
        "forwarding_host": (PLAIN, ""),
        "forwarding_port": (PLAIN, 0),
        "tcp_forwarding": (SWITCH, False),
        "udp_forwarding": (SWITCH, False),
        "certificate_id": (PLAIN, 0),
        "enabled": (SWITCH, True),
        "meta": (JSON, {}),
    },
    "access_list": {
        **_OWNED,
        "name": (PLAIN, ""),
        "satisfy_any": (SWITCH, False),
        "pass_auth": (SWITCH, True),
        "meta": (JSON, {}),
    },
    "access_list_auth": {
        "access_list_id": (PLAIN, 0),
        "username": (PLAIN, ""),
        "password": (PLAIN, ""),
        "meta": (JSON, {}),
    },
    "access_list_client": {
        "access_list_id": (PLAIN, 0),
        "address": (PLAIN, ""),
        "directive": (PLAIN, "allow"),
        "meta": (JSON, {}),
    },
    "certificate": {
        **_OWNED,
        "provider": (PLAIN, ""),
        "nice_name": (PLAIN, ""),
        "domain_names": (JSON, []),
        "expires_on": (PLAIN, ""),
        "meta": (JSON, {}),
    },
    "setting": {"name": (PLAIN, ""), "description": (PLAIN, ""), "value": (PLAIN, ""), "meta": (JSON, {})},
    "audit_log": {
        "user_id": (PLAIN, 0),
        "object_type": (PLAIN, ""),
        "object_id": (PLAIN, 0),
        "action": (PLAIN, ""),
        "meta": (JSON, {}),
    },
}


def now() -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S")


class Database:
    def __init__(self, file: Path) -> None:
        self._link = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._link.row_factory = sqlite3.Row
        for table, columns in TABLES.items():
            key = "TEXT PRIMARY KEY" if table == "setting" else "INTEGER PRIMARY KEY AUTOINCREMENT"
            names = ", ".join(f'"{column}"' for column in ("created_on", "modified_on", *columns))
            self._link.execute(f'CREATE TABLE IF NOT EXISTS "{table}" (id {key}, {names})')

    def close(self) -> None:
        self._link.close()

    def insert(self, table: str, row: Row) -> Row:
        columns = TABLES[table]
        whole = {name: row.get(name, otherwise) for name, (_kind, otherwise) in columns.items()}
        whole.update(created_on=now(), modified_on=now())
        if "id" in row:
            whole["id"] = row["id"]
        if whole.get("expires_on") == "":
            whole["expires_on"] = now()
        names = ", ".join(f'"{name}"' for name in whole)
        marks = ", ".join("?" * len(whole))
        done = self._link.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', self._stored(table, whole))
        return self.find(table, row.get("id", done.lastrowid)) or {}

    def update(self, table: str, key: object, changes: Row) -> Row:
        known = {name: value for name, value in changes.items() if name in TABLES[table]}
        known["modified_on"] = now()
        sets = ", ".join(f'"{name}" = ?' for name in known)
        self._link.execute(f'UPDATE "{table}" SET {sets} WHERE id = ?', [*self._stored(table, known), key])
        return self.find(table, key) or {}

    def remove(self, table: str, **where: Any) -> None:
        """Delete rows for good."""
        tests = " AND ".join(f'"{name}" = ?' for name in where)
        self._link.execute(f'DELETE FROM "{table}" WHERE {tests}', list(where.values()))

    def find(self, table: str, key: object) -> Row | None:
        """Return the row of that id, unless it is deleted."""
        found = self.all(table, id=key)
        return found[0] if found else None

    def all(self, table: str, **where: Any) -> list[Row]:
        """Return the rows that are not deleted and have these values, in the order in which they came."""
        if "is_deleted" in TABLES[table]:
            where.setdefault("is_deleted", 0)
        tests = " AND ".join(f'"{name}" = ?' for name in where) or "1"
        found = self._link.execute(f'SELECT * FROM "{table}" WHERE {tests} ORDER BY rowid', list(where.values()))
        return [self._read(table, row) for row in found]

    def _stored(self, table: str, row: Row) -> list[Any]:
        kinds = {name: kind for name, (kind, _otherwise) in TABLES[table].items()}
        return [
            json.dumps(value) if kinds.get(name) == JSON else int(value) if kinds.get(name) == SWITCH else value
            for name, value in row.items()
        ]

    def _read(self, table: str, row: sqlite3.Row) -> Row:
        kinds = {name: kind for name, (kind, _otherwise) in TABLES[table].items()}
        return {
            name: json.loads(row[name])
            if kinds.get(name) == JSON
            else bool(row[name])
            if kinds.get(name) == SWITCH
            else row[name]
            for name in row.keys()  # noqa: SIM118 - a sqlite3.Row iterates over its values
        }


def public(row: Row) -> Row:
    """Return a row as it is answered."""
    return {name: value for name, value in row.items() if name != "is_deleted"}
