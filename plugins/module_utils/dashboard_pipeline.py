# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way of a request: queues, imports that wait, indexers, the downloader, and what the libraries hold."""

from __future__ import annotations

from ansible_collections.homelab.media.plugins.module_utils.dashboard import Dashboard, Section
from ansible_collections.homelab.media.plugins.module_utils.dashboard_house import (
    WINDOW,
    House,
    of_each,
    or_none,
    or_none_each,
)
from ansible_collections.homelab.media.plugins.module_utils.dashboard_looks import (
    GREEN,
    NONE_IS_GOOD,
    ORANGE,
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

#: What each application counts: the number, what is missing of it, and the size of all, as Exportarr calls them.
_COUNTED = {
    "sonarr": ("series_total", "episode_missing_total", "series_filesize_bytes"),
    "radarr": ("movie_total", "movie_missing_total", "movie_filesize_total"),
    "lidarr": ("artists_total", "albums_missing_total", "artists_filesize_bytes"),
    "readarr": ("author_total", "book_missing_total", "author_filesize_bytes"),
}
_STUCK = ',download_state=~"importBlocked|importFailed|importPending|failedPending"'
_SOME = ((None, GREEN), (1, ORANGE))
PAUSED = {0: ("runs", GREEN), 1: ("paused", YELLOW)}


def dashboard(house: House) -> Dashboard | None:
    """Return the dashboard, where at least one of its stations tells numbers."""
    sections = [
        Section("", _now(house)),
        Section("Queues", _queues(house)),
        Section("Downloader", _downloader(house)),
        Section("Indexers", _indexers(house)),
        Section("Libraries", _libraries(house)),
    ]
    if not any(section.panels for section in sections):
        return None
    return Dashboard(
        "media-pipeline",
        "Pipeline",
        "The way of a request: from the indexer through the downloader into the library.",
        sections,
        since="24h",
    )


def _now(house: House) -> list[Panel]:
    found = []
    if house.libraries:
        queued = of_each(house.libraries, "queue_total")
        stuck = of_each(house.libraries, "queue_total", _STUCK)
        found += [
            stat("Queued", "In all queues.", Query(or_none(f"sum({queued})"))),
            stat("Stuck", "What no application takes by itself.", Query(or_none(f"sum({stuck})")), steps=NONE_IS_GOOD),
        ]
    if house.libraries or house.indexers:
        issues = of_each(_all(house), "system_health_issues")
        about = "What the applications themselves find wrong."
        found.append(stat("Complaints", about, Query(or_none(f"sum({issues})")), steps=_SOME))
    if house.collected and house.downloader:
        found += [
            stat("Downloader", "", Query("max(media_nzbget_paused)"), words=PAUSED),
            stat("Speed", "", Query("sum(media_nzbget_download_bytes_per_second)"), unit="Bps", curve=True),
            stat("Remaining", "", Query("sum(media_nzbget_remaining_bytes)"), unit="bytes", curve=True),
        ]
    return found


def _all(house: House) -> list[str]:
    return [*house.libraries, *(["prowlarr"] if house.indexers else [])]


def _queues(house: House) -> list[Panel]:
    found: list[Panel] = []
    if house.libraries:
        status = of_each(house.libraries, "system_status")
        queued = f"sum by (service) ({of_each(house.libraries, 'queue_total')})"
        stuck = f"sum by (service) ({of_each(house.libraries, 'queue_total', _STUCK)})"
        done = f"sum by (service) (clamp_min(delta({of_each(house.libraries, 'history_total')}[1h]), 0))"
        found += [
            timeseries("Queued", "By application.", Query(or_none_each(queued, status), "{{service}}"), stacked=True),
            timeseries(
                "Stuck",
                "Blocked, or pending for longer than it should: look there.",
                Query(or_none_each(stuck, status), "{{service}}"),
                steps=((None, GREEN), (1, ORANGE)),
            ),
            timeseries(
                "Done",
                "What got into the history within an hour: grabs, imports, failures.",
                Query(or_none_each(done, status), "{{service}}"),
                bars=True,
                stacked=True,
            ),
        ]
    if house.unpacker:
        inside = or_none('sum by (name) (unpackerr_gauges{name=~"waiting|queued|extracting|failed"})')
        found.append(
            timeseries("Unpacking", "Archives, by what becomes of them.", Query(inside, "{{name}}"), stacked=True)
        )
    if house.libraries or house.indexers:
        query = Query(f"min by (service) ({of_each(_all(house), 'system_status')})", "{{service}}")
        found.append(states("Answering", "Each application, as its exporter finds it.", query, height=6))
    return found


def _downloader(house: House) -> list[Panel]:
    if not (house.collected and house.downloader):
        return []
    return [
        timeseries("Speed", "", Query("sum(media_nzbget_download_bytes_per_second)", "in"), unit="Bps"),
        timeseries(
            "Remaining",
            "What is still to come.",
            Query("sum(media_nzbget_remaining_bytes)", "remaining"),
            unit="bytes",
        ),
        timeseries("Queue", "Downloads that wait or run.", Query("sum(media_nzbget_queue_items)", "items"), width=24),
    ]


def _indexers(house: House) -> list[Panel]:
    if not house.indexers:
        return []
    rate = "sum by (indexer) (rate(prowlarr_indexer_{}_total[" + WINDOW + "])) * 3600"
    away = or_none("sum(prowlarr_indexer_unavailable)")
    return [
        stat("Indexers", "That are switched on.", Query(or_none("sum(prowlarr_indexer_enabled_total)")), height=8),
        stat("Away", "That Prowlarr does not ask for a while.", Query(away), steps=NONE_IS_GOOD, height=8),
        timeseries(
            "Asked", "Questions an hour.", Query(or_none(rate.format("queries")), "{{indexer}}"), width=8, stacked=True
        ),
        timeseries(
            "Grabbed", "Grabs an hour.", Query(or_none(rate.format("grabs")), "{{indexer}}"), width=8, stacked=True
        ),
    ]


def _libraries(house: House) -> list[Panel]:
    if not house.libraries:
        return []
    kept, missing, size = (
        [
            Query(
                or_none_each(f"sum by (service) ({kind}_{_COUNTED[kind][at]})", f"{kind}_system_status"), "{{service}}"
            )
            for kind in house.libraries
        ]
        for at in range(3)
    )
    room = f"min by (path) ({of_each(house.libraries, 'rootfolder_freespace_bytes')})"
    return [
        bars("Kept", "Series, films, artists, authors.", *kept, unit="short", steps=_SOME[:1], maximum=None, width=8),
        bars("Missing", "Wanted, and not there yet.", *missing, unit="short", steps=_SOME, maximum=None, width=8),
        bars("Size", "", *size, unit="bytes", steps=_SOME[:1], maximum=None, width=8),
        timeseries("Room", "Free, where each library is.", Query(or_none(room), "{{path}}"), unit="bytes", width=24),
    ]
