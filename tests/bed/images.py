# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Building what images.toml names, each only when its content, its base or its entry has changed."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shlex
import tarfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.bed import apt
from tests.bed.manifest import IMAGES, Image, load, wanted
from tests.bed.shell import BUILD, BedError, docker, run, step, succeeds

LABEL = "media.bed"  # on every image, container, network and volume of the bed
HASH_LABEL = "media.bed.hash"
AT_A_TIME = 2
BOOTSTRAP = (
    "mmdebstrap",
    "--variant=minbase",
    '--aptopt=Acquire::Check-Valid-Until "false"',
    "--dpkgopt=path-exclude=/usr/share/man/*",
    # The mirror is this machine's own affair.
    '--customize-hook=rm -f "$1/etc/apt/sources.list"',
)
# Where the certificates that this machine trusts may lie, the first that exists.
CA_VARIABLES = ("SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE")
CA_FILE = "/etc/ssl/certs/ca-certificates.crt"
CA_IN_CONTEXT = ".bed/ca.pem"


def ensure(asked: list[str]) -> None:
    """Build what is asked for (or all that is not optional), two at a time."""
    images = load()
    for together in wanted(images, asked):
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            builds = [pool.submit(_ensure_one, images, image) for image in together]
        # Each build has ended here, so that all failures are told and not only the first.
        errors = [str(error) for build in builds if (error := build.exception())]
        if errors:
            raise BedError("\n".join(errors))


def _ensure_one(images: Mapping[str, Image], image: Image) -> None:
    digest = content_hash(images, image.key)
    previous = _built(image)
    if previous and previous[1] == digest:
        return
    with step(f"image {image.key}") as line:
        if image.suite:
            _bootstrap(image, digest)
        else:
            _build(images, image, digest)
        line.note = image.about


def content_hash(images: Mapping[str, Image], key: str) -> str:
    """Return a digest of all that an image is made from: its files, its entry, and the same of its base."""
    image = images[key]
    total = hashlib.sha256()
    total.update(json.dumps([key, image.suite, image.upstream, image.args], sort_keys=True).encode())
    total.update(repr(BOOTSTRAP).encode() if image.suite else content_hash(images, image.base).encode())
    for file in _files(IMAGES / image.directory):
        mode = "x" if file.stat().st_mode & 0o100 else "-"
        total.update(f"{file.relative_to(IMAGES)} {mode} {file.stat().st_size}\n".encode())
        total.update(file.read_bytes())
    return total.hexdigest()


def _files(directory: Path) -> list[Path]:
    if not directory.is_dir():
        raise BedError(f"{directory}: images.toml names this folder, but it is not there")
    return sorted(file for file in directory.rglob("*") if file.is_file() and "__pycache__" not in file.parts)


def _built(image: Image) -> tuple[str, str] | None:
    """Return (id, content hash) of the image as it is on the engine."""
    template = '{{.Id}} {{index .Config.Labels "' + HASH_LABEL + '"}}'
    try:
        found = docker("image", "inspect", "--format", template, image.name).split()
    except BedError:
        return None
    return found[0], found[1] if len(found) > 1 else ""


def _labels(image: Image, digest: str) -> dict[str, str]:
    return {LABEL: image.key, HASH_LABEL: digest}


def _bootstrap(image: Image, digest: str) -> None:
    BUILD.mkdir(parents=True, exist_ok=True)
    tarball = BUILD / f"{image.key}.tar"
    try:
        command = bootstrap_command(IMAGES / image.directory, image.suite, tarball, apt.mirror())
        run(command, log=BUILD / "log" / f"{image.key}.log")
        changes = [f"--change=LABEL {name}={value}" for name, value in _labels(image, digest).items()]
        docker("import", *changes, str(tarball), f"{image.name}:latest")
    finally:
        tarball.unlink(missing_ok=True)


def bootstrap_command(directory: Path, suite: str, tarball: Path, mirror: str) -> list[str]:
    """Return the command that makes a base image, with the folder's bed-install in it."""
    # The hook is one line, which mmdebstrap takes apart as a shell does.
    copy = f"--customize-hook=copy-in {shlex.quote(str(directory / 'bed-install'))} /usr/local/sbin"
    return [*BOOTSTRAP, copy, suite, str(tarball), f"deb {mirror} {suite} main"]


def _build(images: Mapping[str, Image], image: Image, digest: str) -> None:
    arguments = {"BASE": images[image.base].name, "APT_MIRROR": apt.mirror(), **image.args}
    command = ["docker", "build", "--force-rm"]
    for name, value in _labels(image, digest).items():
        command += ["--label", f"{name}={value}"]
    for name, value in arguments.items():
        command += ["--build-arg", f"{name}={value}"]
    # The classic builder is in every engine; Debian's has no other.
    environment = {"DOCKER_BUILDKIT": "0"}
    directory = IMAGES / image.directory
    content = context(directory)
    for suffix, target in [*((f"-{stage}", ["--target", stage]) for stage in stages(directory)), ("", [])]:
        log = BUILD / "log" / f"{image.key}{suffix}.log"
        run([*command, *target, "--tag", image.name + suffix, "-"], stdin=content, env=environment, log=log)


def stages(directory: Path) -> list[str]:
    """Return the stages of a Dockerfile before the last. Each becomes an image, which would have no name otherwise."""
    return re.findall(r"^FROM \S+ AS (\S+)$", (directory / "Dockerfile").read_text(), re.MULTILINE)


def context(directory: Path) -> bytes:
    """Return the folder as a tar archive that is the same for the same content, whatever the checkout's modes.

    A Dockerfile that names .bed/ca.pem gets the certificates that this machine trusts there, for pip and npm.
    """
    files = {str(file.relative_to(directory)): file for file in _files(directory)}
    if CA_IN_CONTEXT in (directory / "Dockerfile").read_text():
        files[CA_IN_CONTEXT] = _ca_bundle()
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, file in sorted(files.items()):
            content = file.read_bytes()
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            entry.mode = 0o755 if file.stat().st_mode & 0o100 else 0o644
            tar.addfile(entry, io.BytesIO(content))
    return archive.getvalue()


def _ca_bundle() -> Path:
    candidates = [Path(os.environ[name]) for name in CA_VARIABLES if os.environ.get(name)]
    for candidate in [*candidates, Path(CA_FILE)]:
        if candidate.is_file():
            return candidate
    raise BedError(f"{CA_FILE}: missing; install the package ca-certificates")


def tidy() -> None:
    """Remove earlier builds whose name has moved on to a newer one, where nothing uses them any more.

    A build that runs has nameless images too, but those carry the label of the base that they began from.
    """
    bases = {key for key, image in load().items() if image.suite}
    for name in docker("images", "--quiet", "--filter", "dangling=true", "--filter", f"label={LABEL}").split():
        key, *parent = docker(
            "inspect", "--format", '{{index .Config.Labels "' + LABEL + '"}} {{.Parent}}', name
        ).split()
        if key not in bases or not parent:
            # Refused, rightly, while a container or an image is made from it.
            succeeds(["docker", "rmi", name])
