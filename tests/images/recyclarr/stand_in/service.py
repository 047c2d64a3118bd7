# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API of Sonarr or Radarr, as far as it is needed here. With preview, nothing is written."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

from .config import Instance
from .problems import SyncError

OLDEST_SONARR = 4
SECONDS = 30


class Service:
    """One application. changes: what was written, or with preview would have been."""

    def __init__(self, instance: Instance, preview: bool) -> None:
        self.instance, self.preview = instance, preview
        self.changes: list[str] = []

    def check(self) -> None:
        """Refuse an application that is not the one that its section is called after."""
        status = self.get("system/status")
        name, version = str(status.get("appName")), str(status.get("version"))
        if name.lower() != self.instance.kind:
            raise SyncError(f"expected {self.instance.kind.title()} at {self.instance.base_url}, but {name} answers")
        if self.instance.kind == "sonarr" and int(version.partition(".")[0]) < OLDEST_SONARR:
            raise SyncError(f"Sonarr {version} is too old; {OLDEST_SONARR}.0.0 is needed")

    def get(self, path: str) -> Any:
        return self._call("GET", path)

    def write(self, method: str, path: str, body: Any, what: str) -> Any:
        """Write, and take down what it was."""
        self.changes.append(what)
        return None if self.preview else self._call(method, path, body)

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"X-Api-Key": self.instance.api_key, "Content-Type": "application/json", "Accept": "application/json"}
        request = urllib.request.Request(f"{self.instance.base_url}/api/v3/{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            said = error.read().decode(errors="replace").replace(self.instance.api_key, "(hidden)")[:500]
            hint = " (is the api_key right?)" if error.code == 401 else ""
            raise SyncError(f"{method} {path}: HTTP {error.code}{hint} {said}".rstrip()) from None
        except OSError as error:
            raise SyncError(f"{self.instance.base_url} cannot be reached: {getattr(error, 'reason', error)}") from None
        try:
            return json.loads(text) if text else None
        except ValueError:
            raise SyncError(f"{method} {path}: the answer is no JSON") from None
