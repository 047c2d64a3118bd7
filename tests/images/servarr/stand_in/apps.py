# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What differs between the applications."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class App:
    name: str  # in answers, files and messages
    kind: str  # sonarr | radarr | lidarr | readarr | prowlarr
    version: str
    port: int
    ssl_port: int
    api: str  # the version in the path
    branch: str
    log_level: str = "debug"
    masks: bool = True  # gives secrets as ********
    seeds_user: bool = False  # makes the first user from config.xml
    basic: bool = False  # still knows HTTP basic
    external: bool = True
    logs_success: bool = False  # a good login is an Info line

    @property
    def prefix(self) -> str:
        """How its environment variables begin."""
        return self.kind.upper()

    @property
    def root(self) -> str:
        return f"/api/{self.api}"

    @property
    def is_prowlarr(self) -> bool:
        return self.kind == "prowlarr"

    @property
    def log_name(self) -> str:
        return self.kind


APPS: Mapping[str, App] = {
    app.name: app
    for app in (
        App(
            "Sonarr", "sonarr", "4.0.19.2979", 8989, 9898, "v3", "main", seeds_user=True, basic=True, logs_success=True
        ),
        App("Radarr", "radarr", "6.2.1.10461", 7878, 9898, "v3", "master", seeds_user=True),
        App("Lidarr", "lidarr", "3.1.0.4875", 8686, 6868, "v1", "master", seeds_user=True, basic=True),
        App(
            "Readarr",
            "readarr",
            "0.4.18.2805",
            8787,
            6868,
            "v1",
            "develop",
            log_level="info",
            masks=False,
            basic=True,
            external=False,
            logs_success=True,
        ),
        App(
            "Bookshelf",
            "readarr",
            "0.4.20.91",
            8787,
            6868,
            "v1",
            "develop",
            log_level="info",
            masks=False,
            basic=True,
            logs_success=True,
        ),
        App("Prowlarr", "prowlarr", "2.5.2.5491", 9696, 6969, "v1", "master"),
    )
}


def app_named(name: str) -> App:
    if name not in APPS:
        raise ValueError(f"APP_NAME is {name!r}; this stand-in plays {', '.join(APPS)}")
    return APPS[name]
