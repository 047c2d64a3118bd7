# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the collector on the host asks for: its configuration, made of the plan of a run.

A service that is off is not in it. It names secrets, and holds none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import backups, docker_socket
from ansible_collections.homelab.media.plugins.module_utils.front_door import DOOR
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem
from ansible_collections.homelab.media.plugins.module_utils.proxy import AUTHORITY
from ansible_collections.homelab.media.plugins.module_utils.selection import owner
from ansible_collections.homelab.media.plugins.module_utils.wiring import is_tenant, pod_name

Settings = Mapping[str, Any]
Services = Mapping[str, Mapping[str, Any]]
Apis = Mapping[str, Mapping[str, Any]]

#: Where nginx's own files are, in the container of the front door.
NGINX = ("/data", "nginx/*/*.conf")
#: The service that keeps what applications take from a guide. It offers nothing to ask: what it did is in its logs.
GUIDE = "recyclarr"
#: How often it may run, in seconds: a run may take ten.
SHORTEST, LONGEST = 15, 600

_INTERVAL = re.compile(r"([1-9]\d*)(s|m|min)")


def problems(settings: Settings) -> list[Problem]:
    """Return what is wrong with the variables of the host role that are the collector's."""
    value = settings.get("host_collector_interval")
    found = _INTERVAL.fullmatch(value) if isinstance(value, str) else None
    seconds = int(found[1]) * (1 if found[2] == "s" else 60) if found else 0
    if SHORTEST <= seconds <= LONGEST:
        return []
    expected = f"a time from {SHORTEST}s to {LONGEST // 60}m, such as 60s"
    return [Problem("host_collector_interval", f"is {value!r}", expected)]


def text(plan: Mapping[str, Any], settings: Settings) -> str:
    """Return the whole configuration file."""
    return json.dumps(config(plan, settings), indent=1, sort_keys=True) + "\n"


def config(plan: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """Return what to ask for.

    plan: the fact media_plan; its services and apis are looked at.
    settings: the shared variables media_root, media_data, media_project and media_backups.
    """
    services, apis = plan["services"], plan["apis"]
    watched = settings["media_backups"].items()
    found = {
        "root": settings["media_root"],
        "project": settings["media_project"],
        "engine": docker_socket.SOCKET,
        "services": {name: owner(name, services) for name in services},
        "disks": list(dict.fromkeys([settings["media_root"], settings["media_data"]])),
        "backups": {name: {"path": one["path"], "max_age": backups.seconds(one["max_age"])} for name, one in watched},
        "vpn": _vpn(services, apis),
        "certificates": _certificates(services, apis, settings["media_root"]),
        "nzbget": _local(apis, "nzbget", ("username", "password")),
        "tautulli": _local(apis, "tautulli", ("key",)),
        "fail2ban": _first(apis, "fail2ban"),
        "recyclarr": GUIDE in services or None,
    }
    return {key: value for key, value in found.items() if value is not None}


def _first(apis: Apis, kind: str) -> str | None:
    """Return the service that offers an API of the kind; the first one, as its metrics name no service."""
    return next((name for name, api in apis.items() if api["kind"] == kind), None)


def _local(apis: Apis, kind: str, keys: tuple[str, ...]) -> dict[str, Any] | None:
    """Return where the host itself reaches an application, and what opens it."""
    for api in apis.values():
        if api["kind"] == kind and api["local_url"]:
            return {"url": api["local_url"], **{key: api[key] for key in keys}}
    return None


def _vpn(services: Services, apis: Apis) -> dict[str, Any] | None:
    pod, client = pod_name(services), _first(apis, "gluetun")
    if pod is None or client is None:
        return None
    api = apis[client]
    return {
        "pod": pod,
        "client": client,
        "tenants": [name for name, service in services.items() if is_tenant(service)],
        "control": str(api["control"]),
        "key": api["key"],
        "address_url": str(api.get("address_url") or ""),
    }


def _certificates(services: Services, apis: Apis, root: str) -> dict[str, Any] | None:
    """Return where the front door says which certificates it hands out, and where their files are on the host."""
    door = _first(apis, DOOR)
    if door is None:
        return None
    folders = dict(_mounts(services[door]))
    inside, pattern = NGINX
    if inside not in folders:
        return None
    return {"nginx": f"{folders[inside]}/{pattern}", "folders": folders, "authority": f"{root}/{AUTHORITY}"}


def _mounts(service: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the folders of the host that a service has, by their places in its container."""
    short = [str(entry).split(":") for entry in service.get("volumes", ()) if not isinstance(entry, Mapping)]
    return [(parts[1], parts[0]) for parts in short if len(parts) > 1 and parts[0].startswith("/")]
