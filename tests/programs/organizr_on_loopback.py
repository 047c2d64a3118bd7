# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in for Organizr on loopback and in this process."""

from __future__ import annotations

import http.client
import json
import threading
from pathlib import Path
from typing import Any

from tests.images.organizr.stand_in.organizr import Organizr
from tests.images.organizr.stand_in.web import Server, listen

KEY = "k" * 20
WIZARD = {
    "license": "personal",
    "hashKey": "hash-key-of-the-host",
    "api": KEY,
    "registrationPassword": "registration-of-the-host",
    "username": "anna",
    "password": "password-of-the-host",
    "email": "anna@example.org",
    "dbName": "organizr",
    "dbPath": "/config/www/organizr/data/db/",
    "driver": "sqlite3",
}


class Loopback:
    """An Organizr in a folder, which can be stopped and started again. fetched: whether it has fetched itself."""

    def __init__(self, folder: Path) -> None:
        self.organizr = Organizr(folder, "/config/www/organizr")
        self.config_file = folder / "data" / "config" / "config.php"
        self.fetched = True
        self.port = 0
        self._server: Server | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._server = listen(self.organizr, self.port, lambda: self.fetched)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def ask(
        self, method: str, path: str, body: Any = None, token: str = KEY, **headers: str
    ) -> tuple[int, dict[str, Any]]:
        """Return the status and what is in "response"."""
        status, text = self.get(f"/api/v2{path}", method, body, **({"Token": token} if token else {}), **headers)
        return status, json.loads(text)["response"] if text else {}

    def get(self, path: str, method: str = "GET", body: Any = None, **headers: str) -> tuple[int, str]:
        content = None if body is None else json.dumps(body)
        if content is not None:
            headers["Content-Type"] = "application/json"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, content, headers)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def set_up(self) -> None:
        assert self.ask("POST", "/wizard", WIZARD, token="")[0] == 200

    def tabs(self) -> dict[str, dict[str, Any]]:
        return {row["name"]: row for row in self.ask("GET", "/tabs")[1]["data"]["tabs"]}

    def written(self) -> list[tuple[str, str]]:
        """Return which requests have written something, and forget them."""
        found = [(method, path) for method, path, _body in self.organizr.asked if method != "GET"]
        self.organizr.asked.clear()
        return found
