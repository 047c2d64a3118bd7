# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For each alert numbers at which it fires, and numbers at which it does not, in the notation of promtool.

A sample a minute; "0x9 1x5" is ten zeros and six ones. Prometheus's clock begins at 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Numbers = Mapping[str, str]


@dataclass(frozen=True)
class Case:
    """One alert.

    fires, quiet: each of these, by itself, makes it fire, or does not, at the time given, in minutes.
    labels: the alert's own, beside its severity. words: what an expression in its texts becomes.
    """

    fires: list[tuple[int, Numbers]]
    quiet: list[tuple[int, Numbers]]
    labels: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)


DISK = '{device="/dev/sdb1",mountpoint="/data",fstype="ext4",service="node-exporter"}'
TMP = '{device="tmpfs",mountpoint="/run",fstype="tmpfs",service="node-exporter"}'
OWN = '{name="media-sonarr-1",image="x",container_label_homelab_media_service="sonarr",service="cadvisor"}'
FOREIGN = '{name="other",image="x",service="cadvisor"}'
BOX = '{service="sonarr",container="sonarr"}'
THERE = {f"media_service_up{BOX}": "1x30"}
PAGE = '{job="pages",service="sonarr",instance="https://sonarr.media.test/",access="two_factor"}'
OPEN = '{job="pages",service="plex",instance="https://plex.media.test/",access="bypass"}'
AT_PAGE = {"service": "sonarr", "instance": "https://sonarr.media.test/"}
VPN, SONARR, AT_DISK = {"service": "vpn"}, {"service": "sonarr"}, {"device": "/dev/sdb1", "mountpoint": "/data"}


def disk(avail: str, size: str = "100x400", readonly: str = "0x400", labels: str = DISK) -> Numbers:
    return {
        f"node_filesystem_avail_bytes{labels}": avail,
        f"node_filesystem_size_bytes{labels}": size,
        f"node_filesystem_readonly{labels}": readonly,
    }


def queue(values: str, status: str, download_status: str, state: str, history: str = "0+1x400") -> Numbers:
    labels = f'service="sonarr",status="{status}",download_status="{download_status}",download_state="{state}"'
    return {f"sonarr_queue_total{{{labels}}}": values, 'sonarr_history_total{service="sonarr"}': history}


def backup(newest: str, most: str = "1200x200") -> Numbers:
    numbers = {'media_backup_max_age_seconds{backup="photos"}': most}
    return {**numbers, 'media_backup_timestamp_seconds{backup="photos"}': newest} if newest else numbers


def converge(started: str, finished: str = "", failed: str = "") -> Numbers:
    return {
        "media_converge_started_timestamp_seconds": started,
        **({"media_converge_finished_timestamp_seconds": finished} if finished else {}),
        **({"media_converge_failed": failed} if failed else {}),
    }


