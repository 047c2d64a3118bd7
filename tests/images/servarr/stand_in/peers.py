# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The test on save: which question is put to whom."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import newznab, nzbget, plex
from .errors import Failure
from .implementations import category_field
from .outgoing import Unreachable, ask
from .prowlarr_sync import test_application

if TYPE_CHECKING:
    from .program import Program


def test(program: Program, kind: str, definition: dict[str, Any]) -> list[Failure]:
    name, settings = definition["implementation"], definition["settings"]
    if name == "Nzbget":
        return nzbget.test(settings, category_field(program.app))
    if name == "PlexServer":
        return plex.test(settings, program.app.kind)
    if kind == "indexer":
        return newznab.test(settings, list(settings.get("categories") or []))
    if kind == "applications":
        return test_application(program, definition)
    if name == "Webhook":
        return _webhook(program, settings)
    if kind == "importlist":
        return _is_there(settings["baseUrl"], settings["apiKey"])
    if kind == "metadata":
        return []
    return _connects(settings)


def _webhook(program: Program, settings: dict[str, Any]) -> list[Failure]:
    method = {1: "POST", 2: "PUT"}.get(settings["method"], "POST")
    body = {"eventType": "Test", "instanceName": program.config.get("InstanceName")}
    account = (settings.get("username") or "", settings.get("password") or "")
    try:
        status = ask(settings["url"], method, body, account=account).status
    except Unreachable as error:
        return [Failure("Url", "Unable to send test message", detail=str(error))]
    return [] if 200 <= status < 300 else [Failure("Url", f"Unable to send test message: HTTP {status}")]


def _is_there(url: str, key: str) -> list[Failure]:
    try:
        status = ask(f"{url.rstrip('/')}/api/v3/system/status", headers={"X-Api-Key": key}).status
    except Unreachable as error:
        return [Failure("", "Unable to connect to import list", detail=str(error))]
    return [] if status == 200 else [Failure("ApiKey", "API Key is invalid")]


def _connects(settings: dict[str, Any]) -> list[Failure]:
    """For programs that nothing else is known of here: whether somebody listens."""
    host, port = str(settings.get("host") or ""), settings.get("port") or 8191
    host = host.split("//")[-1].split("/")[0].split(":")[0]
    try:
        socket.create_connection((host, int(port)), 5).close()
    except OSError as error:
        return [Failure("Host", "Unable to connect", host, detail=str(error))]
    return []


def indexer_facts(definition: dict[str, Any]) -> dict[str, Any]:
    """What Prowlarr shows of an indexer beside its settings."""
    base = definition["settings"].get("baseUrl")
    return {
        "indexerUrls": [base] if base else [],
        "legacyUrls": [],
        "definitionName": definition["implementation"],
        "description": "Newznab is an API search specification for Usenet",
        "language": "en-US",
        "encoding": "Unicode (UTF-8)",
        "supportsRedirect": True,
        "supportsPagination": True,
        "privacy": "private",
        "added": definition.get("added", "2026-01-01T00:00:00Z"),
        "sortName": (definition.get("name") or "").lower(),
    }


def writable(path: str) -> bool:
    """Whether this process may make files there, tried as the applications try it."""
    probe = Path(path) / f".stand-in-write-test-{os.getpid()}"
    try:
        probe.write_text("", encoding="utf-8")
        probe.unlink()
    except OSError:
        return False
    return True
