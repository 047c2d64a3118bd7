# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A registry on the uplink that serves what was built here under production names.

Its certificate authority and its blobs live in the volume `media-registry`, so that every checkout on a machine
sees the same ones.
"""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass

from tests.bed import addresses as at
from tests.bed import containers
from tests.bed.containers import Attachment, Container
from tests.bed.images import LABEL
from tests.bed.lab import wait_until_ready
from tests.bed.manifest import Image
from tests.bed.shell import docker, step

STATE = "/var/lib/registry"
CA = f"{STATE}/ca/ca.crt"
MANIFEST_TYPES = "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json"

REGISTRY = Container(
    name=at.REGISTRY_NAME,
    image="media-bed/registry",
    options=(
        # The default bridge carries the published port: an internal network cannot. Nothing is to cross between them.
        "--publish=127.0.0.1::443",
        "--sysctl=net.ipv4.ip_forward=0",
        "--sysctl=net.ipv6.conf.all.disable_ipv6=0",
        "--tmpfs=/run",
        f"--volume={at.REGISTRY_VOLUME}:{STATE}",
        f"--env=NAMES={' '.join(at.REGISTRY_NAMES)}",
    ),
    more=(Attachment(at.UPLINK_NETWORK, at.REGISTRY, at.REGISTRY6),),
)


def ensure(images: Iterable[Image]) -> None:
    """Start the registry, and push each image with an upstream name whose content it does not hold yet."""
    with step(at.REGISTRY_NAME) as line:
        line.note = containers.ensure(REGISTRY) or "there"
        wait_until_ready(at.REGISTRY_NAME)
    listed = docker("images", "--no-trunc", "--format", "{{.Repository}} {{.ID}}", "--filter", f"label={LABEL}")
    built = dict(line.split() for line in listed.splitlines())
    here = [image for image in images if image.upstream and image.name in built]
    with step("push") as line:
        # Asked for once: there are many images, and all but always nothing to do.
        door = _Door.find()
        pushed = [image.upstream for image in here if _push(door, image.name, built[image.name], image.upstream)]
        line.note = " ".join(pushed) or f"nothing to do, {len(here)} served"


def push(local: str, upstream: str) -> bool:
    """Serve a local image under an upstream name; return False if that name already has this content."""
    return _push(_Door.find(), local, containers.image_id(local), upstream)


@dataclass(frozen=True)
class _Door:
    """Where this machine reaches the registry, and by which authority it knows it. (Its hosts use production names.)"""

    address: str
    trust: ssl.SSLContext

    @classmethod
    def find(cls) -> _Door:
        address = docker("port", at.REGISTRY_NAME, "443/tcp").splitlines()[0]
        return cls(address, ssl.create_default_context(cadata=ca()))


def _push(door: _Door, local: str, number: str, upstream: str) -> bool:
    path, _colon, tag = repository(upstream).rpartition(":")
    if held(door, path, tag) == number:
        return False
    pushed_as = f"{door.address}/{path}:{tag}"
    docker("tag", local, pushed_as)
    try:
        docker("push", "--quiet", pushed_as)
    finally:
        docker("rmi", pushed_as)
    return True


def repository(upstream: str) -> str:
    """Return PATH:TAG in the registry for an upstream name, as Docker would resolve it.

    docker.io/redis:8 is library/redis:8; qmcgaw/gluetun is docker.io/qmcgaw/gluetun:latest; lscr.io/a/b:c is a/b:c.
    """
    head, _slash, rest = upstream.partition("/")
    is_host = bool(rest) and ("." in head or ":" in head or head == "localhost")
    host, path = (head, rest) if is_host else ("docker.io", upstream)
    if host == "docker.io" and "/" not in path:
        path = f"library/{path}"
    return path if ":" in path.rpartition("/")[2] else f"{path}:latest"


def held(door: _Door, path: str, tag: str) -> str:
    """Return the id of the image that the registry holds under this name; empty if it holds none."""
    request = urllib.request.Request(
        f"https://{door.address}/v2/{path}/manifests/{tag}", headers={"Accept": MANIFEST_TYPES}
    )
    try:
        with urllib.request.urlopen(request, timeout=10, context=door.trust) as answer:
            manifest = json.load(answer)
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return ""
        raise
    return str(manifest["config"]["digest"])


def ca() -> str:
    """Return the certificate of the registry's authority, which every host of the bed trusts."""
    return docker("exec", at.REGISTRY_NAME, "cat", CA)


def remove() -> None:
    """Stop the registry; what it holds stays in its volume."""
    containers.remove(at.REGISTRY_NAME)
