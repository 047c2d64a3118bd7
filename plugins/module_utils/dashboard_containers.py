# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The containers: what each takes of what it may take, and whether it keeps running."""

from __future__ import annotations

from ansible_collections.homelab.media.plugins.module_utils.dashboard import Dashboard, Section
from ansible_collections.homelab.media.plugins.module_utils.dashboard_house import WINDOW, House, or_none
from ansible_collections.homelab.media.plugins.module_utils.dashboard_looks import (
    GREEN,
    NONE_IS_GOOD,
    RED,
    UP_OR_DOWN,
    YELLOW,
)
from ansible_collections.homelab.media.plugins.module_utils.dashboard_panels import (
    Panel,
    Query,
    bars,
    stat,
    states,
    timeseries,
)
from ansible_collections.homelab.media.plugins.module_utils.dashboard_table import Column, table

#: The engine's label homelab.media.service, as cAdvisor spells it: by it the stack's own containers are known.
LABEL = "container_label_homelab_media_service"
_OURS = f'{LABEL}!=""'
_NAMED = f"{{{{{LABEL}}}}}"
_TIGHT = ((None, GREEN), (0.8, YELLOW), (0.95, RED))
_RESTARTS = ((None, GREEN), (1, YELLOW), (5, RED))
OLD = {0: ("current", GREEN), 1: ("behind", YELLOW)}


def dashboard(house: House) -> Dashboard | None:
    """Return the dashboard, where somebody counts."""
    if not (house.containers or house.collected):
        return None
    return Dashboard(
        "media-containers",
        "Containers",
        "What each container takes of what it may take, and whether it keeps running.",
        [
            Section("", _now(house)),
            Section("Running", _running(house)),
            Section("Memory and processors", _load(house)),
            Section("Network and disks", _traffic(house)),
        ],
    )


def _now(house: House) -> list[Panel]:
    found = []
    if house.collected:
        restarts = or_none("sum(increase(media_service_restarts_total[1h]))")
        down = or_none("count(media_service_up == 0)")
        found += [
            stat("Containers", "That are declared.", Query("count(media_service_up)")),
            stat("Down", "Of these.", Query(down), steps=NONE_IS_GOOD),
            stat("Restarts", "Within an hour, not by a run.", Query(restarts), steps=_RESTARTS, decimals=0),
        ]
    if house.containers:
        killed = or_none(f"sum(increase(container_oom_events_total{{{_OURS}}}[24h]))")
        memory = f"sum(container_memory_working_set_bytes{{{_OURS}}})"
        busy = f"sum(rate(container_cpu_usage_seconds_total{{{_OURS}}}[{WINDOW}]))"
        about = "Processes that were killed for want of memory, in a day."
        found += [
            stat("Out of memory", about, Query(killed), steps=NONE_IS_GOOD, decimals=0),
            stat("Memory", "All together.", Query(memory), unit="bytes", curve=True),
            stat("Processors", "That all together keep busy.", Query(busy), curve=True, decimals=2),
        ]
    return found


def _running(house: House) -> list[Panel]:
    if not house.collected:
        return []
    by = "max by (service, container) ({})"
    columns = [
        Column("service", "Service"),
        Column("container", "Container"),
        Column("#A", "State", words=UP_OR_DOWN, width=100),
        Column("#B", "Runs for", "s"),
        Column("#C", "Restarts", steps=_RESTARTS, width=100),
        Column("#D", "Image", words=OLD, width=120),
    ]
    queries = [
        "media_service_up",
        "time() - media_service_started_timestamp_seconds",
        "media_service_restarts_total",
        "media_image_behind",
    ]
    over_time = Query("min by (container) (media_service_up)", "{{container}}")
    return [
        table("Containers", "", columns, *(Query(by.format(query)) for query in queries[:3]), _behind(), height=14),
        states("Up and down", "", over_time, height=14),
    ]


def _behind() -> Query:
    """Whether an image is the registry's newest is asked twice a day; until then there is no answer."""
    return Query(
        "max by (service, container) (media_image_behind) or max by (service, container) (media_service_up * 0)"
    )


def _load(house: House) -> list[Panel]:
    if not house.containers:
        return []
    memory = f"sum by ({LABEL}) (container_memory_working_set_bytes{{{_OURS}}})"
    limit = f"sum by ({LABEL}) (container_spec_memory_limit_bytes{{{_OURS}}} > 0)"
    busy = f"sum by ({LABEL}) (rate(container_cpu_usage_seconds_total{{{_OURS}}}[{WINDOW}]))"
    about = "The share of its limit that each uses. At its end the kernel kills."
    return [
        bars("Memory, of its limit", about, Query(f"{memory} / {limit}", _NAMED), steps=_TIGHT, height=16),
        timeseries("Memory", "", Query(memory, _NAMED), unit="bytes", height=16, stacked=True),
        timeseries("Processors", "That each keeps busy.", Query(busy, _NAMED), width=24, height=10, stacked=True),
    ]


def _traffic(house: House) -> list[Panel]:
    if not house.containers:
        return []
    rate = f"sum by ({LABEL}) (rate(container_{{}}_bytes_total{{{{{_OURS}}}}}[{WINDOW}]))"
    names = {
        "Received": "network_receive",
        "Sent": "network_transmit",
        "Read": "fs_reads",
        "Written": "fs_writes",
    }
    return [
        timeseries(title, "", Query(or_none(rate.format(name)), _NAMED), unit="Bps") for title, name in names.items()
    ]
