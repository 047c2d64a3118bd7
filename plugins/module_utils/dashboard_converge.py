# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What keeps the house as declared: runs, drift, images that are behind, backups, and the collector itself."""

from __future__ import annotations

from ansible_collections.homelab.media.plugins.module_utils.dashboard import Dashboard, Section
from ansible_collections.homelab.media.plugins.module_utils.dashboard_house import House, or_none
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
    stat,
    states,
    timeseries,
)
from ansible_collections.homelab.media.plugins.module_utils.dashboard_table import Column, table

RESULT = {0: ("well", GREEN), 1: ("failed", RED)}
OLD = {0: ("current", GREEN), 1: ("behind", YELLOW)}
_CHANGES = ((None, GREEN), (1, YELLOW))
_DRIFT = ((None, GREEN), (2, YELLOW), (3, ORANGE))
_STALE = ((None, GREEN), (8 * 86400, YELLOW), (31 * 86400, RED))
_SHARE = ((None, GREEN), (0.8, YELLOW), (1, RED))


def dashboard(house: House) -> Dashboard | None:
    """Return the dashboard, where what the collector writes is gathered."""
    if not house.collected:
        return None
    return Dashboard(
        "media-converge",
        "Converge",
        "What keeps the house as declared: runs, drift, images that are behind, backups.",
        [
            Section("", _now()),
            Section("Runs", _runs()),
            Section("Backups", _backups(house)),
            Section("Images", _images()),
            Section("Collector", _collector()),
        ],
        since="7d",
    )


def _now() -> list[Panel]:
    finished, started = (f"media_converge_{name}_timestamp_seconds" for name in ("finished", "started"))
    behind = or_none("count(media_image_behind == 1)")
    about = "Runs in a row that found something to change. A house that is as declared has none."
    return [
        stat("Last run", "How it ended.", Query("media_converge_failed"), words=RESULT),
        stat("Ended", "How long ago.", Query(f"time() - {finished}"), unit="s", steps=_STALE),
        stat("Took", "The last run that ended.", Query(or_none(f"sum({finished} - {started}) >= 0")), unit="s"),
        stat("Changed", "By the last run.", Query("media_converge_changed"), steps=_CHANGES),
        stat("In a row", about, Query("media_converge_changing_runs"), steps=_DRIFT),
        stat("Images behind", "Of which the registry has another.", Query(behind), steps=_CHANGES),
    ]


def _runs() -> list[Panel]:
    return [
        timeseries("Changes", "By the last run at each time.", Query("media_converge_changed", "changes")),
        states("Results", "", Query("media_converge_failed", "run"), words=RESULT, width=12),
    ]


def _backups(house: House) -> list[Panel]:
    if not house.backups:
        return []
    age = "max by (backup) (time() - media_backup_timestamp_seconds)"
    most = "max by (backup) (media_backup_max_age_seconds)"
    columns = [Column("backup", "Backup"), Column("#A", "Newest", "s"), Column("#B", "May be as old as", "s")]
    about = "The age of the newest, of what is allowed."
    return [
        bars("Backups", about, Query(f"{age} / {most}", "{{backup}}"), steps=_SHARE),
        table("Ages", "", columns, Query(age), Query(most), width=12),
    ]


def _images() -> list[Panel]:
    columns = [
        Column("service", "Service"),
        Column("image", "Image"),
        Column("#A", "The registry's", words=OLD, width=160),
    ]
    # Asked twice a day: until the first answer there is one line that says nothing.
    query = or_none("max by (service, image) (media_image_behind)")
    return [table("Images", "Whether the registry has another under the same name.", columns, Query(query), height=12)]


def _collector() -> list[Panel]:
    states_of = Query("max by (part) (media_collector_errors)", "{{part}}")
    age = "time() - max(node_textfile_mtime_seconds)"
    return [
        stat("Numbers", "How old they are.", Query(age), unit="s", steps=((None, GREEN), (300, YELLOW), (900, RED))),
        stat("Failing", "Parts.", Query(or_none("sum(media_collector_errors)")), steps=NONE_IS_GOOD),
        timeseries("Took", "", Query("media_collector_duration_seconds", "one look"), unit="s", width=16, height=4),
        states("Parts", "What the collector could not find out.", states_of, words=RESULT, height=8),
    ]
