# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be looked up: a few works that do not exist, in place of the metadata servers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Show:
    tvdb: int
    imdb: str
    title: str
    year: int
    seasons: tuple[tuple[str, ...], ...]  # titles of the episodes, season by season


@dataclass(frozen=True)
class Film:
    tmdb: int
    imdb: str
    title: str
    year: int


@dataclass(frozen=True)
class Work:
    """An album or a book, with the band or the group that made it."""

    maker: str
    maker_id: str
    title: str
    work_id: str
    year: int


SHOWS = (
    Show(
        900101,
        "tt9900101",
        "Harbour Lights",
        2024,
        (("The First Lamp", "Low Water", "A Signal at Dusk"), ("New Keepers", "The Breakwater")),
    ),
    Show(900102, "tt9900102", "The Long Orbit", 2025, (("Departure", "Apogee"),)),
)
FILMS = (
    Film(910201, "tt9910201", "The Paper Lighthouse", 2024),
    Film(910202, "tt9910202", "Night Ferry North", 2025),
)
ALBUMS = (
    Work(
        "Glass Meridian",
        "5f0c4d1e-0000-4000-8000-000000920301",
        "Slow Tides",
        "5f0c4d1e-0000-4000-8000-000000920302",
        2024,
    ),
)
BOOKS = (Work("Northbank Writers Collective", "930401", "The Winter of Maps", "930402", 2023),)
