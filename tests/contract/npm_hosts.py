# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Proxy hosts in the stand-in for Nginx Proxy Manager, as the tests of nginx make them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.contract.npm_neighbours import Echo
from tests.contract.npm_on_loopback import Answer, Npm
from tests.images.npm.stand_in.openssl import self_signed

NAME = "sonarr.media.test"
OWN = "location / {\n  include conf.d/include/proxy.conf;\n}"


def host(npm: Npm, echo: Echo, **more: Any) -> int:
    """Make a proxy host in front of the backend that is really served, and return its number."""
    body = {"domain_names": [NAME], "forward_scheme": "http", "forward_host": "127.0.0.1", "forward_port": echo.port}
    made = int(npm.make("/nginx/proxy-hosts", {**body, **more})["id"])
    meta = npm.get(f"/nginx/proxy-hosts/{made}")["meta"]
    assert meta["nginx_online"], meta["nginx_err"]
    return made


def save(npm: Npm, number: int, **changes: Any) -> None:
    """Change a host, which nginx has to take."""
    before = npm.get(f"/nginx/proxy-hosts/{number}")
    answer = npm.ask("PUT", f"/nginx/proxy-hosts/{number}", changes or {"domain_names": before["domain_names"]})
    assert answer.status == 200 and answer.body["meta"]["nginx_online"], answer.body["meta"]


def certificate(npm: Npm, folder: Path) -> int:
    number = int(npm.make("/nginx/certificates", {"provider": "other", "nice_name": "own"})["id"])
    self_signed(folder / "pair", [NAME])
    files = {"certificate": "fullchain.pem", "certificate_key": "privkey.pem"}
    content = {name: (folder / "pair" / file).read_text(encoding="ascii") for name, file in files.items()}
    assert npm.upload(f"/nginx/certificates/{number}/upload", content).status == 200
    return number


def headers(answer: Answer) -> dict[str, str]:
    """Return what the backend behind nginx got. The page for unknown names is no such answer."""
    assert answer.status == 200 and isinstance(answer.body, dict), answer
    return dict(answer.body["headers"])
