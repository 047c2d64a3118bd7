# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Proof that an import can be a hard link: a real link(2), made as the media user."""

from __future__ import annotations

import errno
import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Problem
from ansible_collections.homelab.media.plugins.module_utils.places import place_of


@dataclass(frozen=True)
class LinkProof:
    """The two directories that a file goes between, and who takes it there."""

    downloads: str
    library: str
    uid: int
    gid: int


def prove_link(proof: LinkProof) -> None:
    """Make a file in the downloads, link it into the library, remove both; MediaError says which side is wrong."""
    failure = _as_user(proof)
    if failure is None:
        return
    step, number = failure
    who, reason = f"user {proof.uid} with group {proof.gid}", os.strerror(number)
    downloads, library = (place_of(path) for path in (proof.downloads, proof.library))
    if step == "create":
        told = f"{who} cannot make a file there: {reason}"
        problem = Problem(proof.downloads, told, "a folder of that user, in folders that others may enter")
    elif number == errno.EXDEV:
        told = f"lies on {library}, but {proof.downloads} lies on {downloads}: no hard link from one to the other"
        problem = Problem(proof.library, told, "downloads and library below one mount of one file system")
    else:
        told = f"{who} cannot link a file from {proof.downloads} to it, on {library}: {reason}"
        problem = Problem(proof.library, told, "a folder of that user, on a file system that has hard links")
    raise MediaError([problem])


def _as_user(proof: LinkProof) -> tuple[str, int] | None:
    """Try it in a child process that has become the user; return the step that failed and its errno."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        # Nothing of the parent may run on in the child: it ends here, whatever happens.
        status = 1
        with suppress(BaseException):
            os.setgroups([])
            os.setgid(proof.gid)
            os.setuid(proof.uid)
            os.write(writer, json.dumps(_link(Path(proof.downloads), Path(proof.library))).encode())
            status = 0
        os._exit(status)
    os.close(writer)
    with os.fdopen(reader) as stream:
        answer = stream.read()
    _pid, status = os.waitpid(child, 0)
    if status != 0:
        raise ChildProcessError(f"cannot become user {proof.uid} with group {proof.gid} to try a hard link")
    failure = json.loads(answer)
    return None if failure is None else (failure[0], failure[1])


def _link(downloads: Path, library: Path) -> tuple[str, int] | None:
    name = f".media-link-proof-{secrets.token_hex(8)}"
    source, target = downloads / name, library / name
    try:
        try:
            descriptor = os.open(source, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            return "create", error.errno or 0
        os.close(descriptor)
        try:
            os.link(source, target)
        except OSError as error:
            return "link", error.errno or 0
        # A union file system may copy where it was asked to link.
        if source.stat().st_ino != target.stat().st_ino:
            return "link", errno.EXDEV
        return None
    finally:
        for path in (target, source):
            with suppress(OSError):
                path.unlink()
