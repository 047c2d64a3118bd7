# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may call which route of the control server: the auth file, the default role, and the legacy public one."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

import tomllib

ROUTES = (
    "GET /openvpn/actions/restart",
    "GET /unbound/actions/restart",
    "GET /updater/restart",
    "GET /v1/version",
    "GET /v1/vpn/status",
    "PUT /v1/vpn/status",
    "GET /v1/vpn/settings",
    "PUT /v1/vpn/settings",
    "GET /v1/openvpn/status",
    "PUT /v1/openvpn/status",
    "GET /v1/openvpn/portforwarded",
    "GET /v1/openvpn/settings",
    "GET /v1/dns/status",
    "PUT /v1/dns/status",
    "GET /v1/updater/status",
    "PUT /v1/updater/status",
    "GET /v1/publicip/ip",
    "GET /v1/portforward",
)
PROTECTED = ("GET /v1/vpn/settings", "PUT /v1/vpn/settings", "GET /v1/openvpn/settings")
KEYS = {"name": str, "auth": str, "apikey": str, "username": str, "password": str, "routes": list}


class RolesError(Exception):
    """The auth file or the default role is not one that gluetun takes."""


@dataclass(frozen=True)
class Role:
    name: str
    auth: str
    routes: tuple[str, ...] = ()
    apikey: str = ""
    username: str = ""
    password: str = ""

    def admits(self, headers: Mapping[str, str] | Message, query: Mapping[str, list[str]]) -> bool:
        if self.auth == "none":
            return True
        if self.auth == "apikey":
            given = headers.get("X-API-Key") or query.get("api_key", [""])[0]
            return hmac.compare_digest(given.encode(), self.apikey.encode())
        wanted = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        return hmac.compare_digest(headers.get("Authorization", "").encode(), f"Basic {wanted}".encode())


def read_roles(file: Path, default_role: str) -> list[Role]:
    roles = parse_file(file.read_text(encoding="utf-8")) if file.is_file() else []
    default = parse_default(default_role)
    if default is not None:
        covered = {route for role in roles for route in role.routes}
        roles.append(_checked({**default, "routes": [route for route in ROUTES if route not in covered]}, "default"))
    if not roles:
        roles = [Role("public", "none", tuple(route for route in ROUTES if route not in PROTECTED))]
    return roles


def parse_file(text: str) -> list[Role]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RolesError(f"toml decoding file: toml: {error}") from None
    unknown = [key for key in document if key.lower() != "roles"]
    if unknown:
        raise RolesError(f"toml decoding file: strict mode: fields are missing in the target: {unknown}")
    entries: Any = next(iter(document.values()), [])
    if not isinstance(entries, list):
        raise RolesError("toml decoding file: toml: roles must be an array of tables, [[roles]]")
    return [_checked(entry, f"{number} of {len(entries)}") for number, entry in enumerate(entries, 1)]


def parse_default(text: str) -> dict[str, Any] | None:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise RolesError(f"JSON decoding default role: {error}") from None
    if not isinstance(document, dict):
        raise RolesError("JSON decoding default role: it must be an object")
    return document or None


def _checked(entry: dict[str, Any], which: str) -> Role:
    entry = {key.lower(): value for key, value in entry.items()}
    for key, value in entry.items():
        if key not in KEYS:
            raise RolesError(f"role {which}: strict mode: field {key!r} is missing in the target")
        if not isinstance(value, KEYS[key]):
            raise RolesError(f"role {which}: field {key!r} has the wrong type")
    role = Role(**{**{"name": "", "auth": ""}, **entry, "routes": tuple(entry.get("routes", ()))})
    where = f"role {role.name} ({which})"
    if role.auth not in ("none", "apikey", "basic"):
        raise RolesError(f"{where}: authentication method not supported: {role.auth}")
    if role.auth == "apikey" and not role.apikey:
        raise RolesError(f"{where}: api key is empty")
    if role.auth == "basic" and not role.username:
        raise RolesError(f"{where}: username is empty")
    if role.auth == "basic" and not role.password:
        raise RolesError(f"{where}: password is empty")
    for route in role.routes:
        if route not in ROUTES:
            raise RolesError(f"{where}: route not supported by the control server: {route}")
    return role
