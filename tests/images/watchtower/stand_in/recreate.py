# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make a container anew from what the engine tells of it, with the image that its name stands for now.

Nothing else is asked: no Compose file, no order, no health.
"""

from __future__ import annotations

import copy
from typing import Any

from . import labels
from .engine import Engine
from .labels import Inspected

#: From this version on a container may be made with several networks.
SEVERAL_NETWORKS = (1, 44)


def renew(engine: Engine, container: Inspected, old_image: dict[str, Any], *, start: bool) -> str:
    """Return the number of the new container. The old one has been removed."""
    endpoints = _endpoints(container)
    several = engine.api_version() >= SEVERAL_NETWORKS
    first = dict(list(endpoints.items())[: None if several else 1])
    body = {
        **config(container, old_image),
        "HostConfig": host_config(container),
        "NetworkingConfig": {"EndpointsConfig": first},
    }
    number = engine.create(labels.name(container), body)
    for network, endpoint in endpoints.items():
        if network not in first:
            engine.connect(network, number, endpoint)
    if start:
        engine.start(number)
    return number


def config(container: Inspected, image: dict[str, Any]) -> dict[str, Any]:
    """Return the container's own part of its configuration: what it has from its image, the new image may change."""
    found = copy.deepcopy(container["Config"])
    given = image.get("Config") or {}
    for key in ("WorkingDir", "User"):
        if found.get(key) == given.get(key):
            found[key] = ""
    mode = str(container["HostConfig"].get("NetworkMode") or "")
    if mode.startswith("container:") or container["HostConfig"].get("UTSMode"):
        found["Hostname"] = ""
    if found.get("Entrypoint") == given.get("Entrypoint"):
        found["Entrypoint"] = None
        if found.get("Cmd") == given.get("Cmd"):
            found["Cmd"] = None
    _without_health(found.get("Healthcheck"), given.get("Healthcheck"))
    found["Env"] = [entry for entry in found.get("Env") or () if entry not in (given.get("Env") or ())]
    own, images = found.get("Labels") or {}, given.get("Labels") or {}
    found["Labels"] = {key: value for key, value in own.items() if images.get(key) != value or key == labels.PREFIX}
    for key in ("Volumes", "ExposedPorts"):
        found[key] = {entry: {} for entry in found.get(key) or {} if entry not in (given.get(key) or {})}
    found["ExposedPorts"].update({port: {} for port in container["HostConfig"].get("PortBindings") or {}})
    return dict(found)


def _without_health(own: dict[str, Any] | None, given: dict[str, Any] | None) -> None:
    for key, empty in (("Test", None), ("Retries", 0), ("Interval", 0), ("Timeout", 0), ("StartPeriod", 0)):
        if own and given and own.get(key) == given.get(key):
            own[key] = empty


def host_config(container: Inspected) -> dict[str, Any]:
    """Return what the container has of the host."""
    found: dict[str, Any] = copy.deepcopy(container["HostConfig"])
    found["Links"] = [
        ":".join(str(link).split(":", 1)).lstrip("/") for link in found.get("Links") or () if ":" in str(link)
    ]
    return found


def _endpoints(container: Inspected) -> dict[str, dict[str, Any]]:
    """Return the container's networks, with the addresses that it was given and without those that it got."""
    kind = str(container["HostConfig"].get("NetworkMode") or "").partition(":")[0]
    if kind in ("container", "host", "none"):
        return {}
    found = {}
    for network, endpoint in (container["NetworkSettings"].get("Networks") or {}).items():
        # The engine adds the container's number, which is another one then.
        aliases = [alias for alias in endpoint.get("Aliases") or () if alias != container["Id"][:12]]
        kept = {key: endpoint.get(key) for key in ("IPAMConfig", "Links", "DriverOpts")}
        found[network] = {**kept, "Aliases": aliases} if network != "bridge" else {}
    return found