CASES: dict[str, Case] = {
    "VpnPodDown": Case([(5, {"media_vpn_pod_up": "0x9"})], [(5, {"media_vpn_pod_up": "1x9"})], VPN),
    "TunnelDown": Case(
        [(10, {"media_vpn_up": "1x5 0x9"})],
        # For a moment only.
        [(10, {"media_vpn_up": "1x9 0x9"}), (10, {"media_vpn_up": "1x20"})],
        VPN,
    ),
    "TunnelCheckStale": Case(
        [(30, {"media_vpn_checked_timestamp_seconds": "60x40"}), (30, {})],
        [(30, {"media_vpn_checked_timestamp_seconds": "0+60x40"})],
        VPN,
    ),
    "TunnelLeak": Case(
        [
            (12, {'media_vpn_guard_packets_total{chain="forward"}': "0x9 3x9"}),
            # The counter is there for the first time, and has counted already.
            (10, {'media_vpn_guard_packets_total{chain="forward"}': "_x8 5x9"}),
        ],
        [
            (40, {'media_vpn_guard_packets_total{chain="forward"}': "0x60"}),
            # What happened long ago is over.
            (40, {'media_vpn_guard_packets_total{chain="forward"}': "0x5 7x60"}),
        ],
        {**VPN, "chain": "forward"},
    ),
    "ExitIsHome": Case([(2, {"media_vpn_exit_is_home": "1x5"})], [(2, {"media_vpn_exit_is_home": "0x5"})], VPN),
    "TenantOutside": Case(
        [(5, {'media_vpn_tenant_up{service="nzbget"}': "0x9"})],
        [(5, {'media_vpn_tenant_up{service="nzbget"}': "1x9"})],
        {"service": "nzbget"},
    ),
    "KillSwitchMissing": Case([(5, {"media_vpn_rules_loaded": "0x9"})], [(5, {"media_vpn_rules_loaded": "1x9"})], VPN),
    "DiskLow": Case(
        [(20, disk("5x40"))],
        [(20, disk("20x40")), (20, disk("5x40", labels=TMP)), (20, disk("5x40", readonly="1x40"))],
        AT_DISK,
        {'$value | printf "%.1f"': "5.0"},
    ),
    "DiskFullInADay": Case(
        [(400, disk("24-0.02x400"))],
        # Slowly; and quickly, with a lot of room left.
        [(400, disk("24-0.001x400")), (400, disk("99-0.08x400"))],
        AT_DISK,
    ),
    "DiskReadOnly": Case(
        [(10, disk("50x40", readonly="1x40"))],
        [(10, disk("50x40")), (10, disk("0x40", readonly="1x40", labels=DISK.replace("ext4", "squashfs")))],
        AT_DISK,
    ),
    "HostMemoryLow": Case(
        [(15, {"node_memory_MemAvailable_bytes": "3x20", "node_memory_MemTotal_bytes": "100x20"})],
        [(15, {"node_memory_MemAvailable_bytes": "50x20", "node_memory_MemTotal_bytes": "100x20"})],
        words={'$value | printf "%.1f"': "3.0"},
    ),
    "ClockSkew": Case(
        [(15, {"node_timex_offset_seconds": "-2x20"})],
        [(15, {"node_timex_offset_seconds": "0.01x20"})],
        words={"$value | humanizeDuration": "2s"},
    ),
    "CollectorStale": Case(
        [(30, {'node_textfile_mtime_seconds{file="/textfile/media.prom"}': "60x40"}), (30, {})],
        [(30, {'node_textfile_mtime_seconds{file="/textfile/media.prom"}': "0+60x40"})],
    ),
    "CollectorErrors": Case(
        [(18, {'media_collector_errors{part="vpn"}': "1x20"})],
        [(18, {'media_collector_errors{part="vpn"}': "0x20"})],
        {"part": "vpn"},
    ),
    "ServiceDown": Case(
        [(8, {f"media_service_up{BOX}": "1 0x9"})],
        [
            (8, {f"media_service_up{BOX}": "1x7 0x9"}),
            (8, {f"media_service_up{BOX}": "1x9"}),
            (8, {'media_service_up{service="sonarr",container="exportarr-sonarr"}': "0x9"}),
        ],
        {**SONARR, "container": "sonarr"},
    ),
    "ServiceRestarting": Case(
        [
            (10, {f"media_service_restarts_total{BOX}": "0+1x20", **THERE}),
            (10, {f"media_service_started_timestamp_seconds{BOX}": "100 100 200 300 400 500x9", **THERE}),
        ],
        [
            (10, {f"media_service_restarts_total{BOX}": "0x5 1x9", **THERE}),
            (10, {f"media_service_started_timestamp_seconds{BOX}": "100x5 400x9", **THERE}),
            # It was switched off, and is watched no more.
            (10, {f"media_service_restarts_total{BOX}": "0+1x8 stale", f"media_service_up{BOX}": "1x8 stale"}),
        ],
        {**SONARR, "container": "sonarr"},
    ),
    "OutOfMemory": Case(
        [(8, {f"container_oom_events_total{OWN}": "0x5 1x9"})],
        [
            (30, {f"container_oom_events_total{OWN}": "0x5 1x40"}),
            (8, {f"container_oom_events_total{FOREIGN}": "0x5 1x9"}),
        ],
        {**SONARR, "name": "media-sonarr-1"},
    ),
    "MemoryNearLimit": Case(
        [
            (
                20,
                {
                    f"container_memory_working_set_bytes{OWN}": "95x30",
                    f"container_spec_memory_limit_bytes{OWN}": "100x30",
                },
            )
        ],
        [
            (
                20,
                {
                    f"container_memory_working_set_bytes{OWN}": "50x30",
                    f"container_spec_memory_limit_bytes{OWN}": "100x30",
                },
            ),
            # No limit at all.
            (
                20,
                {
                    f"container_memory_working_set_bytes{OWN}": "95x30",
                    f"container_spec_memory_limit_bytes{OWN}": "0x30",
                },
            ),
        ],
        {**SONARR, "name": "media-sonarr-1"},
        {'$value | printf "%.0f"': "95"},
    ),
    "ImageBehind": Case(
        [(80, {'media_image_behind{service="sonarr",container="sonarr",image="sonarr:4"}': "1x90"})],
        [(80, {'media_image_behind{service="sonarr",container="sonarr",image="sonarr:4"}': "0x90"})],
        {**SONARR, "container": "sonarr", "image": "sonarr:4"},
    ),
    "TargetDown": Case(
        [(8, {'up{job="exportarr",service="sonarr",instance="exportarr-sonarr:9707"}': "0x9"})],
        [
            (8, {'up{job="exportarr",service="sonarr",instance="exportarr-sonarr:9707"}': "1x9"}),
            (8, {'up{job="pages",service="sonarr",instance="https://sonarr.media.test/"}': "0x9"}),
        ],
        {**SONARR, "job": "exportarr", "instance": "exportarr-sonarr:9707"},
    ),
    "RedisDown": Case(
        [(5, {'redis_up{service="authelia-redis"}': "0x9"})],
        [(5, {'redis_up{service="authelia-redis"}': "1x9"})],
        {"service": "authelia-redis"},
    ),
    "ProbeFailed": Case(
        [(8, {f"probe_success{PAGE}": "0x9"})],
        [(8, {f"probe_success{PAGE}": "1x9"}), (8, {f"probe_success{PAGE}": "1x6 0x9"})],
        AT_PAGE,
    ),
    "PageUnprotected": Case(
        [
            (3, {f"probe_http_status_code{PAGE}": "200x9", f"probe_failed_due_to_regex{PAGE}": "0x9"}),
            # Sent on, and not to the sign-on.
            (3, {f"probe_http_status_code{PAGE}": "302x9", f"probe_failed_due_to_regex{PAGE}": "1x9"}),
        ],
        [
            (3, {f"probe_http_status_code{PAGE}": "302x9", f"probe_failed_due_to_regex{PAGE}": "0x9"}),
            (3, {f"probe_http_status_code{PAGE}": "502x9", f"probe_failed_due_to_regex{PAGE}": "0x9"}),
            (3, {f"probe_http_status_code{OPEN}": "200x9", f"probe_failed_due_to_regex{OPEN}": "0x9"}),
        ],
        AT_PAGE,
    ),
    "PageCertificateEnding": Case(
        [(90, {f"probe_ssl_earliest_cert_expiry{PAGE}": f"{7 * 86400}x100"})],
        [(90, {f"probe_ssl_earliest_cert_expiry{PAGE}": f"{30 * 86400}x100"})],
        AT_PAGE,
        {'$value | printf "%.0f"': "7"},
    ),
    "CertificateEnding": Case(
        [(90, {'media_certificate_expiry_timestamp_seconds{certificate="media.test"}': f"{7 * 86400}x100"})],
        [(90, {'media_certificate_expiry_timestamp_seconds{certificate="media.test"}': f"{30 * 86400}x100"})],
        {"certificate": "media.test"},
        {'$value | printf "%.0f"': "7"},
    ),
    "SignInFailures": Case(
        [
            (12, {'authelia_authn{success="false",banned="false"}': "0+3x20"}),
            (12, {'authelia_authn_second_factor{success="false",banned="false",type="TOTP"}': "0+3x20"}),
        ],
        [
            (12, {'authelia_authn{success="true",banned="false"}': "0+3x20"}),
            (12, {'authelia_authn{success="false",banned="false"}': "0x5 2x20"}),
        ],
        {"service": "authelia"},
        {'$value | printf "%.0f"': "30"},
    ),
    "QueueStuck": Case(
        [
            (150, queue("1x400", "completed", "warning", "importPending")),
            (150, queue("3x400", "warning", "ok", "downloading")),
            # All is well with the last item, and nothing has happened.
            (390, queue("2x400", "downloading", "ok", "downloading", history="7x400")),
        ],
        [
            (150, queue("2x400", "downloading", "ok", "downloading")),
            (90, queue("1x400", "completed", "warning", "importPending")),
            (390, {'sonarr_history_total{service="sonarr"}': "7x400"}),
        ],
        SONARR,
    ),
    "ImportFailed": Case(
        [
            (20, queue("1x40", "completed", "ok", "importBlocked")),
            (20, queue("1x40", "completed", "warning", "downloading")),
        ],
        [
            (20, queue("1x40", "downloading", "warning", "downloading")),
            (20, queue("1x40", "completed", "ok", "importing")),
        ],
        SONARR,
    ),
    "ApplicationHealth": Case(
        [
            (
                20,
                {
                    'sonarr_system_health_issues{service="sonarr",source="RootFolderCheck",type="error",'
                    'message="Missing root folder",wikiurl="https://wiki"}': "1x40"
                },
            )
        ],
        [
            (20, {'sonarr_system_health_issues{service="sonarr",source="X",type="warning",message="Y"}': "1x40"}),
            (20, {'sonarr_system_health_issues{service="sonarr",source="",type="",message=""}': "0x40"}),
        ],
        {**SONARR, "source": "RootFolderCheck", "message": "Missing root folder"},
    ),
    "ApplicationSilent": Case(
        [
            (15, {'sonarr_system_status{service="sonarr"}': "0x20"}),
            (15, {'sonarr_queue_collector_error{service="sonarr"}': "1x20"}),
        ],
        [(15, {'sonarr_system_status{service="sonarr"}': "1x20"})],
        SONARR,
    ),
    "IndexerDown": Case(
        [(380, {'prowlarr_indexer_unavailable{service="prowlarr",indexer="Nice"}': "1x400"})],
        [(300, {'prowlarr_indexer_unavailable{service="prowlarr",indexer="Nice"}': "1x400"})],
        {"service": "prowlarr", "indexer": "Nice"},
    ),
    "BackupTooOld": Case(
        [(40, backup("60x60"))],
        # Fresh; and none, which is another alert.
        [(40, backup("0+60x60")), (40, backup("0x60"))],
        {"backup": "photos"},
        {"$value | humanizeDuration": "39m 0s"},
    ),
    "BackupMissing": Case(
        [(15, backup("")), (15, backup("0x20"))],
        [(15, backup("60x20"))],
        {"backup": "photos"},
    ),
    "ConvergeFailed": Case([(2, {"media_converge_failed": "1x5"})], [(2, {"media_converge_failed": "0x5"})]),
    "ConvergeUnfinished": Case(
        [(180, converge("60x200")), (180, converge("60x200", "30x200")), (180, converge("60x200", "0x200"))],
        [
            (180, converge("60x200", "90x200")),
            (180, converge("9000x200", "60x200")),
            (180, converge("60x200", failed="1x200")),
        ],
        words={"$value | humanize": "2.983"},
    ),
    "ConvergeDrifted": Case(
        [(2, {"media_converge_changing_runs": "3x5"})],
        [(2, {"media_converge_changing_runs": "2x5"})],
        words={"$value": "3"},
    ),
    "ConvergeTooOld": Case(
        [(1500, {"media_converge_finished_timestamp_seconds": "60x1600"})],
        [(1500, {"media_converge_finished_timestamp_seconds": "80000x1600"})],
        words={'$value | printf "%.0f"': "1"},
    ),
    "RecyclarrFailed": Case(
        [(70, {"media_recyclarr_sync_failed": "1x90"})],
        # For a while only, and not at all.
        [(50, {"media_recyclarr_sync_failed": "1x90"}), (70, {"media_recyclarr_sync_failed": "0x90"})],
    ),
    "UnpackFailed": Case(
        [(40, {'unpackerr_gauges{name="failed",service="unpackerr"}': "2x60"})],
        [
            (20, {'unpackerr_gauges{name="failed",service="unpackerr"}': "2x60"}),
            (40, {'unpackerr_gauges{name="failed",service="unpackerr"}': "0x60"}),
            (40, {'unpackerr_gauges{name="extracting",service="unpackerr"}': "2x60"}),
        ],
        words={"$value": "2"},
    ),
    "UpdateFailed": Case(
        [(2, {'watchtower_containers_failed{service="watchtower"}': "1x5"})],
        [(2, {'watchtower_containers_failed{service="watchtower"}': "0x5"})],
        {"service": "watchtower"},
        {"$value": "1"},
    ),
    "UpdatesStopped": Case(
        [(4400, {'watchtower_scans_total{service="watchtower"}': "3x4500"}), (70, {})],
        [
            # Once a day; and on a host that is new.
            (4400, {'watchtower_scans_total{service="watchtower"}': "3x1440 4x1440 5x3000"}),
            (70, {'watchtower_scans_total{service="watchtower"}': "0x100"}),
        ],
        {"service": "watchtower"},
    ),
    "PrometheusReloadFailed": Case(
        [(8, {"prometheus_config_last_reload_successful": "0x9"})],
        [(8, {"prometheus_config_last_reload_successful": "1x9"})],
        {"service": "prometheus"},
    ),
    "RulesFailing": Case(
        [(12, {'prometheus_rule_evaluation_failures_total{rule_group="x"}': "0+1x20"})],
        [(12, {'prometheus_rule_evaluation_failures_total{rule_group="x"}': "4x20"})],
        {"service": "prometheus"},
    ),
    "AlertsNotSent": Case(
        [
            (12, {'prometheus_notifications_errors_total{alertmanager="x"}': "0+1x20"}),
            (12, {"prometheus_notifications_alertmanagers_discovered": "0x20"}),
        ],
        [
            (
                12,
                {
                    'prometheus_notifications_errors_total{alertmanager="x"}': "4x20",
                    "prometheus_notifications_alertmanagers_discovered": "1x20",
                },
            )
        ],
        {"service": "alertmanager"},
    ),
    "AlertmanagerReloadFailed": Case(
        [(8, {"alertmanager_config_last_reload_successful": "0x9"})],
        [(8, {"alertmanager_config_last_reload_successful": "1x9"})],
        {"service": "alertmanager"},
    ),
    "NotificationsFailing": Case(
        [(20, {'alertmanager_notifications_failed_total{integration="webhook"}': "0+1x40"})],
        [(20, {'alertmanager_notifications_failed_total{integration="webhook"}': "4x40"})],
        {"service": "alertmanager", "integration": "webhook"},
    ),
    # It always fires: that is what it is for.
    "Watchdog": Case([(2, {})], []),
}
