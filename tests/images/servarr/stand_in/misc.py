# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""/system/status, /health, commands that every application has, and small lists."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .commands import now
from .web import Response, answer

if TYPE_CHECKING:
    from .program import Program

_LANGUAGES = {-2: "Original", -1: "Any", 0: "Unknown", 1: "English", 2: "French", 3: "Spanish", 4: "German"}
RESTART_CODE = 3


def set_up(program: Program) -> None:
    root, routes = program.app.root, program.routes
    routes.add("GET", root + "/system/status", lambda request: answer(_status(program)))
    routes.add("GET", root + "/health", lambda request: answer(program.health.issues))
    routes.add("POST", root + "/system/restart", lambda request: _end(program, RESTART_CODE))
    routes.add("POST", root + "/system/shutdown", lambda request: _end(program, 0))
    routes.add("GET", root + "/system/task", lambda request: answer([]))
    routes.add("GET", root + "/system/backup", lambda request: answer([]))
    routes.add("GET", root + "/update", lambda request: answer([]))
    if not program.app.is_prowlarr:
        routes.add("GET", root + "/language", lambda request: answer(_languages(program)))
        routes.add("GET", root + "/diskspace", lambda request: answer(_disks(program)))
        routes.add("GET", root + "/indexerflag", lambda request: answer([]))
    program.commands.set_up()
    program.commands.works.update(
        CheckHealth=lambda body: program.health.refresh(),
        Backup=lambda body: _backup(program),
        Housekeeping=lambda body: "",
    )


def _status(program: Program) -> dict[str, Any]:
    app = program.app
    text = "Test bed, not the upstream program"
    return {
        "appName": app.name,
        "instanceName": program.config.get("InstanceName"),
        "version": app.version,
        "buildTime": "2026-06-26T00:00:00Z",
        "isDebug": False,
        "isProduction": True,
        "isAdmin": os.getuid() == 0,
        "isUserInteractive": False,
        "startupPath": f"/app/{app.kind}/bin",
        "appData": str(program.folder),
        "osName": "debian",
        "osVersion": platform.release(),
        "isNetCore": True,
        "isLinux": True,
        "isOsx": False,
        "isWindows": False,
        "isDocker": True,
        "mode": "console",
        "branch": program.config.get("Branch"),
        "databaseType": "sqLite",
        "authentication": program.auth.method,
        "migrationVersion": 217,
        "urlBase": program.url_base,
        "runtimeName": "stand-in",
        "runtimeVersion": platform.python_version(),
        "databaseVersion": sqlite3.sqlite_version,
        "startTime": program.started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "packageAuthor": text,
        "packageVersion": f"{app.version}-stand-in",
        "packageUpdateMechanism": "docker",
    }


def _end(program: Program, code: int) -> Response:
    """The answer goes out first. Supervision starts the program again, whatever its exit code is."""
    program.exit_code = code
    threading.Timer(0.2, program.ended.set).start()
    return answer({"restarting": True} if code else {"shuttingDown": True})


def _languages(program: Program) -> list[dict[str, Any]]:
    lower = program.app.kind in ("lidarr", "readarr")
    return [
        {"id": number, "name": name, **({"nameLower": name.lower()} if lower else {})}
        for number, name in _LANGUAGES.items()
    ]


def _disks(program: Program) -> list[dict[str, Any]]:
    paths = {str(program.folder), *(item["path"] for item in program.database.all("rootfolder"))}
    disks = []
    for path in sorted(paths):
        if Path(path).is_dir():
            space = shutil.disk_usage(path)
            disks.append({"path": path, "label": "", "freeSpace": space.free, "totalSpace": space.total})
    return disks


def _backup(program: Program) -> str:
    folder = program.folder / "Backups" / "manual"
    folder.mkdir(parents=True, exist_ok=True)
    stamp = now().replace(":", ".")
    file = folder / f"{program.app.kind}_backup_v{program.app.version}_{stamp}.zip"
    shutil.make_archive(str(file.with_suffix("")), "zip", program.folder, "config.xml")
    return f"Backup made: {file.name}"
