# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What there is in the house that a dashboard could show, read from the plan; and the forms that queries share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.declaration import media
from ansible_collections.homelab.media.plugins.module_utils.relations import providers
from ansible_collections.homelab.media.plugins.module_utils.wiring import is_tenant, pod_name

#: Of a counter that is asked for every 15 to 60 seconds: never fewer than four values.
WINDOW = "5m"

#: Applications whose numbers Exportarr tells, by the kind of their API, with what they count.
LIBRARIES = ("sonarr", "radarr", "lidarr", "readarr")


@dataclass(frozen=True)
class House:
    """The facts by which a panel is there or not."""

    collected: bool  # the host's own numbers, and with them what the collector writes, are gathered
    containers: bool  # so are those of each container
    pod: str  # the service that holds the namespace behind the VPN
    tenants: tuple[str, ...]
    libraries: tuple[str, ...]  # the kinds of applications that Exportarr asks
    indexers: bool
    downloader: bool
    unpacker: bool
    playback: bool
    pages: bool
    probes: bool
    sign_on: bool
    redis: bool
    bans: bool
    backups: bool


def look(plan: Mapping[str, Any], settings: Mapping[str, Any]) -> House:
    """Read the facts from the plan."""
    services: Mapping[str, Mapping[str, Any]] = plan["services"]
    told = plan.get("metrics") or ()
    jobs = {item["job"] for item in told}
    kinds = {_kind(services, item["service"]) for item in told if item["job"] == "exportarr"}
    signs_on = set(providers(services, "authelia"))
    return House(
        collected="node-exporter" in jobs,
        containers="cadvisor" in jobs,
        pod=pod_name(services) or "",
        tenants=tuple(name for name, service in services.items() if is_tenant(service)),
        libraries=tuple(kind for kind in LIBRARIES if kind in kinds),
        indexers="prowlarr" in kinds,
        downloader=bool(providers(services, "nzbget")),
        unpacker="unpackerr" in jobs,
        playback=bool(providers(services, "tautulli")),
        pages=bool(plan.get("pages")),
        probes=bool(plan.get("pages")) and any(media(service).get("visits_pages") for service in services.values()),
        sign_on=any(item["service"] in signs_on and item["service"] == item["container"] for item in told),
        redis="redis" in jobs,
        bans=any(media(service).get("reads_auth_logs") for service in services.values()),
        backups=bool(settings.get("monitoring_backups")),
    )


def _kind(services: Mapping[str, Mapping[str, Any]], name: str) -> str:
    return str((media(services.get(name) or {}).get("api") or {}).get("kind") or "")


def or_none(expr: str) -> str:
    """Return the query with a zero where it finds nothing, for what is absent while all is well."""
    return f"({expr}) or on() vector(0)"


def or_none_each(expr: str, whole: str, by: str = "service") -> str:
    """Return the query with a zero for each of those that are in another one, and for which it finds nothing."""
    return f"({expr}) or (sum by ({by}) ({whole}) * 0)"


def of_each(names: Iterable[str], suffix: str, more: str = "") -> str:
    """Return the selector of a number that each application tells under its own name, such as sonarr_queue_total."""
    return f'{{__name__=~"({"|".join(names)})_{suffix}"{more}}}'
