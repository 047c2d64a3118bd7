# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The numbers that the applications show beside a series, a season, an artist, an author, and their works."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Item = dict[str, Any]


def of_episodes(episodes: list[Item], files: list[Item]) -> Item:
    """Return the statistics of a series or a season. What is neither watched nor there does not count for it."""
    wanted = [episode for episode in episodes if episode["monitored"] or episode["hasFile"]]
    done = [episode for episode in wanted if episode["hasFile"]]
    return {
        "episodeFileCount": len(files),
        "episodeCount": len(wanted),
        "totalEpisodeCount": len(episodes),
        "sizeOnDisk": _size(files),
        "releaseGroups": [],
        "percentOfEpisodes": 100 * len(done) / len(wanted) if wanted else 0,
    }


def with_seasons(series: Item, episodes: list[Item], files: list[Item]) -> Item:
    """Return a series as it is shown, with its own statistics and those of its seasons."""
    seasons = []
    for season in series["seasons"]:
        number = season["seasonNumber"]
        own = [[item for item in items if item["seasonNumber"] == number] for items in (episodes, files)]
        seasons.append({**season, "statistics": of_episodes(*own)})
    statistics = {"seasonCount": len(seasons), **of_episodes(episodes, files)}
    return {**series, "seasons": seasons, "statistics": statistics}


def of_work(part: str, files: list[Item]) -> Item:
    """Return the statistics of an album or a book. One file stands for the whole of it."""
    counts = {f"{part}FileCount": len(files), f"{part}Count": 1, f"total{part.capitalize()}Count": 1}
    return {**counts, "sizeOnDisk": _size(files), f"percentOf{part.capitalize()}s": 100 if files else 0}


def of_maker(part: str, works: list[Item], files: list[Item]) -> Item:
    """Return the statistics of an artist or an author."""
    having = {file[f"{'album' if part == 'track' else 'book'}Id"] for file in files}
    wanted = [work for work in works if work["monitored"] or work["id"] in having]
    whole = {"albumCount": len(works)} if part == "track" else {"availableBookCount": len(having)}
    return {
        **whole,
        f"{part}FileCount": len(files),
        f"{part}Count": len(wanted),
        f"total{part.capitalize()}Count": len(works),
        "sizeOnDisk": _size(files),
        f"percentOf{part.capitalize()}s": 100 * len(having) / len(wanted) if wanted else 0,
    }


def _size(files: Iterable[Item]) -> int:
    return sum(file["size"] for file in files)
