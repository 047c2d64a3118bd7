# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prometheus' text format: every metric of the collector with its type and its help, and how samples are written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Union

Value = Union[int, float, bool]

GAUGE, COUNTER = "gauge", "counter"

#: Every metric: its type, and what it tells.
METRICS = {
    "media_service_up": (GAUGE, "Whether the container of a declared service runs, and is healthy if it has a check."),
    "media_service_restarts_total": (COUNTER, "How often the engine has restarted the container."),
    "media_service_started_timestamp_seconds": (GAUGE, "When the container was started last."),
    "media_image_behind": (GAUGE, "Whether the registry has another image under this name than the container's."),
    "media_vpn_up": (GAUGE, "Whether the VPN client is well and says that its tunnel runs."),
    "media_vpn_exit_info": (GAUGE, "Where the tunnel comes out."),
    "media_vpn_exit_is_home": (GAUGE, "Whether the tunnel comes out at the host's own public address."),
    "media_vpn_pod_up": (GAUGE, "Whether the container that holds the VPN's network is well."),
    "media_vpn_tenant_up": (GAUGE, "Whether a service behind the VPN runs, in the network of the pod."),
    "media_vpn_stopped_packets_total": (COUNTER, "Packets that the kill switch has stopped in the pod."),
    "media_vpn_guard_packets_total": (COUNTER, "Packets that got past the kill switch, stopped by the host's rules."),
    "media_vpn_rules_loaded": (GAUGE, "Whether the rules of the pod and those of the host are in force."),
    "media_vpn_checked_timestamp_seconds": (GAUGE, "When the rules of the pod were looked at last."),
    "media_certificate_expiry_timestamp_seconds": (GAUGE, "When a certificate of the front door ends."),
    "media_backup_timestamp_seconds": (GAUGE, "When the newest file of a backup was written; 0 while there is none."),
    "media_backup_max_age_seconds": (GAUGE, "How old the newest file of a backup may be."),
    "media_converge_started_timestamp_seconds": (GAUGE, "When the last run of the collection began."),
    "media_converge_finished_timestamp_seconds": (GAUGE, "When the last run of the collection ended."),
    "media_converge_changed": (GAUGE, "How much the last run of the collection changed."),
    "media_converge_failed": (GAUGE, "Whether the last run of the collection failed."),
    "media_converge_changing_runs": (GAUGE, "How many runs in a row have changed something."),
    "media_fail2ban_banned": (GAUGE, "How many addresses a jail keeps out."),
    "media_fail2ban_bans_total": (COUNTER, "How many bans a jail has spoken since Fail2Ban started."),
    "media_nzbget_download_bytes_per_second": (GAUGE, "How fast NZBGet downloads."),
    "media_nzbget_remaining_bytes": (GAUGE, "What NZBGet still has to download."),
    "media_nzbget_paused": (GAUGE, "Whether somebody has paused NZBGet."),
    "media_nzbget_queue_items": (GAUGE, "How many downloads NZBGet has, those that it unpacks among them."),
    "media_recyclarr_sync_failed": (GAUGE, "Whether the last sync of Recyclarr ended with an error."),
    "media_recyclarr_sync_timestamp_seconds": (GAUGE, "When Recyclarr wrote to the log of its last sync."),
    "media_tautulli_streams": (GAUGE, "How many streams Plex sends."),
    "media_tautulli_transcodes": (GAUGE, "How many of the streams Plex transcodes."),
    "media_tautulli_bandwidth_kilobits": (GAUGE, "What the streams take, in kilobits a second."),
    "media_tautulli_plays_total": (COUNTER, "How many plays Tautulli has in its history."),
    "media_tautulli_library_items": (GAUGE, "How many items of a type a library has."),
    "media_collector_errors": (GAUGE, "Whether a part of the collector could not tell all that it should."),
    "media_collector_duration_seconds": (GAUGE, "How long the collector took."),
}


@dataclass(frozen=True)
class Sample:
    """One value of a metric."""

    name: str
    value: Value
    labels: tuple[tuple[str, str], ...] = field(default=())


def text(samples: Iterable[Sample]) -> str:
    """Return the samples in the text format, by metric. Of two with the same labels the later one counts.

    Whoever reads the file refuses all of it for one sample that is there twice.
    """
    by_metric: dict[str, dict[tuple[tuple[str, str], ...], Value]] = {name: {} for name in METRICS}
    for sample in samples:
        by_metric[sample.name][sample.labels] = sample.value
    lines = []
    for name, (kind, told) in METRICS.items():
        if by_metric[name]:
            lines += [f"# HELP {name} {told}", f"# TYPE {name} {kind}"]
            lines += [f"{name}{_braces(labels)} {_number(value)}" for labels, value in sorted(by_metric[name].items())]
    return "".join(f"{line}\n" for line in lines)


def _braces(labels: Iterable[tuple[str, str]]) -> str:
    inside = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels)
    return f"{{{inside}}}" if inside else ""


def _escaped(value: str) -> str:
    # What is no text in UTF-8 would have the whole file refused.
    sound = value.encode("utf-8", "replace").decode("utf-8")
    return sound.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _number(value: Value) -> str:
    return str(int(value)) if isinstance(value, bool) else repr(value)
