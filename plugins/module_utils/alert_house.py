# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What there is to be told of: read from the plan, so that a rule goes with what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import collector, updates
from ansible_collections.homelab.media.plugins.module_utils.declaration import media
from ansible_collections.homelab.media.plugins.module_utils.relations import providers
from ansible_collections.homelab.media.plugins.module_utils.selection import owner

#: Kinds of application that have a queue of downloads, by the first part of the names of their numbers.
QUEUES = ("lidarr", "radarr", "readarr", "sonarr")
GUARDED = ("one_factor", "two_factor")
#: What unpacks, by the name of its service: it offers no API.
UNPACKER = "unpackerr"


@dataclass(frozen=True)
class House:
    """Each is empty, or false, where there is none of it.

    vpn, door, sign_on, updater: names of services, as a person calls them; the updater's numbers are there too.
    kinds: of the applications whose numbers are there. exporters: the containers that tell the numbers of another
    service. guide: something keeps what the applications take from a guide, and the collector tells how that went.
    """

    host: bool = False
    containers: bool = False
    prometheus: bool = False
    alertmanager: bool = False
    redis: bool = False
    vpn: str = ""
    tenants: bool = False
    door: str = ""
    sign_on: str = ""
    sign_ins: bool = False
    probes: bool = False
    guarded: bool = False
    kinds: tuple[str, ...] = ()
    exporters: tuple[str, ...] = ()
    backups: bool = False
    guide: bool = False
    unpacker: bool = False
    updater: str = ""
    watchdog: bool = False

    @property
    def queues(self) -> tuple[str, ...]:
        return tuple(kind for kind in self.kinds if kind in QUEUES)


def look(plan: Mapping[str, Any], settings: Mapping[str, Any]) -> House:
    """Return what there is. plan: the fact media_plan."""
    services, numbers = plan["services"], plan["metrics"]
    telling = {item["container"] for item in numbers}
    about = {item["service"] for item in numbers}
    exported = {item["service"] for item in numbers if item["job"] == "exportarr"}
    pods = [owner(name, services) for name, service in services.items() if media(service).get("egress") == "pod"]
    sign_on = (plan["sign_on"] or {}).get("service", "")
    visited = any(media(service).get("visits_pages") for service in services.values()) and bool(plan["pages"])
    return House(
        host="node-exporter" in telling,
        containers="cadvisor" in telling,
        prometheus="prometheus" in telling,
        alertmanager="alertmanager" in telling,
        redis=any(item["job"] == "redis" for item in numbers),
        vpn=pods[0] if pods else "",
        tenants=any(media(service).get("egress") == "vpn" for service in services.values()),
        door=next(iter(providers(services, "proxy_manager")), ""),
        sign_on=sign_on,
        sign_ins=bool(sign_on) and sign_on in about,
        probes=visited,
        guarded=visited and any(page["access"] in GUARDED for page in plan["pages"]),
        kinds=tuple(sorted({plan["apis"][name]["kind"] for name in exported if name in plan["apis"]})),
        exporters=tuple(name for name, service in services.items() if media(service).get("exports")),
        backups=bool(settings["monitoring_backups"]),
        guide="node-exporter" in telling and collector.GUIDE in services,
        unpacker=UNPACKER in telling,
        updater=next((name for name in providers(services, updates.KIND) if name in telling), ""),
        watchdog=any(receiver.get("watchdog") for receiver in settings["monitoring_receivers"]),
    )
