# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Alerts about the host itself: disks, memory, clock, and the collector that tells what nobody else does."""

from __future__ import annotations

from ansible_collections.homelab.media.plugins.module_utils.alert_house import House
from ansible_collections.homelab.media.plugins.module_utils.alert_rule import Rule

#: Not what is in memory, or only looks like a disk. mergerfs, which is one, stays, and so does an overlay, which is the
#: root of some hosts; node-exporter does not tell of those of containers.
_DISKS = r'fstype!~"tmpfs|devtmpfs|ramfs|squashfs|nsfs|iso9660|autofs|efivarfs|fuse\\.(lxcfs|portal|gvfsd-fuse)"'
_KEEPERS = r'fstype=~"ext[234]|xfs|btrfs|zfs|f2fs|fuse\\.mergerfs"'
_LEFT = f"100 * node_filesystem_avail_bytes{{{_DISKS}}} / node_filesystem_size_bytes{{{_DISKS}}}"
_WRITTEN = r'node_textfile_mtime_seconds{file=~".*media\\.prom"}'


def _host(house: House) -> bool:
    return house.host


RULES = (
    Rule(
        "DiskLow",
        _host,
        f"min by (device, mountpoint) ({_LEFT} < @threshold@ and node_filesystem_readonly{{{_DISKS}}} == 0)",
        "10m",
        "warning",
        'Little room on {{ $labels.mountpoint }}: {{ $value | printf "%.1f" }}% left',
        "Less than @threshold@% of {{ $labels.mountpoint }} ({{ $labels.device }}) is free."
        " Downloads pause when it is full.",
        "Delete what nobody watches, empty the downloader's history of failed downloads, or add a disk.",
        threshold=10,
    ),
    Rule(
        "DiskFullInADay",
        _host,
        "min by (device, mountpoint)"
        f" (predict_linear(node_filesystem_avail_bytes{{{_DISKS}}}[6h], @threshold@ * 3600)) < 0"
        f" and min by (device, mountpoint) ({_LEFT}) < 25",
        "1h",
        "critical",
        "{{ $labels.mountpoint }} will be full within @threshold@ hours",
        "At the pace of the last six hours, {{ $labels.mountpoint }} ({{ $labels.device }}) fills up within @threshold@"
        " hours.",
        "See what grows (Grafana, Host). Pause the downloader until there is room.",
        threshold=24,
    ),
    Rule(
        "DiskReadOnly",
        _host,
        f"max by (device, mountpoint) (node_filesystem_readonly{{{_KEEPERS}}}) == 1",
        "5m",
        "critical",
        "{{ $labels.mountpoint }} can only be read",
        "{{ $labels.device }} is mounted read-only. A file system does that to itself when its disk fails.",
        "On the host: dmesg | tail -50. Save what matters before anything else.",
    ),
    Rule(
        "HostMemoryLow",
        _host,
        "min(100 * node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes) < @threshold@",
        "10m",
        "warning",
        'Little memory on the host: {{ $value | printf "%.1f" }}% left',
        "Less than @threshold@% of the host's memory is available. The kernel will soon end a program of its choice.",
        "See who takes it (Grafana, Containers), and lower that service's limit or restart it.",
        threshold=5,
    ),
    Rule(
        "ClockSkew",
        _host,
        "max(abs(node_timex_offset_seconds)) > @threshold@",
        "10m",
        "warning",
        "The host's clock is wrong by {{ $value | humanizeDuration }}",
        "One-time codes, certificates and these alerts themselves count on a right clock.",
        "On the host: timedatectl. Is a time server reachable?",
        threshold=0.5,
    ),
    Rule(
        "CollectorStale",
        _host,
        f"(time() - max({_WRITTEN})) / 60 > @threshold@ or absent({_WRITTEN})",
        "5m",
        "warning",
        "The host's own collector writes nothing",
        "For more than @threshold@ minutes nobody has told of services, tunnel, backups and converges: their alerts are"
        " blind.",
        "On the host: systemctl status media-collector.timer media-collector.service.",
        threshold=10,
    ),
    Rule(
        "CollectorErrors",
        _host,
        "max by (part) (media_collector_errors) == 1",
        "15m",
        "warning",
        "The collector cannot tell of one part: {{ $labels.part }}",
        "The alerts about this part are blind; all others are not.",
        "On the host: journalctl -u media-collector.service says why.",
    ),
)
