# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is watched: streams and what they cost, plays, and what the libraries of Plex hold, as Tautulli counts."""

from __future__ import annotations

from ansible_collections.homelab.media.plugins.module_utils.dashboard import Dashboard, Section
from ansible_collections.homelab.media.plugins.module_utils.dashboard_house import House, or_none
from ansible_collections.homelab.media.plugins.module_utils.dashboard_looks import BLUE, GREEN, YELLOW
from ansible_collections.homelab.media.plugins.module_utils.dashboard_panels import (
    Panel,
    Query,
    bars,
    stat,
    timeseries,
)

_BUSY = ((None, GREEN), (2, YELLOW))
_PLAYS = "sum(increase(media_tautulli_plays_total[{}]))"


def dashboard(house: House) -> Dashboard | None:
    """Return the dashboard, where Tautulli is."""
    if not (house.collected and house.playback):
        return None
    return Dashboard(
        "media-playback",
        "Playback",
        "What is watched, what it costs, and what there is to watch.",
        [Section("", _now()), Section("Streams", _streams()), Section("Libraries of Plex", _libraries())],
        since="7d",
    )


def _now() -> list[Panel]:
    return [
        stat("Streams", "That play now.", Query("media_tautulli_streams"), curve=True),
        stat("Converted", "Of these, by the server's work.", Query("media_tautulli_transcodes"), steps=_BUSY),
        stat("Bandwidth", "", Query("media_tautulli_bandwidth_kilobits"), unit="Kbits", curve=True),
        stat("Plays today", "Within 24 hours.", Query(or_none(_PLAYS.format("24h"))), decimals=0),
        stat("Plays in a week", "", Query(or_none(_PLAYS.format("7d"))), decimals=0),
        stat("Plays ever", "That Tautulli knows of.", Query("sum(media_tautulli_plays_total)"), decimals=0),
    ]


def _streams() -> list[Panel]:
    return [
        timeseries(
            "Streams",
            "",
            Query("media_tautulli_streams", "all"),
            Query("media_tautulli_transcodes", "converted"),
        ),
        timeseries("Bandwidth", "", Query("media_tautulli_bandwidth_kilobits", "out"), unit="Kbits"),
        timeseries("Plays", "Within an hour.", Query(or_none(_PLAYS.format("1h")), "plays"), bars=True, width=24),
    ]


def _libraries() -> list[Panel]:
    items = or_none("max by (library, type) (media_tautulli_library_items)")
    return [
        bars(
            "Now",
            "Films, series, artists.",
            Query(items, "{{library}}"),
            unit="short",
            steps=((None, BLUE),),
            maximum=None,
        ),
        timeseries("Over time", "", Query(items, "{{library}}")),
    ]
