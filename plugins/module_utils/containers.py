# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The containers of the Compose project: what is there, what a run would do, and whether they are well.

State decides: every container carries the digest of its declaration and configuration as a label, so a run that was
killed half-way is taken up by the next, and check mode knows what a real run would do without asking Compose.
"""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import docker_socket

LABEL_DIGEST = "homelab.media.digest"
LABEL_COMPOSE_PROJECT = "com.docker.compose.project"
LABEL_COMPOSE_SERVICE = "com.docker.compose.service"
LABEL_TOLD_ONLY = "com.centurylinklabs.watchtower.monitor-only"


@dataclass(frozen=True)
class Container:
    """One container of the project, as the engine tells of it."""

    service: str
    id: str
    image: str
    image_id: str
    digest: str
    state: str  # created | running | paused | restarting | exited | dead
    health: str  # healthy | unhealthy | starting, or "" without a health check
    started_at: str  # RFC 3339 in UTC, so that text order is time order
    network_mode: str
    restarts: int
    exit_code: int
    last_check: str
    addresses: tuple[str, ...]  # its own, on the project's networks
    published: tuple[str, ...]  # where the host answers for it, such as 127.0.0.1:6789
    told_only: bool = False  # Watchtower tells of its new images, and leaves it to a person to take them

    @property
    def well(self) -> bool:
        return self.state == "running" and self.health in ("", "healthy")


@dataclass(frozen=True)
class Wanted:
    """What a service shall be: the digest of its declaration and configuration, and its image."""

    digest: str
    image: str


@dataclass(frozen=True)
class Step:
    """One thing that a run does to a service, and why."""

    service: str
    action: str  # create | recreate | rejoin | start | remove
    reason: str


def observe(project: str, unix_socket: str = docker_socket.SOCKET) -> dict[str, Container]:
    """Return the project's containers by service."""
    # Our own label too: somebody else's project may have the same name. One-off containers are nobody's service.
    labels = [f"{LABEL_COMPOSE_PROJECT}={project}", "com.docker.compose.oneoff=False", LABEL_DIGEST]
    filters = urllib.parse.quote(json.dumps({"label": labels}))
    listed = docker_socket.get(f"/containers/json?all=true&filters={filters}", unix_socket)
    found = [parse(inspected) for entry in listed for inspected in _inspect(entry["Id"], unix_socket)]
    # A recreation that was cut short leaves the old container beside the new one: the later one counts.
    return {container.service: container for container in sorted(found, key=lambda item: item.started_at)}


def _inspect(container: str, unix_socket: str) -> list[Any]:
    """Return what the engine tells of a container, or nothing when it has gone since it was listed."""
    try:
        return [docker_socket.get(f"/containers/{container}/json", unix_socket)]
    except docker_socket.EngineUnreachable as error:
        if "answered 404" in str(error):
            return []
        raise


def parse(inspected: Mapping[str, Any]) -> Container:
    """Read the engine's answer about one container."""
    state = inspected["State"]
    labels = inspected["Config"].get("Labels") or {}
    health = state.get("Health") or {}
    checks = health.get("Log") or [{}]
    settings = inspected.get("NetworkSettings") or {}
    networks = settings.get("Networks") or {}
    bindings = [binding for bound in (settings.get("Ports") or {}).values() for binding in bound or ()]
    return Container(
        service=labels.get(LABEL_COMPOSE_SERVICE, ""),
        id=inspected["Id"],
        image=inspected["Config"]["Image"],
        image_id=inspected["Image"],
        digest=labels.get(LABEL_DIGEST, ""),
        state=state["Status"],
        health=health.get("Status", "").replace("none", ""),
        started_at=state.get("StartedAt", ""),
        network_mode=inspected["HostConfig"].get("NetworkMode", ""),
        restarts=inspected.get("RestartCount", 0),
        exit_code=state.get("ExitCode", 0),
        last_check=(checks[-1].get("Output") or "").strip(),
        addresses=tuple(network["IPAddress"] for network in networks.values() if network.get("IPAddress")),
        published=tuple(sorted({f"{one['HostIp']}:{one['HostPort']}" for one in bindings})),
        told_only=labels.get(LABEL_TOLD_ONLY) == "true",
    )


def image_ids(images: Sequence[str], unix_socket: str = docker_socket.SOCKET) -> dict[str, str]:
    """Return the ID that each image name stands for on this host now; names that are not here are left out."""
    by_name = {}
    for image in docker_socket.get("/images/json", unix_socket):
        for name in image.get("RepoTags") or ():
            by_name[name] = image["Id"]
    return {image: by_name[name] for image in images for name in [familiar(image)] if name in by_name}


def familiar(image: str) -> str:
    """Return an image name as the engine lists it: Docker Hub's own host and library folder left out."""
    name = image
    for prefix in ("docker.io/", "index.docker.io/", "library/"):
        name = name.removeprefix(prefix)
    return name if ":" in name.rsplit("/", 1)[-1] else f"{name}:latest"


def plan(
    wanted: Mapping[str, Wanted],
    seen: Mapping[str, Container],
    images: Mapping[str, str],
    whole: bool,
) -> list[Step]:
    """Return what has to be done so that the project is as wanted.

    images: the ID that each image name stands for on the host now.
    whole: the wanted services are all that there shall be.
    """
    steps = []
    for name, service in sorted(wanted.items()):
        container = seen.get(name)
        if container is None:
            steps.append(Step(name, "create", "there is no container"))
        elif container.digest != service.digest:
            steps.append(Step(name, "recreate", "its declaration or configuration differs"))
        elif container.state == "paused":
            steps.append(Step(name, "recreate", "it is paused"))
        elif not container.told_only and images.get(service.image, container.image_id) != container.image_id:
            # Watchtower fetches an image to tell of it, and the name stands for the new one from then on.
            steps.append(Step(name, "recreate", f"{service.image} is another image now"))
    begun = {step.service for step in steps}
    for name in sorted(set(wanted) - begun):
        container = seen[name]
        owner = _namespace_owner(container, seen)
        if _shares_namespace(container) and (owner is None or owner.service in begun):
            steps.append(Step(name, "recreate", "the namespace that it shares is renewed"))
        elif owner and container.state == "running" and container.started_at < owner.started_at:
            # The engine keeps such a container "running", with nothing but lo.
            steps.append(Step(name, "rejoin", f"{owner.service} started after it, and took the network along"))
        elif container.state not in ("running", "restarting"):
            steps.append(Step(name, "start", f"it is {container.state}"))
    if whole:
        steps += [Step(name, "remove", "it is not declared") for name in sorted(set(seen) - set(wanted))]
    return steps


def _shares_namespace(container: Container) -> bool:
    return container.network_mode.startswith("container:")


def _namespace_owner(container: Container, seen: Mapping[str, Container]) -> Container | None:
    owner = container.network_mode.partition(":")[2]
    return next((other for other in seen.values() if _shares_namespace(container) and other.id == owner), None)


def touched(before: Mapping[str, Container], after: Mapping[str, Container]) -> list[str]:
    """Return the services whose container is another one, was started anew, came or went."""
    return sorted(
        name
        for name in {*before, *after}
        if name not in before
        or name not in after
        or (before[name].id, before[name].started_at) != (after[name].id, after[name].started_at)
    )
