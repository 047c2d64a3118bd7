# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was made in a project of Semaphore, and which secrets were written to it, kept in that project.

Semaphore does not give a secret back, and a controller that lives for one run remembers nothing. So what was written
last is known by a fingerprint beside it, in a variable group that no template uses: an HMAC, bound to its place, under
a key that is derived from what opens the door and that the server never gets to see otherwise than as a login.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.semaphore_api import Client, SemaphoreError
from ansible_collections.homelab.media.plugins.module_utils.semaphore_kinds import ENVIRONMENT

#: The name of the variable group.
NAME = "homelab.media (kept by semaphore.yml)"
#: Whoever reads the group may try words against it, so that a word costs this many rounds.
_ROUNDS = 200_000


class Ledger:
    """row: the variable group as the server has it, or nothing. opener: the word that the key is derived from."""

    def __init__(self, row: dict[str, Any] | None, opener: str) -> None:
        self._number = row["id"] if row else None
        document = _document(row)
        self._stored = json.dumps(document, sort_keys=True)
        self._salt: str = document.get("salt") or secrets.token_hex(16)
        self._made: dict[str, dict[str, str]] = document.get("made") or {}
        self._written: dict[str, str] = document.get("written") or {}
        self._key = hashlib.pbkdf2_hmac("sha256", opener.encode(), bytes.fromhex(self._salt), _ROUNDS)

    def made(self, path: str, number: int, name: str) -> bool:
        """Tell whether a run has made this. Whoever gives it another name makes it theirs."""
        return self._made.get(path, {}).get(str(number)) == name

    def add(self, path: str, number: int, name: str) -> None:
        self._made.setdefault(path, {})[str(number)] = name

    def drop(self, path: str, number: int) -> None:
        """Forget a thing with all that was written to it."""
        self._made.get(path, {}).pop(str(number), None)
        for label in self.labels(path, number):
            self.forget(path, number, label)

    def labels(self, path: str, number: int) -> list[str]:
        """Return the secrets that were written to a thing."""
        start = f"{path}/{number}/"
        return sorted(place[len(start) :] for place in self._written if place.startswith(start))

    def knows(self, path: str, number: int, label: str, secret: str) -> bool:
        """Tell whether this secret is the last one that was written there."""
        place = f"{path}/{number}/{label}"
        return hmac.compare_digest(self._written.get(place, ""), self._digest(place, secret))

    def remember(self, path: str, number: int, label: str, secret: str) -> None:
        place = f"{path}/{number}/{label}"
        self._written[place] = self._digest(place, secret)

    def forget(self, path: str, number: int, label: str) -> None:
        self._written.pop(f"{path}/{number}/{label}", None)

    def save(self, client: Client, project: int) -> None:
        """Write it to the server, if it has changed."""
        document = {"made": self._made, "salt": self._salt, "version": 1, "written": self._written}
        text = json.dumps(document, sort_keys=True)
        if text == self._stored:
            return
        body = {"name": NAME, "project_id": project, "json": text, "env": "{}"}
        path = f"/project/{project}/{ENVIRONMENT}"
        if self._number is None:
            client.ask("POST", path, body)
            rows = client.items(f"{path}?sort=name&order=asc")
            self._number = next(row["id"] for row in rows if row.get("name") == NAME)
        else:
            client.ask("PUT", f"{path}/{self._number}", {**body, "id": self._number})
        self._stored = text

    def _digest(self, place: str, secret: str) -> str:
        return hmac.new(self._key, f"{place}\0{secret}".encode(), hashlib.sha256).hexdigest()


def _document(row: dict[str, Any] | None) -> dict[str, Any]:
    if row is None:
        return {}
    try:
        document = json.loads(row.get("json") or "{}")
        bytes.fromhex(document.get("salt") or "")
        if not all(isinstance(document.get(name) or {}, dict) for name in ("made", "written")):
            raise ValueError("another form")
    except (ValueError, AttributeError, TypeError):
        expected = "the group as it was written; without it, every secret is written again"
        raise SemaphoreError(f"Semaphore's variable group {NAME!r}", "was changed by hand", expected) from None
    found: dict[str, Any] = document
    return found
