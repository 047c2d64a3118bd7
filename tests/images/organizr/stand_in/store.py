# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Organizr's database, with the tables and the first rows of upstream's."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from .answers import Refused
from .columns import NAMES, NOUNS, TABLES

GROUPS = {0: "Admin", 1: "Co-Admin", 2: "Super User", 3: "Power User", 4: "User", 999: "Guest"}
DEFAULT_GROUP = 4
_OTHERS = {
    "users": "username TEXT UNIQUE, password TEXT, email TEXT, group_id INTEGER",
    "groups": "`group` TEXT UNIQUE, group_id INTEGER, image TEXT, `default` INTEGER",
}
_SETTINGS = {
    "name": "Settings",
    "url": "api/v2/page/settings",
    "image": "fontawesome::cog",
    "group_id": 1,
    "enabled": 1,
}
_HOMEPAGE = {
    "name": "Homepage",
    "url": "api/v2/page/homepage",
    "image": "fontawesome::home",
    "group_id": 4,
    "enabled": 0,
}
Row = dict[str, Any]


class Store:
    def __init__(self, file: Path) -> None:
        self.file = file

    def create(self, username: str, password: str, email: str) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        for table, columns in TABLES.items():
            typed = ", ".join(f"`{name}` {'TEXT' if kind is str else 'INTEGER'}" for name, kind in columns.items())
            self._run(f"CREATE TABLE `{table}` (id INTEGER PRIMARY KEY AUTOINCREMENT, {typed})")
        for table, text in _OTHERS.items():
            self._run(f"CREATE TABLE `{table}` (id INTEGER PRIMARY KEY AUTOINCREMENT, {text})")
        for number, name in GROUPS.items():
            image = f"plugins/images/groups/{name.replace(' ', '').replace('-', '').lower()}.png"
            values = {"group": name, "group_id": number, "image": image, "default": int(number == DEFAULT_GROUP)}
            self.insert("groups", values)
        unsorted = {
            "category": "Unsorted",
            "category_id": 0,
            "image": "fontawesome::question",
            "order": 1,
            "default": 1,
        }
        self.insert("categories", unsorted)
        for order, tab in enumerate((_SETTINGS, _HOMEPAGE), 1):
            self.insert("tabs", {**tab, "order": order, "category_id": 0, "type": 0, "default": 0})
        self.add_user(username, password, email, 0)

    def add_user(self, name: str, password: str, email: str, group: int) -> None:
        salt = secrets.token_hex(8)
        hashed = hashlib.sha256(f"{salt}{password}".encode()).hexdigest()
        values = {"username": name, "password": f"{salt}${hashed}", "email": email, "group_id": group}
        self.insert("users", values)

    def user(self, name: str) -> Row | None:
        return next(iter(self._run("SELECT * FROM users WHERE username = ? COLLATE NOCASE", name)), None)

    def lists(self) -> dict[str, list[Row]]:
        return {
            "tabs": self._run("SELECT * FROM tabs ORDER BY `order` ASC"),
            "categories": self._run("SELECT * FROM categories ORDER BY `order` ASC"),
            "groups": self._run("SELECT * FROM groups ORDER BY group_id ASC"),
        }

    def add(self, table: str, values: Row) -> None:
        name = NAMES[table]
        if name not in values:
            raise Refused(422, f"{NOUNS[table]} name was not supplied")
        self._refuse_taken(table, values[name])
        if table == "tabs" and "url" not in values and "url_local" not in values:
            raise Refused(422, "Tab url or url_local was not supplied")
        if "image" not in values:
            raise Refused(422, f"{NOUNS[table]} image was not supplied")
        defaults: Row = {"order": self._next(table, "order"), "default": 0}
        if table == "tabs":
            defaults.update(group_id=DEFAULT_GROUP, group_id_max=0, category_id=0, enabled=0, type=1)
        else:
            defaults.update(category_id=self._next(table, "category_id"))
        self.insert(table, {**defaults, **values})

    def change(self, table: str, number: int, values: Row) -> None:
        row = self._row(table, number)
        if row is None:
            raise Refused(404, f"No {NOUNS[table].lower()} info found")
        if NAMES[table] in values:
            self._refuse_taken(table, values[NAMES[table]], number)
        if table == "tabs":
            least, most = (values.get(key, row[key]) or 0 for key in ("group_id", "group_id_max"))
            if least < most:
                raise Refused(409, f"Tab name: {row['name']} cannot have a lower Group Id Max than Group Id Min")
        if values.get("default"):
            self._run(f"UPDATE `{table}` SET `default` = 0")
        parts = ", ".join(f"`{key}` = ?" for key in values)
        self._run(f"UPDATE `{table}` SET {parts} WHERE id = ?", *values.values(), number)

    def put_in_order(self, table: str, body: Any) -> None:
        if not isinstance(body, list) or not body:
            raise Refused(422, "data is empty or not in array")
        for entry in body:
            right = isinstance(entry, Mapping) and set(entry) == {"id", "order"}
            if not right or not all(isinstance(value, int) and value > 0 for value in entry.values()):
                raise Refused(422, "data is malformed")
            if self._row(table, entry["id"]) is None:
                raise Refused(422, f"stand-in: {table} has no row {entry['id']}")
            self._run(f"UPDATE `{table}` SET `order` = ? WHERE id = ?", entry["order"], entry["id"])

    def remove(self, table: str, number: int) -> None:
        if self._row(table, number) is None:
            raise Refused(404, "id not found")
        self._run(f"DELETE FROM `{table}` WHERE id = ?", number)

    def insert(self, table: str, values: Row) -> None:
        names = ", ".join(f"`{name}`" for name in values)
        marks = ", ".join("?" for _each in values)
        self._run(f"INSERT INTO `{table}` ({names}) VALUES ({marks})", *values.values())

    def _row(self, table: str, number: int) -> Row | None:
        return next(iter(self._run(f"SELECT * FROM `{table}` WHERE id = ?", number)), None)

    def _refuse_taken(self, table: str, name: str, number: int = 0) -> None:
        """As upstream asks: by LIKE, so that no letter case helps, and _ and % stand for others."""
        query = f"SELECT id FROM `{table}` WHERE `{NAMES[table]}` LIKE ? AND id != ?"
        if self._run(query, name, number):
            raise Refused(409, f"{NOUNS[table]} name: {name} is already taken")

    def _next(self, table: str, column: str) -> int:
        return int(self._run(f"SELECT MAX(`{column}`) AS most FROM `{table}`")[0]["most"] or 0) + 1

    def _run(self, query: str, *values: Any) -> list[Row]:
        with closing(sqlite3.connect(self.file)) as connection, connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query, values).fetchall()]
