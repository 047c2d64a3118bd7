# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who offers an API and who uses it, so that no service has to know another by its name.

A service that can be talked to declares ``api: {kind: sonarr, ...}``; one that talks to whatever there is of a kind
declares ``uses: [sonarr]``. An instance more or less, another name or another port is then nobody else's business.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.declaration import is_published, media

Services = Mapping[str, Mapping[str, Any]]

#: The name by which a container reaches what listens in the host's own network.
HOST = "host.docker.internal"

#: Where a service stands among the others as long as it does not say.
OTHER = "Other"


def providers(services: Services, kind: str) -> list[str]:
    """Return the services that offer an API of the kind, in the order of their declaration."""
    return [name for name, service in services.items() if (media(service).get("api") or {}).get("kind") == kind]


def resolve(services: Services) -> dict[str, dict[str, Any]]:
    """Return the services with what they use among those that they talk to.

    What is in the host's network is on no network of Compose: its user gets a name for the host instead. A tenant of
    the VPN pod gets none, because the pod lets nothing out to the host.
    """
    resolved = {name: copy.deepcopy(dict(service)) for name, service in services.items()}
    for name, service in resolved.items():
        used = [other for kind in media(service).get("uses") or () for other in providers(services, kind)]
        bridged = [other for other in used if other != name and not in_host_network(services[other])]
        if bridged:
            extension = service["x-media"]
            extension["talks_to"] = list(dict.fromkeys([*(extension.get("talks_to") or ()), *bridged]))
        on_host = any(in_host_network(services[other]) for other in used)
        if on_host and "network_mode" not in service and media(service).get("egress") != "vpn":
            hosts = service.get("extra_hosts") or []
            entry = f"{HOST}:host-gateway"
            service["extra_hosts"] = hosts if entry in hosts else [*hosts, entry]
    return resolved


def in_host_network(service: Mapping[str, Any]) -> bool:
    """Tell whether the service shares the host's own network."""
    return service.get("network_mode") == "host"


def apis(services: Services) -> dict[str, dict[str, Any]]:
    """Return, for each service with an API, what was declared of it and where it is.

    url: as other containers reach it. local_url: as the host itself does; empty where nothing is published there.
    """
    return {
        name: {**media(service)["api"], **_places(name, service)}
        for name, service in services.items()
        if media(service).get("api")
    }


def _places(name: str, service: Mapping[str, Any]) -> dict[str, Any]:
    web = media(service).get("web") or {}
    if "port" not in web:
        return {"url": "", "local_url": ""}
    port, base = int(web["port"]), str(web.get("path") or "/").rstrip("/")
    if in_host_network(service):
        return {"host": HOST, "port": port, "url": f"http://{HOST}:{port}{base}", "local_url": _local(port, base)}
    local = _local(int(web.get("loopback") or port), base) if is_published(service) else ""
    return {"host": name, "port": port, "url": f"http://{name}:{port}{base}", "local_url": local}


def _local(port: int, base: str) -> str:
    return f"http://127.0.0.1:{port}{base}"


def libraries(services: Services, data: str) -> list[dict[str, str]]:
    """Return the library of each service that keeps one, with the folder that it is in.

    data: media_data, which is below the same name in every container.
    """
    found = []
    for name, service in services.items():
        library = media(service).get("library")
        if library:
            path = f"/data/media/{library['name']}"
            found.append({**library, "service": name, "path": path, "folder": f"{data}/media/{library['name']}"})
    return found


def auth_logs(services: Services) -> dict[str, dict[str, Any]]:
    """Return, for each service that logs who failed to sign in, where, and the filter that reads it."""
    return {
        name: dict(media(service)["auth_log"]) for name, service in services.items() if media(service).get("auth_log")
    }


def mount_auth_logs(services: Services, root: str) -> dict[str, dict[str, Any]]:
    """Return the services with the folders of all such logs, for those who read them.

    Folders, not files: a log that is rotated is another file under its name.
    """
    folders = sorted({f"{root}/{log['path'].rpartition('/')[0]}" for log in auth_logs(services).values()})
    found = {name: copy.deepcopy(dict(service)) for name, service in services.items()}
    for service in found.values():
        if media(service).get("reads_auth_logs"):
            service["volumes"] = [*(service.get("volumes") or ()), *(f"{folder}:{folder}:ro" for folder in folders)]
    return found


def portal(services: Services) -> dict[str, dict[str, str]]:
    """Return how each service that is not part of another is shown to people."""
    found = {}
    for name, service in services.items():
        if media(service).get("part_of") is None:
            words = {"title": name[0].upper() + name[1:], "section": OTHER, "text": ""}
            found[name] = {**words, **{key: str(value) for key, value in (media(service).get("portal") or {}).items()}}
    return found


def categories(declared: Iterable[str], services: Services) -> list[str]:
    """Return media_categories and the libraries of all services: each is a folder, and a category of the downloader."""
    libraries_of = [media(service)["library"]["name"] for service in services.values() if media(service).get("library")]
    return list(dict.fromkeys([*declared, *libraries_of]))
