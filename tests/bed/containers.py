# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Containers of the bed on the outer engine: made once, kept while what they are made from stays the same."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from tests.bed.images import LABEL
from tests.bed.shell import BedError, docker, succeeds

SPEC_LABEL = "media.bed.spec"


@dataclass(frozen=True)
class Attachment:
    """A network with the fixed addresses on it."""

    network: str
    ip: str
    ip6: str

    def options(self) -> list[str]:
        """Return the addresses as options of `docker create` and of `docker network connect`."""
        return ["--ip", self.ip, "--ip6", self.ip6]


@dataclass(frozen=True)
class Container:
    """What a container is made from. Without a first attachment it begins on the engine's default bridge."""

    name: str
    image: str
    options: tuple[str, ...] = ()
    first: Attachment | None = None
    more: tuple[Attachment, ...] = ()

    def digest(self) -> str:
        """Return a digest that changes when the container has to be made anew."""
        return hashlib.sha256(f"{self!r} {image_id(self.image)}".encode()).hexdigest()


def image_id(image: str) -> str:
    """Return the id of an image that has to be here."""
    try:
        return docker("image", "inspect", "--format", "{{.Id}}", image)
    except BedError:
        raise BedError(f"{image}: not built yet; run `python3 -m tests.bed images`") from None


def ensure(container: Container) -> str:
    """Make or start the container if need be; return "made", "started", or "" if it ran already."""
    digest = container.digest()
    if label(container.name, SPEC_LABEL) != digest:
        remove(container.name)
        create(container, digest)
        docker("start", container.name)
        return "made"
    if not running(container.name):
        docker("start", container.name)
        return "started"
    return ""


def create(container: Container, digest: str) -> None:
    """Make the container without starting it, attached to all its networks."""
    labels = ["--label", f"{LABEL}={container.name}", "--label", f"{SPEC_LABEL}={digest}"]
    network = ["--network", container.first.network, *container.first.options()] if container.first else []
    docker("create", "--name", container.name, *labels, *network, *container.options, container.image)
    for attachment in container.more:
        docker("network", "connect", *attachment.options(), attachment.network, container.name)


def label(name: str, wanted: str) -> str:
    """Return a label of a container; empty if there is no such container or label."""
    try:
        return docker("container", "inspect", "--format", '{{index .Config.Labels "' + wanted + '"}}', name)
    except BedError:
        return ""


def exists(name: str) -> bool:
    """Tell whether there is a container of this name."""
    return succeeds(["docker", "container", "inspect", name])


def running(name: str) -> bool:
    """Tell whether the container runs."""
    return exists(name) and docker("container", "inspect", "--format", "{{.State.Running}}", name) == "true"


def remove(name: str) -> None:
    """Remove the container with its anonymous volumes, if it is there."""
    if exists(name):
        docker("rm", "--force", "--volumes", name)


def last_words(name: str) -> str:
    """Return the end of a container's log, indented, for an error."""
    try:
        log = docker("logs", "--tail", "15", name)
    except BedError:
        log = ""
    return "\n  ".join(["", *log.splitlines()])
