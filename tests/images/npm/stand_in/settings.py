# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one setting there is: what a name that nobody knows gets."""

from __future__ import annotations

from .access import Access
from .bodies import checked
from .database import Database, Row
from .errors import InternalError, invalid, not_found
from .nginx import Nginx
from .web import Request, Response, answer

DEFAULT_SITE = {
    "id": "default-site",
    "name": "Default Site",
    "description": "What to show when Nginx is hit with an unknown Host",
    "value": "congratulations",
    "meta": {},
}


class Settings:
    def __init__(self, database: Database, nginx: Nginx) -> None:
        self.database = database
        self.nginx = nginx
        if not database.find("setting", DEFAULT_SITE["id"]):
            database.insert("setting", dict(DEFAULT_SITE))

    def _found(self, name: str) -> Row:
        row = self.database.find("setting", name)
        if not row:
            raise not_found(name)
        return {key: row[key] for key in DEFAULT_SITE}

    def list_all(self, access: Access, _request: Request) -> Response:
        access.need_admin()
        return answer([self._found(row["id"]) for row in self.database.all("setting")])

    def show(self, access: Access, _request: Request, name: str) -> Response:
        access.need_admin()
        return answer(self._found(name))

    def update(self, access: Access, request: Request, name: str) -> Response:
        body = checked("PUT", "settings", request.json)
        access.need_admin()
        self._found(name)
        self.database.update("setting", name, body)
        row = self._found(name)
        if row["value"] == "html":
            if "html" not in row["meta"]:
                raise InternalError('The "data" argument must be of type string. Received undefined')
            page = self.nginx.layout.path("/data/nginx/default_www/index.html")
            page.write_text(row["meta"]["html"], encoding="utf-8")
        try:
            self.nginx.remove("default")
            self.nginx.generate("default", row)
            self.nginx.reload()
        except InternalError as error:
            self.nginx.remove("default")
            self.nginx.reload()
            raise invalid("Could not reconfigure Nginx. Please check logs.") from error
        return answer(row)
