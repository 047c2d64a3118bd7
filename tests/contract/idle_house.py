# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The numbers that a healthy house tells while nothing happens: no download, no stream, no ban, nobody who signs in.

What counts events is not there before the first of them, as with the real programs: an idle house has no such series.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.declaration import media

_DAY = 86400
_EXPORTED = {
    "sonarr": ("series_total", "episode_missing_total", "series_filesize_bytes"),
    "radarr": ("movie_total", "movie_missing_total", "movie_filesize_total"),
    "lidarr": ("artists_total", "albums_missing_total", "artists_filesize_bytes"),
    "readarr": (),
}


def line(metric: str, value: float, **labels: str) -> str:
    inside = ",".join(f'{key}="{text}"' for key, text in labels.items())
    return f"{metric}{{{inside}}} {value}" if inside else f"{metric} {value}"


def text(plan: Mapping[str, Any]) -> str:
    """Return the numbers of all but the host's own exporter and Prometheus, of a house as the plan has it."""
    return "\n".join([*_collector(plan), *_containers(plan), *_applications(plan), *_door(plan)]) + "\n"


def _collector(plan: Mapping[str, Any]) -> Iterable[str]:
    now = time.time()
    for name, service in plan["services"].items():
        labels = {"service": media(service).get("part_of") or name, "container": name}
        yield line("media_service_up", 1, **labels)
        yield line("media_service_restarts_total", 0, **labels)
        yield line("media_service_started_timestamp_seconds", now - 3600, **labels)
        yield line("media_image_behind", 0, **labels, image=str(service["image"]))
    for name in ("up", "pod_up", "rules_loaded"):
        yield line(f"media_vpn_{name}", 1)
    yield line("media_vpn_exit_is_home", 0)
    yield line("media_vpn_exit_info", 1, address="198.51.100.7", country="Netherlands")
    yield line("media_vpn_tenant_up", 1, service="nzbget")
    yield line("media_vpn_guard_packets_total", 0, chain="output")
    yield line("media_vpn_stopped_packets_total", 12, family="ipv4")
    yield line("media_vpn_checked_timestamp_seconds", now - 20)
    yield line("media_certificate_expiry_timestamp_seconds", now + 80 * _DAY, certificate="media.test")
    yield line("media_backup_timestamp_seconds", now - _DAY, backup="proxy")
    yield line("media_backup_max_age_seconds", 2 * _DAY, backup="proxy")
    yield line("media_converge_started_timestamp_seconds", now - 3700)
    yield line("media_converge_finished_timestamp_seconds", now - 3600)
    for name in ("changed", "failed", "changing_runs"):
        yield line(f"media_converge_{name}", 0)
    for name in ("download_bytes_per_second", "remaining_bytes", "paused", "queue_items"):
        yield line(f"media_nzbget_{name}", 0)
    for name in ("streams", "transcodes", "bandwidth_kilobits", "plays_total"):
        yield line(f"media_tautulli_{name}", 0)
    for part in ("services", "vpn", "images"):
        yield line("media_collector_errors", 0, part=part)
    yield line("media_collector_duration_seconds", 0.4)


def _containers(plan: Mapping[str, Any]) -> Iterable[str]:
    for number, name in enumerate(plan["services"]):
        labels = {"container_label_homelab_media_service": name, "name": f"media-{name}-1", "image": "image"}
        yield line("container_memory_working_set_bytes", (number + 10) * 1e6, **labels)
        yield line("container_spec_memory_limit_bytes", 256e6, **labels)
        yield line("container_cpu_usage_seconds_total", number, **labels, cpu="total")
        yield line("container_oom_events_total", 0, **labels)
        for way in ("network_receive", "network_transmit"):
            yield line(f"container_{way}_bytes_total", 1e6, **labels, interface="eth0")


def _applications(plan: Mapping[str, Any]) -> Iterable[str]:
    for item in plan["metrics"]:
        if item["job"] != "exportarr" or item["service"] == "tautulli":
            continue
        kind = plan["apis"][item["service"]]["kind"]
        labels = {"service": item["service"], "url": f"http://{item['service']}"}
        yield line(f"{kind}_system_status", 1, **labels)
        yield line(f"{kind}_history_total", 0, **labels)
        if kind == "prowlarr":
            yield line("prowlarr_indexer_enabled_total", 1, **labels)
            continue
        yield line(f"{kind}_rootfolder_freespace_bytes", 5e11, **labels, path="/data/media/tv")
        for name in _EXPORTED[kind]:
            yield line(f"{kind}_{name}", 0, **labels)


def _door(plan: Mapping[str, Any]) -> Iterable[str]:
    for page in plan["pages"]:
        labels = {"service": page["service"] or page["names"][0], "instance": f"https://{page['names'][0]}/"}
        yield line("probe_success", 1, **labels)
        yield line("probe_duration_seconds", 0.02, **labels)
        yield line("probe_http_status_code", 302, **labels)
        yield line("probe_ssl_earliest_cert_expiry", time.time() + 80 * _DAY, **labels)
    for name in ("up", "memory_used_bytes", "commands_processed_total"):
        yield line(f"redis_{name}", 1)
    yield line("unpackerr_uptime_seconds_total", 100)
