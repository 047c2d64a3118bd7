# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Nginx Proxy Manager had when a run looked last, for a check mode in which it does not run.

Whoever removed its container has left its database, and with that all that it will have again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.atomic import write_file
from ansible_collections.homelab.media.plugins.module_utils.ownership import Ownership

PRIVATE = Ownership(0, 0, 0o600)
#: The server's own, in its /data.
DATABASE = "database.sqlite"
#: What the server tells of a certificate beside its name, the key among it.
_SECRET = ("certificate", "certificate_key", "intermediate_certificate", "dns_provider_credentials")
#: What it tells of a password in an access list: the first letter, and how long it is.
_HINTS = ("hint", "password")

Rows = Mapping[str, "list[dict[str, Any]]"]


def remember(path: str, rows: Rows) -> None:
    """Keep the rows in a file that root alone reads; no key is in it."""
    text = json.dumps({name: [_without_keys(row) for row in found] for name, found in rows.items()}, sort_keys=True)
    file = Path(path)
    if file.exists() and file.read_text(encoding="utf-8") == text:
        return
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        write_file(folder, file.name, text.encode(), PRIVATE)
    finally:
        os.close(folder)


def recall(path: str, data: str) -> dict[str, list[dict[str, Any]]] | None:
    """Return the rows; None where there are none, or no database that they are in.

    data: the server's /data as this host sees it.
    """
    if not Path(data, DATABASE).exists():
        return None
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _without_keys(row: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(row)
    if isinstance(row.get("meta"), Mapping):
        found["meta"] = {key: value for key, value in row["meta"].items() if key not in _SECRET}
    if isinstance(row.get("items"), list):
        found["items"] = [{key: value for key, value in item.items() if key not in _HINTS} for item in row["items"]]
    return found
