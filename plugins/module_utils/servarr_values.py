# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values as the Servarr applications give them: when two are the same, and how they are told to a person."""

from __future__ import annotations

import json
import re
from typing import Any

#: What an application shows in place of a secret. Sent back, it keeps what is stored.
MASK = "********"
#: How this collection shows one.
HIDDEN = "(secret)"
_SECRET = re.compile("passw|api_?key|token|secret|passkey", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d+")
_FRACTION = re.compile(r"-?\d+\.\d+")
_BOOLEANS = {"true": True, "yes": True, "false": False, "no": False}
_PATHS = ("path", "remotePath", "localPath", "rootFolderPath", "recycleBin", "backupFolder")
_NAMES_IN_LOWER_CASE = ("username", "label")


def cast(wanted: Any, current: Any, field_type: str = "") -> Any:
    """Return the wanted value in the type that the application has it in; templates make text of numbers."""
    if isinstance(wanted, str):
        plain = wanted.strip()
        if (isinstance(current, bool) or field_type == "checkbox") and plain.lower() in _BOOLEANS:
            return _BOOLEANS[plain.lower()]
        if isinstance(current, (int, float)) or field_type == "number":
            if _NUMBER.fullmatch(plain):
                return int(plain)
            if _FRACTION.fullmatch(plain):
                return float(plain)
    elif isinstance(current, str) and isinstance(wanted, (int, float)) and not isinstance(wanted, bool):
        return str(wanted)
    return wanted


def same(name: str, current: Any, wanted: Any) -> bool:
    """Tell whether the application has the wanted value. It leaves out what is empty, and keeps lists in its order."""
    if _empty(current) and _empty(wanted):
        return True
    if isinstance(current, bool) != isinstance(wanted, bool):
        return False
    if isinstance(current, str) and isinstance(wanted, str):
        if name in _PATHS:
            return current.rstrip("/") == wanted.rstrip("/")
        if name in _NAMES_IN_LOWER_CASE:
            return current.lower() == wanted.lower()
    if isinstance(current, dict) and isinstance(wanted, dict):
        return all(same(key, current.get(key), value) for key, value in wanted.items())
    if isinstance(current, list) and isinstance(wanted, list):
        return sorted(map(_text, current)) == sorted(map(_text, wanted))
    return bool(current == wanted)


def is_secret(name: str, value: Any) -> bool:
    """Tell by its name whether a given text is a secret."""
    return isinstance(value, str) and bool(value) and bool(_SECRET.search(name))


def shown(value: Any) -> str:
    """Return a value as text for a person."""
    if value is None:
        return ""
    return value if isinstance(value, str) else _text(value)


def _empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
