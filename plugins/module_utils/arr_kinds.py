# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kinds of application that the arr role runs, and how each differs from its siblings.

All are built on the same code upstream: same environment, same authentication, same API but for the names below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Kind:
    """One application.

    app: its name, as in its own answers. api: the kind of API that it offers, the application it was forked from.
    port: where it listens. category, rename: its names for NZBGet's category and for "rename files".
    library: name, type and title of what it keeps, None if it keeps nothing.
    events: what Plex is told of. profiles: whether a root folder names default profiles.
    """

    app: str
    api: str
    port: int
    category: str = ""
    rename: str = ""
    library: tuple[str, str, str] | None = None
    events: tuple[str, ...] = ()
    profiles: bool = False

    @property
    def prefix(self) -> str:
        """What its environment variables begin with."""
        return self.api.upper()


_FILES = ("onDownload", "onUpgrade", "onRename")
_BOOKS = Kind("Readarr", "readarr", 8787, "musicCategory", "renameBooks", ("books", "book", "Books"), profiles=True)

KINDS: dict[str, Kind] = {
    "sonarr": Kind(
        "Sonarr",
        "sonarr",
        8989,
        "tvCategory",
        "renameEpisodes",
        ("tv", "show", "TV Shows"),
        (*_FILES, "onSeriesDelete", "onEpisodeFileDelete", "onEpisodeFileDeleteForUpgrade"),
    ),
    "radarr": Kind(
        "Radarr",
        "radarr",
        7878,
        "movieCategory",
        "renameMovies",
        ("movies", "movie", "Movies"),
        (*_FILES, "onMovieDelete", "onMovieFileDelete", "onMovieFileDeleteForUpgrade"),
    ),
    "lidarr": Kind(
        "Lidarr",
        "lidarr",
        8686,
        "musicCategory",
        "renameTracks",
        ("music", "artist", "Music"),
        ("onReleaseImport", "onUpgrade", "onRename", "onArtistDelete", "onAlbumDelete", "onTrackRetag"),
        profiles=True,
    ),
    "bookshelf": _BOOKS,
    "readarr": _BOOKS,
    "prowlarr": Kind("Prowlarr", "prowlarr", 9696),
}

#: What Prowlarr serves: the kinds of API of those that keep a library.
SERVED = tuple(dict.fromkeys(kind.api for kind in KINDS.values() if kind.library))


def kind_name(instance: Mapping[str, Any]) -> str:
    """Return what kind an instance is: what it says, or what its name begins with; empty if neither tells."""
    if instance.get("kind"):
        return str(instance["kind"])
    head = str(instance.get("name", "")).partition("-")[0]
    return head if head in KINDS else ""


def library_of(instance: Mapping[str, Any]) -> dict[str, str] | None:
    """Return name, type and title of the library that an instance keeps, None for one that keeps none.

    The first of a kind keeps the library that everybody expects of it. "sonarr-4k" keeps "tv-4k", and an instance with
    another name of its own keeps a library of that name, unless it says otherwise.
    """
    kind = kind_name(instance)
    expected = KINDS[kind].library
    if expected is None:
        return None
    usual, media_type, title = expected
    name = str(instance["name"])
    head, _hyphen, rest = name.partition("-")
    if head != kind:
        derived, words = name, name.replace("-", " ").title()
    elif rest:
        derived, words = f"{usual}-{rest}", f"{title} {rest.replace('-', ' ').upper()}"
    else:
        derived, words = usual, title
    given = str(instance.get("library") or derived)
    return {"name": given, "type": media_type, "title": str(instance.get("title") or words)}


def secret_name(instance: str) -> str:
    """Return the name under which the host keeps an instance's API key."""
    return f"{instance.replace('-', '_')}_api_key"
