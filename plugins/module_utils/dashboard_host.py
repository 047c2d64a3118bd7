# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host itself: processors, memory, disks, network, and the history that is kept of all this."""

from __future__ import annotations

from ansible_collections.homelab.media.plugins.module_utils.dashboard import Dashboard, Section
from ansible_collections.homelab.media.plugins.module_utils.dashboard_house import WINDOW, House, or_none
from ansible_collections.homelab.media.plugins.module_utils.dashboard_looks import (
    GREEN,
    NONE_IS_GOOD,
    ORANGE,
    RED,
    YELLOW,
)
from ansible_collections.homelab.media.plugins.module_utils.dashboard_panels import (
    Panel,
    Query,
    bars,
    gauge,
    stat,
    timeseries,
)
from ansible_collections.homelab.media.plugins.module_utils.dashboard_table import Column, table

#: Disks that hold something: not those in memory, nor the engine's own views of a disk that is there already.
_REAL = (
    'fstype!~"tmpfs|ramfs|devtmpfs|squashfs|nsfs|autofs|proc|sysfs|cgroup.*|fuse\\\\.(lxcfs|gvfsd.*)",'
    'mountpoint!~"/(boot|dev|etc|proc|run|snap|sys|var/lib/(containers|docker|kubelet))(/.*)?"'
)
#: By mount point: size, or what is available.
DISKS = "max by (mountpoint) (node_filesystem_{}_bytes{{" + _REAL + "}})"
USED = f"1 - ({DISKS.format('avail')} / ({DISKS.format('size')} > 0))"
#: Seconds until it is full.
FULL = ((None, RED), (86400, ORANGE), (7 * 86400, YELLOW), (30 * 86400, GREEN))

_MEMORY = "1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes"
_CPU = f'1 - avg(rate(node_cpu_seconds_total{{mode="idle"}}[{WINDOW}]))'
_LINKS = 'device!~"lo|veth.*|br-.*|docker.*|tun.*|tap.*"'
_BLOCK = 'device!~"(loop|ram|sr|fd|zram|dm-).*"'


def dashboard(house: House) -> Dashboard | None:
    """Return the dashboard, where the host's numbers are gathered."""
    if not house.collected:
        return None
    return Dashboard(
        "media-host",
        "Host",
        "The machine: processors, memory, disks and network, and what is kept of its history.",
        [
            Section("", _now()),
            Section("Processors and memory", _load()),
            Section("Disks", _disks()),
            Section("Network", _network()),
            Section("History", _history()),
        ],
        since="24h",
    )


def _now() -> list[Panel]:
    return [
        gauge("Processors", "The share of all processors that is busy.", Query(_CPU)),
        gauge("Memory", "What is in use and cannot be given back at once.", Query(_MEMORY)),
        gauge("Fullest disk", "How much of it is in use.", Query(f"max({USED})")),
        stat(
            "Load", "Who waits for a processor, for each of them.", Query(_per_cpu("node_load5")), curve=True, height=6
        ),
        stat("Up", "How long the machine runs.", Query("time() - node_boot_time_seconds"), unit="s", height=6),
        stat("Clock", "How far it is off.", Query("abs(node_timex_offset_seconds)"), unit="s", height=6, steps=_CLOCK),
    ]


_CLOCK = ((None, GREEN), (0.1, YELLOW), (0.5, RED))


def _per_cpu(metric: str) -> str:
    return f'{metric} / on() count(node_cpu_seconds_total{{mode="idle"}})'


def _load() -> list[Panel]:
    modes = f'avg by (mode) (rate(node_cpu_seconds_total{{mode!="idle"}}[{WINDOW}]))'
    pressure = " + ".join(f"rate(node_pressure_{kind}_waiting_seconds_total[{WINDOW}])" for kind in ("io", "memory"))
    used = "node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes"
    swap = or_none("sum(node_memory_SwapTotal_bytes - node_memory_SwapFree_bytes)")
    return [
        timeseries(
            "Processors",
            "What they are busy with.",
            Query(modes, "{{mode}}"),
            unit="percentunit",
            stacked=True,
            maximum=1,
        ),
        timeseries(
            "Memory",
            "In use, and swapped out.",
            Query(used, "in use"),
            Query("node_memory_MemTotal_bytes", "there is"),
            Query(swap, "swapped out"),
            unit="bytes",
        ),
        timeseries(
            "Waiting",
            "The share of time in which something waited for a disk or for memory, where the kernel tells.",
            Query(or_none(f"sum({pressure})"), "waiting"),
            unit="percentunit",
        ),
        timeseries(
            "Load",
            "Who runs or waits to.",
            *(Query(f"node_load{minutes}", f"{minutes} min") for minutes in (1, 5, 15)),
        ),
    ]


def _disks() -> list[Panel]:
    free = DISKS.format("avail")
    rate = f"deriv(node_filesystem_avail_bytes{{{_REAL}}}[6h])"
    # Seconds, where it fills at all; a year where it does not.
    until = (
        f"max by (mountpoint) (clamp_max(node_filesystem_avail_bytes{{{_REAL}}} / clamp_min(-({rate}), 1), 31536000))"
    )
    columns = [
        Column("mountpoint", "Mount point"),
        Column("#A", "Size", "bytes"),
        Column("#B", "Free", "bytes"),
        Column("#C", "Full in, at the pace of six hours", "s", steps=FULL),
    ]
    return [
        bars("In use", "Of each disk.", Query(USED, "{{mountpoint}}")),
        table("Disks", "", columns, Query(DISKS.format("size")), Query(free), Query(until), width=12),
        timeseries("Free", "Of each disk.", Query(free, "{{mountpoint}}"), unit="bytes"),
        timeseries(
            "Reading and writing",
            "All disks together.",
            Query(or_none(f"sum(rate(node_disk_read_bytes_total{{{_BLOCK}}}[{WINDOW}]))"), "read"),
            Query(or_none(f"sum(rate(node_disk_written_bytes_total{{{_BLOCK}}}[{WINDOW}]))"), "written"),
            unit="Bps",
        ),
    ]


def _network() -> list[Panel]:
    return [
        timeseries(
            "Received",
            "By network card.",
            Query(f"rate(node_network_receive_bytes_total{{{_LINKS}}}[{WINDOW}])", "{{device}}"),
            unit="Bps",
        ),
        timeseries(
            "Sent",
            "By network card.",
            Query(f"rate(node_network_transmit_bytes_total{{{_LINKS}}}[{WINDOW}])", "{{device}}"),
            unit="Bps",
        ),
    ]


def _history() -> list[Panel]:
    silent = or_none("count(up == 0)")
    kept = "time() - prometheus_tsdb_lowest_timestamp_seconds"
    return [
        stat("Targets", "Who is asked for numbers.", Query("count(up)")),
        stat("Silent", "Those that do not answer.", Query(silent), steps=NONE_IS_GOOD),
        stat("Series", "Numbers that are kept.", Query("sum(prometheus_tsdb_head_series)"), curve=True),
        stat("Reaches back", "How long.", Query(kept), unit="s"),
        stat(
            "On disk",
            "What the history takes, but for its last hours.",
            Query("sum(prometheus_tsdb_storage_blocks_bytes)"),
            unit="bytes",
            curve=True,
        ),
        stat(
            "Slowest answer",
            "The target that takes longest.",
            Query("max(scrape_duration_seconds)"),
            unit="s",
            curve=True,
        ),
    ]
