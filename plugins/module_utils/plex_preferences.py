# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plex's preferences: which of those wanted differ, each compared as what it is. No network, no files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Problem

#: The names of preferences that hold a secret.
SECRET = re.compile("token|password|secret|certificatekey", re.IGNORECASE)
_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")
_EXPECTED = {"bool": "true or false", "int": "a whole number", "double": "a number", "text": "text"}


@dataclass(frozen=True)
class Change:
    """A preference that differs. name: as the server spells it. value: as it is written."""

    name: str
    before: str
    value: str


def differences(settings: Iterable[Mapping[str, Any]], wanted: Mapping[str, Any]) -> list[Change]:
    """Return what differs from the server's own list; MediaError names all that cannot be.

    The case of a name does not matter: it varies between sources.
    """
    known = {str(setting.get("id", "")).lower(): setting for setting in settings}
    found, problems = [], []
    for name, value in wanted.items():
        setting = known.get(name.lower())
        if setting is None:
            problems.append(Problem(f"preferences.{name}", "is no preference of this Plex", "one that /:/prefs lists"))
            continue
        text = written(str(setting.get("type")), value)
        choices = _choices(setting)
        if text is None or (choices and text not in choices):
            problems.append(Problem(f"preferences.{name}", f"is {value!r}", _expected(setting, choices)))
            continue
        before = written(str(setting.get("type")), setting.get("value"))
        if before != text:
            found.append(Change(str(setting["id"]), "" if before is None else before, text))
    if problems:
        raise MediaError(problems)
    return found


def written(kind: str, value: Any) -> str | None:
    """Return the value of a preference as Plex's file has it; None when it cannot be one of this kind."""
    text = "" if value is None else str(value).strip()
    if kind == "bool":
        lower = text.lower()
        return "1" if lower in _TRUE else "0" if lower in _FALSE else None
    if isinstance(value, bool):
        # A number may be a choice, and yes and no are none of its words.
        return None if kind != "text" else str(int(value))
    if kind == "text":
        return text
    try:
        return str(int(text)) if kind == "int" else repr(float(text))
    except ValueError:
        return None


def in_file(value: Any) -> str:
    """Return a wanted value as it is seeded, before there is a server that could tell its type."""
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else str(value).strip()


def _choices(setting: Mapping[str, Any]) -> dict[str, str]:
    """Return value -> label of a preference that has a choice: Plex writes ``0:Required|1:Preferred``."""
    text = str(setting.get("enumValues") or "")
    entries = [entry.partition(":") for entry in text.split("|") if entry]
    return {value: label or value for value, _colon, label in entries}


def _expected(setting: Mapping[str, Any], choices: Mapping[str, str]) -> str:
    if choices:
        return "one of " + ", ".join(f"{value} ({label})" for value, label in choices.items())
    return _EXPECTED.get(str(setting.get("type")), "a value of its type")
