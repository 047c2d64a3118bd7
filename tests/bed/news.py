# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Usenet of the bed: a release that can really be downloaded, and the account to do it with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from tests.bed import addresses as at
from tests.bed.shell import docker

POST_SECONDS = 600


@dataclass(frozen=True)
class Account:
    """What a news client needs. The certificate is signed by `ca`, which no public list holds."""

    host: str
    port: int
    username: str
    password: str
    group: str
    ca: str


@dataclass(frozen=True)
class Release:
    """A posted release: its NZB, and the SHA-256 of each file that a download has to end with."""

    name: str
    nzb: bytes
    files: dict[str, str]
    articles: int
    dropped: tuple[str, ...]


def account(container: str = at.INTERNET_NAME) -> Account:
    said = json.loads(_read(container, "/srv/client/news.json"))
    return Account(**said, ca=_read(container, "/srv/client/ca.crt"))


def post(
    name: str,
    megabytes: int = 20,
    drop: int = 0,
    container: str = at.INTERNET_NAME,
    *,
    file: str = "",
    category: int = 8010,
    attributes: Mapping[str, str | int] | None = None,
) -> Release:
    """Post random data of this size, packed in volumes, with repair data.

    Of the payload's articles, `drop` are listed in the NZB but never posted, so that repair is really needed.
    The indexer lists the release in the category, and finds it by the attributes, such as tvdbid. `file`: the name of
    the media file; the release's own, if left out.
    """
    options = ["--megabytes", str(megabytes), "--drop", str(drop), "--category", str(category)]
    options += ["--file", file] if file else []
    options += [word for key, value in (attributes or {}).items() for word in ("--attribute", f"{key}={value}")]
    said = json.loads(docker("exec", container, "post-release", name, *options, timeout=POST_SECONDS))
    nzb = _read(container, said["nzb"]).encode()
    return Release(name, nzb, said["files"], said["articles"], tuple(said["dropped"]))


def _read(container: str, path: str) -> str:
    return docker("exec", container, "cat", path)
