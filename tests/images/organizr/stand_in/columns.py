# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fields of Organizr's tables that its API takes, with their types, and the checks of what is sent.

Upstream drops fields that it does not know, and keeps any type that SQLite takes. Here both are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .answers import Refused

TABLES: dict[str, dict[str, type]] = {
    "tabs": {
        **dict.fromkeys(("name", "url", "url_local", "image", "ping_url"), str),
        **dict.fromkeys(("order", "category_id", "default", "enabled", "group_id", "group_id_max"), int),
        **dict.fromkeys(("add_to_admin", "type", "splash", "ping", "timeout", "timeout_ms", "preload"), int),
    },
    "categories": {"category": str, "image": str, "order": int, "category_id": int, "default": int},
}
NAMES = {"tabs": "name", "categories": "category"}
NOUNS = {"tabs": "Tab", "categories": "Category"}
#: How a tab opens: inside of Organizr, in a frame, in a window.
TYPES = (0, 1, 2)
LONGEST = 50
#: Upstream writes these otherwise than they were sent.
_MARKUP = re.compile(r"[<>\"'&]")


def checked(table: str, body: Any) -> dict[str, Any]:
    """Return what was sent for one row, if each field is one of the table's and of its type."""
    if not body:
        raise Refused(422, "no data was sent")
    if not isinstance(body, Mapping):
        raise Refused(422, "data is malformed")
    for key, value in body.items():
        wanted = TABLES[table].get(key)
        if wanted is None:
            raise Refused(422, f"stand-in: {table} has no field {key}")
        if not isinstance(value, wanted) or isinstance(value, bool):
            raise Refused(422, f"stand-in: {key} is a {type(value).__name__}, not a {wanted.__name__}")
    if body.get("type", 1) not in TYPES:
        raise Refused(422, f"stand-in: type is {body['type']}")
    for key in (NAMES[table], "image"):
        if _MARKUP.search(body.get(key, "")):
            raise Refused(422, f"stand-in: {key} has characters that upstream writes otherwise")
    if len(str(body.get(NAMES[table], "")).encode()) > LONGEST:
        raise Refused(409, f"String is over limit of: {LONGEST}")
    return dict(body)
