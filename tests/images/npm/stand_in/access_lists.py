# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Access lists: users with passwords, and addresses that may or may not."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from .access import Access
from .audit import Audit
from .bodies import checked
from .database import Database, Row, public
from .errors import InternalError, not_found
from .nginx import Nginx
from .web import Request, Response, answer

RELATIONS = ("owner", "items", "clients", "proxy_hosts")


class AccessLists:
    def __init__(self, database: Database, nginx: Nginx, audit: Audit) -> None:
        self.database = database
        self.nginx = nginx
        self.audit = audit
        self.generate_hosts: Callable[..., None] = lambda **where: None  # of the proxy hosts that use a list

    def _found(self, access: Access, key: int) -> Row:
        row = self.database.find("access_list", key)
        if not row or not access.sees(row):
            raise not_found(key)
        return row

    def shown(self, row: Row, expand: list[str]) -> Row:
        hosts = self.database.all("proxy_host", access_list_id=row["id"])
        shown = {**public(row), "proxy_host_count": len(hosts)}
        for name in expand:
            if name == "owner":
                owner = self.database.find("user", row["owner_user_id"])
                shown["owner"] = public(owner) if owner else None
            elif name == "items":
                shown["items"] = [_masked(item) for item in self._items(row["id"])]
            elif name == "clients":
                shown["clients"] = self._clients(row["id"])
            else:
                shown["proxy_hosts"] = [public(host) for host in hosts]
        return shown

    def related(self, key: int, whole: bool) -> Row | None:
        """Return the list of a host; `whole` with its rows, passwords and all."""
        row = self.database.find("access_list", key)
        if not row:
            return None
        shown = self.shown(row, [])
        return {**shown, "items": self._items(key), "clients": self._clients(key)} if whole else shown

    def _items(self, key: int) -> list[Row]:
        return self.database.all("access_list_auth", access_list_id=key)

    def _clients(self, key: int) -> list[Row]:
        return self.database.all("access_list_client", access_list_id=key)

    def list_all(self, access: Access, request: Request) -> Response:
        access.need("access_lists", "view")
        rows = sorted(self.database.all("access_list"), key=lambda row: str(row["name"]))
        expand = request.expand(RELATIONS)
        return answer([self.shown(row, expand) for row in rows if access.sees(row)])

    def show(self, access: Access, request: Request, key: int) -> Response:
        access.need("access_lists", "view")
        return answer(self.shown(self._found(access, key), request.expand(RELATIONS)))

    def create(self, access: Access, request: Request) -> Response:
        body = checked("POST", "access-lists", request.json)
        access.need("access_lists", "manage")
        row = self.database.insert("access_list", {**body, "owner_user_id": access.key})
        if "items" not in body:
            # The row is there by now, and stays.
            raise InternalError("Cannot read properties of undefined (reading 'map')")
        for item in body["items"]:
            self._insert_item(row["id"], item)
        for client in body.get("clients", []):
            self.database.insert("access_list_client", {**client, "access_list_id": row["id"]})
        self._build(row)
        self.audit.add(access.key, "created", "access-list", row["id"], {"name": row["name"]})
        return answer(self.shown(row, ["owner", "items", "clients", "proxy_hosts"]), 201)

    def _insert_item(self, key: int, item: Row) -> None:
        self.database.insert("access_list_auth", {**item, "access_list_id": key})

    def update(self, access: Access, request: Request, key: int) -> Response:
        body = checked("PUT", "access-lists", request.json)
        access.need("access_lists", "manage")
        row = self._found(access, key)
        # The switches are only looked at beside a name.
        if body.get("name"):
            row = self.database.update("access_list", key, body)
        if "items" in body:
            keep = [item["username"] for item in body["items"] if not item.get("password")]
            for item in self._items(key):
                if item["username"] not in keep:
                    self.database.remove("access_list_auth", id=item["id"])
            for item in body["items"]:
                if item.get("password"):
                    self._insert_item(key, item)
        if "clients" in body:
            self.database.remove("access_list_client", access_list_id=key)
            for client in body["clients"]:
                if client.get("address"):
                    self.database.insert("access_list_client", {**client, "access_list_id": key})
        self.audit.add(access.key, "updated", "access-list", key, {"name": row["name"]})
        self._build(row)
        self.generate_hosts(access_list_id=key)
        self.nginx.reload()
        return answer(self.shown(row, ["owner", "items", "clients", "proxy_hosts"]))

    def delete(self, access: Access, _request: Request, key: int) -> Response:
        access.need("access_lists", "manage")
        row = self._found(access, key)
        self.database.update("access_list", key, {"is_deleted": True})
        users = self.database.all("proxy_host", access_list_id=key)
        for host in users:
            self.database.update("proxy_host", host["id"], {"access_list_id": 0})
            self.generate_hosts(id=host["id"])
        self.nginx.reload()
        self._file(key).unlink(missing_ok=True)
        self.audit.add(access.key, "deleted", "access-list", key, {"name": row["name"]})
        return answer(True)

    def _file(self, key: int) -> Path:
        return self.nginx.layout.path(f"/data/access/{key}")

    def _build(self, row: Row) -> None:
        lines = []
        for item in self._items(row["id"]):
            if not item["password"]:
                # Upstream waits for ever here and never answers.
                raise InternalError(f"no password for {item['username']}")
            command = ["openssl", "passwd", "-apr1", "-stdin"]
            done = subprocess.run(command, input=item["password"], capture_output=True, text=True, check=True)
            lines.append(f"{item['username']}:{done.stdout.strip()}\n")
        self._file(row["id"]).write_text("".join(lines), encoding="utf-8")


def _masked(item: Row) -> Row:
    password = item["password"]
    return {**item, "password": "", "hint": (password[:1] or "*") + "*" * (len(password) - 1 if password else 8)}
