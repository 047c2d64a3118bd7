# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The backups whose age is watched (variable media_backups). Nothing here makes one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem

KEYS = ("path", "max_age")

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_AGE = re.compile(r"([1-9]\d*)([mhdw])")
_SECONDS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}


def problems(name: str, value: Any) -> list[Problem]:
    """Return what is wrong with the variable of that name."""
    expected = "a backup by its name, such as {nightly: {path: /backup/*.tar.zst, max_age: 36h}}"
    if not isinstance(value, Mapping):
        return [Problem(name, f"is {value!r}", expected)]
    return [problem for backup, said in value.items() for problem in _backup(name, str(backup), said)]


def _backup(variable: str, name: str, said: Any) -> list[Problem]:
    place = f"{variable}.{name}"
    if not _NAME.fullmatch(name):
        return [Problem(place, "is no name", "lower-case letters, digits, - and _, such as nightly")]
    if not isinstance(said, Mapping):
        return [Problem(place, f"is {said!r}", "a path and a max_age")]
    found = [Problem(f"{place}.{key}", "is not known", "path and max_age") for key in said if key not in KEYS]
    path, age = said.get("path"), said.get("max_age")
    if not isinstance(path, str) or not path.startswith("/") or not path.strip("/") or "\n" in path:
        found.append(
            Problem(f"{place}.path", f"is {path!r}", "an absolute path or a pattern, such as /backup/*.tar.zst")
        )
    elif ".." in path.split("/"):
        found.append(Problem(f"{place}.path", f"is {path!r}, which leads upwards", "a path without .."))
    elif any("**" in part and part != "**" for part in path.split("/")):
        found.append(Problem(f"{place}.path", f"is {path!r}", "a pattern with ** between two slashes, or with *"))
    if seconds(age) is None:
        found.append(Problem(f"{place}.max_age", f"is {age!r}", "a number and m, h, d or w, such as 36h"))
    return found


def seconds(value: Any) -> int | None:
    """Return an age such as 36h in seconds; None if it is none."""
    found = _AGE.fullmatch(value) if isinstance(value, str) else None
    return int(found[1]) * _SECONDS[found[2]] if found else None
