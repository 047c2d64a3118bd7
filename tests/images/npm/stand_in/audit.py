# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit log: who changed what."""

from __future__ import annotations

from typing import Any

from .access import Access
from .database import Database, Row, public
from .errors import not_found
from .web import Request, Response, answer

RELATIONS = ("user",)


class Audit:
    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, user: int, action: str, kind: str, key: int, meta: dict[str, Any]) -> None:
        row = {"user_id": user, "action": action, "object_type": kind, "object_id": key, "meta": meta}
        self.database.insert("audit_log", row)

    def _shown(self, row: Row, expand: list[str]) -> Row:
        user = self.database.find("user", row["user_id"]) if "user" in expand else None
        return {**row, "user": public(user)} if user else row

    def list_all(self, access: Access, request: Request) -> Response:
        access.need_admin()
        rows = self.database.all("audit_log")[::-1][:100]
        expand = request.expand(RELATIONS)
        return answer([self._shown(row, expand) for row in rows])

    def show(self, access: Access, request: Request, key: int) -> Response:
        access.need_admin()
        row = self.database.find("audit_log", key)
        if not row:
            raise not_found(key)
        return answer(self._shown(row, request.expand(RELATIONS)))
