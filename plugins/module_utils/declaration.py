# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The declaration: what a role says of its services, and the checks that it is well-formed.

A declaration is a dictionary with the keys of DECLARATION_KEYS. Its services are Compose services, word for word,
with one extension key, ``x-media``, for what Compose has no word for; MEDIA_KEYS lists what it may hold.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem

#: What a role may declare. "path" is the role's folder on the controller, set by media_declare.
DECLARATION_KEYS: dict[str, type] = {
    "problems": list,
    "secrets": dict,
    "files": list,
    "directories": list,
    "units": list,
    "packages": list,
    "networks": dict,
    "services": dict,
    "path": str,
}

#: What x-media may hold, and the type of each.
MEDIA_KEYS: dict[str, tuple[type, ...]] = {
    "part_of": (str,),  # the service that this one belongs to: chosen, tagged and removed with it
    "family": (str,),  # image family: identity variables, start capabilities, health client
    "identity": (bool,),  # give the container PUID, PGID, UMASK and TZ; default: yes where the family knows them
    "egress": (str,),  # vpn | direct | none | pod
    "web": (dict,),  # port, path, loopback
    "listens": (list,),  # further ports that it listens on in its namespace, not published
    "access": (str,),  # bypass | one_factor | two_factor | deny
    "needs": (list,),  # services that must be up before
    "talks_to": (list,),  # services that this one opens connections to
    "health": (dict,),  # http, port
    "limits": (dict,),  # memory, cpus, pids
    "state": (list,),  # folders below media_root that hold the application's own state
    "metrics": (dict,),
    "auth_log": (dict,),
}

EGRESS = ("vpn", "direct", "none", "pod")
ACCESS = ("bypass", "one_factor", "two_factor", "deny")
WEB_KEYS = ("port", "path", "loopback")
HEALTH_KEYS = ("http", "port")
LIMIT_KEYS = ("memory", "cpus", "pids")
SERVICE_NAME = re.compile(r"^[a-z0-9][a-z0-9-]*$")


def media(service: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a service's x-media, empty where it has none."""
    return service.get("x-media") or {}


def declaration_problems(role: str, declaration: Mapping[str, Any]) -> list[Problem]:
    """Return what is malformed in the declaration of one role (not what clashes with other roles)."""
    found = []
    for key, value in declaration.items():
        wanted = DECLARATION_KEYS.get(key)
        if wanted is None:
            found.append(Problem(f"{role}.{key}", "is no key of a declaration", _one_of(DECLARATION_KEYS)))
        elif not isinstance(value, wanted):
            found.append(Problem(f"{role}.{key}", f"is a {type(value).__name__}", f"a {wanted.__name__}"))
    services = declaration.get("services")
    for name, service in services.items() if isinstance(services, dict) else ():
        found.extend(service_problems(name, service))
    return found


def service_problems(name: str, service: Any) -> list[Problem]:
    """Return what is malformed in one declared service."""
    if not SERVICE_NAME.match(name):
        return [Problem(name, "is no service name", "lower-case letters, digits and hyphens, such as sonarr-4k")]
    if not isinstance(service, dict):
        return [Problem(name, f"is a {type(service).__name__}", "a Compose service: image, volumes, x-media")]
    found = []
    if not service.get("image"):
        found.append(Problem(f"{name}.image", "is missing", "an image with its tag, such as redis:8-alpine"))
    extension = service.get("x-media", {})
    if not isinstance(extension, dict):
        return [*found, Problem(f"{name}.x-media", f"is a {type(extension).__name__}", _one_of(MEDIA_KEYS))]
    for key, value in extension.items():
        wanted = MEDIA_KEYS.get(key)
        if wanted is None:
            found.append(Problem(f"{name}.x-media.{key}", "is not known", _one_of(MEDIA_KEYS)))
        elif not isinstance(value, wanted):
            found.append(Problem(f"{name}.x-media.{key}", f"is a {type(value).__name__}", f"a {wanted[0].__name__}"))
    if found:
        return found
    found.extend(_choice(name, "egress", extension, EGRESS))
    found.extend(_choice(name, "access", extension, ACCESS))
    found.extend(_keys(name, "web", extension, WEB_KEYS))
    found.extend(_keys(name, "health", extension, HEALTH_KEYS))
    found.extend(_keys(name, "limits", extension, LIMIT_KEYS))
    found.extend(_ports(name, extension))
    return found


def _choice(name: str, key: str, extension: Mapping[str, Any], choices: tuple[str, ...]) -> list[Problem]:
    value = extension.get(key)
    if value is None or value in choices:
        return []
    return [Problem(f"{name}.x-media.{key}", f"is {value!r}", _one_of(choices))]


def _keys(name: str, key: str, extension: Mapping[str, Any], known: tuple[str, ...]) -> list[Problem]:
    return [
        Problem(f"{name}.x-media.{key}.{inner}", "is not known", _one_of(known))
        for inner in extension.get(key, {})
        if inner not in known
    ]


def _ports(name: str, extension: Mapping[str, Any]) -> list[Problem]:
    web = extension.get("web")
    if web is None:
        return []
    found = []
    for key in ("port", "loopback"):
        value = web.get(key)
        if value is None and key == "loopback":
            continue
        if not is_port(value):
            found.append(Problem(f"{name}.x-media.web.{key}", f"is {value!r}", "a port from 1 to 65535"))
    return found


def is_port(value: Any) -> bool:
    """Tell whether the value is a TCP or UDP port, as a number or as text (Jinja makes text of numbers)."""
    return not isinstance(value, bool) and str(value).isdigit() and 1 <= int(value) <= 65535


def _one_of(names: Any) -> str:
    return "one of " + ", ".join(str(name) for name in names)
