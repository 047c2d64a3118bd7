# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is known of a series."""

from __future__ import annotations

from typing import Any

from . import titles
from .library import Show


def series_of(show: Show) -> dict[str, Any]:
    """Return a series as the metadata server would describe it."""
    seasons = [{"seasonNumber": number, "monitored": True} for number in range(1, len(show.seasons) + 1)]
    return {
        "title": show.title,
        "alternateTitles": [],
        "sortTitle": show.title.lower(),
        "status": "ended",
        "ended": True,
        "overview": "A work that exists on the test bed only.",
        "images": [],
        "originalLanguage": {"id": 1, "name": "English"},
        "seasons": seasons,
        "year": show.year,
        "runtime": 45,
        "tvdbId": show.tvdb,
        "tvRageId": 0,
        "tvMazeId": 0,
        "tmdbId": 0,
        "imdbId": show.imdb,
        "seriesType": "standard",
        "cleanTitle": titles.clean(show.title),
        "titleSlug": show.title.lower().replace(" ", "-"),
        "genres": [],
        "tags": [],
        "ratings": {"votes": 0, "value": 0},
        "languageProfileId": 1,
    }


def series_tokens(item: dict[str, Any]) -> dict[str, Any]:
    """Return what a series gives to the names of its folders and files."""
    title = item["title"]
    with_year = f"{title} ({item['year']})"
    return {
        "Series Title": title,
        "Series CleanTitle": title,
        "Series TitleYear": with_year,
        "Series CleanTitleYear": with_year,
        "Series Year": str(item["year"]),
        "ImdbId": item["imdbId"],
        "TvdbId": str(item["tvdbId"]),
    }
