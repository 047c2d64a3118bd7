# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GET and PUT of the settings below /config."""

from __future__ import annotations

import os
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import Failure, invalid, not_found, raise_if
from .naming import naming_failures
from .settings_shapes import singletons
from .shapes import bind, default
from .web import Request, Response, accepted, answer

if TYPE_CHECKING:
    from .program import Program


def set_up(program: Program) -> None:
    for name, (shape, values) in singletons(program.app).items():
        path = f"{program.app.root}/config/{name}"
        get = partial(_get, program, name, shape, values)
        program.routes.add("GET", path, lambda request, get=get: answer(get()))
        program.routes.add("GET", path + "/{id}", lambda request, number, get=get: answer(get()))
        put = partial(_put, program, name, shape, values)
        program.routes.add("PUT", path, put)
        program.routes.add("PUT", path + "/{id}", put)


def current(program: Program, name: str) -> dict[str, Any]:
    """Return the settings below /config/<name> as they are."""
    shape, values = singletons(program.app)[name]
    return _get(program, name, shape, values)


def _get(program: Program, name: str, shape: dict[str, str], values: dict[str, Any]) -> dict[str, Any]:
    stored = program.database.setting(f"config/{name}", {})
    return {key: stored.get(key, values.get(key, default(kind))) for key, kind in shape.items()} | {"id": 1}


def _put(
    program: Program, name: str, shape: dict[str, str], values: dict[str, Any], request: Request, number: int = 0
) -> Response:
    body = bind(request.json(), shape)
    check_id(body, number)
    checks = {"mediamanagement": _media_management, "naming": naming_failures, "indexer": _indexer}
    raise_if(checks.get(name, lambda program, body: [])(program, body), True)
    program.database.set(f"config/{name}", body)
    return accepted(_get(program, name, shape, values))


def check_id(body: dict[str, Any], number: int) -> None:
    """The id of the body counts; where it is left out that of the path is taken."""
    body["id"] = body["id"] or number
    if body["id"] <= 0:
        raise invalid(Failure("Id", "'Id' must be greater than '0'.", body["id"]))


def known(found: dict[str, Any] | None) -> dict[str, Any]:
    if found is None:
        raise not_found()
    return found


def _media_management(program: Program, body: dict[str, Any]) -> list[Failure]:
    failures = []
    if body["minimumFreeSpaceWhenImporting"] < 100:
        failures.append(
            Failure("MinimumFreeSpaceWhenImporting", "'Minimum Free Space When Importing' must be >= '100'.")
        )
    if body["recycleBinCleanupDays"] < 0:
        failures.append(Failure("RecycleBinCleanupDays", "'Recycle Bin Cleanup Days' must be >= '0'."))
    # Files of a folder mode are its mode without the execute bits, so owner and group have to keep theirs.
    if body["setPermissionsLinux"] and not re.fullmatch(r"[0-7]?7[0-7][0-7]", body["chmodFolder"] or ""):
        failures.append(Failure("ChmodFolder", "Must contain a valid Unix permissions octal", body["chmodFolder"]))
    if body["recycleBin"]:
        failures += _recycle_bin(program, body["recycleBin"])
    return failures


def _recycle_bin(program: Program, path: str) -> list[Failure]:
    place = Path(path)
    if not place.is_absolute():
        return [Failure("RecycleBin", "Invalid Path", path)]
    if not place.is_dir():
        return [Failure("RecycleBin", f"Folder '{path}' does not exist", path)]
    if not os.access(place, os.W_OK):
        return [Failure("RecycleBin", f"Folder '{path}' is not writable by user", path)]
    for root in program.database.all("rootfolder"):
        if place == Path(root["path"]) or Path(root["path"]) in place.parents:
            return [Failure("RecycleBin", f"Path is an ancestor of or within the root folder '{root['path']}'", path)]
    return []


def _indexer(program: Program, body: dict[str, Any]) -> list[Failure]:
    failures = [
        Failure(name[0].upper() + name[1:], f"'{name}' must be greater than or equal to '0'.", body[name])
        for name in ("minimumAge", "retention", "maximumSize", "rssSyncInterval")
        if body[name] < 0
    ]
    least = 0 if body["rssSyncInterval"] == 0 else 10
    if not least <= body["rssSyncInterval"] <= 120 and body["rssSyncInterval"] > 0:
        failures.append(
            Failure("RssSyncInterval", "Must be between 10 and 120 or 0 to disable", body["rssSyncInterval"])
        )
    return failures
