# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who asks, and what they may."""

from __future__ import annotations

from dataclasses import dataclass

from .database import Database, Row
from .errors import denied
from .tokens import Tokens

LEVELS = ("hidden", "view", "manage")


@dataclass
class Access:
    user: Row
    permissions: Row

    @property
    def admin(self) -> bool:
        return "admin" in self.user["roles"]

    @property
    def key(self) -> int:
        return int(self.user["id"])

    def need_admin(self) -> None:
        if not self.admin:
            raise denied()

    def need(self, kind: str, level: str) -> None:
        """Refuse who has less than `view` or `manage` on a kind of thing."""
        if not self.admin and LEVELS.index(self.permissions[kind]) < LEVELS.index(level):
            raise denied()

    def sees(self, row: Row) -> bool:
        return self.admin or self.permissions["visibility"] == "all" or row["owner_user_id"] == self.key


def access_of(token: str, tokens: Tokens, database: Database) -> Access:
    if not token:
        raise denied()
    claims = tokens.read(token)
    user = database.find("user", claims["attrs"]["id"])
    if claims["scope"] != ["user"] or not user or user["is_disabled"]:
        raise denied()
    return Access(user, database.all("user_permission", user_id=user["id"])[0])
