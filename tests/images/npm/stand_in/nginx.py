# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files for nginx, and nginx's word on them: tested before and after, reloaded, and put aside when they are broken."""

from __future__ import annotations

import subprocess
from pathlib import Path

from .database import Database, Row
from .errors import InternalError
from .layout import Layout
from .log import log
from .templates import render


class Nginx:
    def __init__(self, layout: Layout, database: Database) -> None:
        self.layout = layout
        self.database = database

    def _run(self, *arguments: str) -> None:
        done = subprocess.run(
            ["nginx", "-c", str(self.layout.conf), *arguments], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise InternalError(done.stderr)

    def test(self) -> None:
        self._run("-t")

    def reload(self) -> None:
        self.test()
        log("Nginx", "info", "Reloading Nginx")
        self._run("-s", "reload")

    def file(self, kind: str, key: object = 0) -> Path:
        name = "default_host/site.conf" if kind == "default" else f"{kind}/{key}.conf"
        return self.layout.path(f"/data/nginx/{name}")

    def generate(self, kind: str, row: Row) -> None:
        self.file(kind, row["id"]).write_text(render(kind, row, self.layout), encoding="utf-8")

    def remove(self, kind: str, key: object = 0) -> None:
        self.file(kind, key).unlink(missing_ok=True)
        self._broken(kind, key).unlink(missing_ok=True)

    def _broken(self, kind: str, key: object) -> Path:
        return self.file(kind, key).with_name(self.file(kind, key).name + ".err")

    def configure(self, kind: str, row: Row) -> Row:
        """Put a host into nginx; return its meta, which tells whether nginx took it.

        What is broken already lets every later save fail here, before anything is written.
        """
        self.test()
        self.remove(kind, row["id"])
        self.generate(kind, row)
        meta = {**row["meta"], "nginx_online": True, "nginx_err": None}
        try:
            self.test()
        except InternalError as error:
            told = "\n".join(line for line in str(error).split("\n") if "/var/log/nginx/error.log" not in line)
            log("Nginx", "error", told.strip())
            meta = {**row["meta"], "nginx_online": False, "nginx_err": told}
            self.file(kind, row["id"]).rename(self._broken(kind, row["id"]))
        self.database.update(kind, row["id"], {"meta": meta})
        self.reload()
        return meta
