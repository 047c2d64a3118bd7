# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one application tells of its library: Sonarr, Radarr, Lidarr, Readarr."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from .client import Client
from .exposition import Families
from .settings import Settings

Item = dict[str, Any]


def sonarr(told: Settings, client: Client, families: Families) -> None:
    series = client.get("series")
    seasons = [season for item in series for season in item.get("seasons") or ()]
    whole = _add(families, "sonarr_")
    whole("series_total", "Total number of series", len(series))
    whole("series_downloaded_total", "Total number of downloaded series", _done(series, "percentOfEpisodes"))
    _watched(families, "sonarr_series", "series", series)
    whole("series_filesize_bytes", "Total fizesize of all series in bytes", _sum(series, "sizeOnDisk"))
    whole("season_total", "Total number of seasons", _sum(series, "seasonCount"))
    whole("season_downloaded_total", "Total number of downloaded seasons", _done(seasons, "percentOfEpisodes"))
    _watched(families, "sonarr_season", "seasons", seasons)
    whole("episode_total", "Total number of episodes", _sum(series, "totalEpisodeCount"))
    whole("episode_downloaded_total", "Total number of downloaded episodes", _sum(series, "episodeFileCount"))
    missing = client.get("wanted/missing", sortKey="airDateUtc")["totalRecords"]
    whole("episode_missing_total", "Total number of missing episodes", missing)
    unmet = client.get("wanted/cutoff", sortKey="airDateUtc")["totalRecords"]
    whole("episode_cutoff_unmet_total", "Total number of episodes with cutoff unmet", unmet)
    if not told.additional_metrics:
        return
    files: list[Item] = []
    episodes: list[Item] = []
    for item in series:
        files += client.get("episodefile", seriesId=item["id"])
        episodes += client.get("episode", seriesId=item["id"])
    _watched(families, "sonarr_episode", "episodes", episodes)
    about = "Total number of downloaded episodes by quality"
    _qualities(families, "sonarr_episode_quality_total", about, files, client)


def radarr(told: Settings, client: Client, families: Families) -> None:
    films = client.get("movie", excludeLocalCovers="true")
    files = [film["movieFile"] for film in films if film.get("movieFile")]
    wanted = [film for film in films if film.get("monitored") and not film.get("hasFile")]
    available = sum(bool(film.get("isAvailable")) for film in wanted)
    whole = _add(families, "radarr_movie_")
    whole("total", "Total number of movies", len(films))
    whole("editions", "Total number of movies with `edition` set", sum(bool(file.get("edition")) for file in files))
    whole("downloaded_total", "Total number of downloaded movies", sum(bool(film.get("hasFile")) for film in films))
    _watched(families, "radarr_movie", "movies", films)
    whole("missing_total", "Total number of missing movies", available)
    whole("wanted_total", "Total number of wanted movies", len(wanted) - available)
    whole("filesize_total", "Total filesize of all movies", sum(file.get("size", 0) for file in files))
    unmet = client.get("wanted/cutoff")["totalRecords"]
    whole("cutoff_unmet_total", "Total number of movies with cutoff unmet", unmet)
    for tag in client.get("tag/detail"):
        about = "Total number of downloaded movies by tag"
        families.add("radarr_movie_tag_total", about, len(tag.get("movieIds") or ()), tag=tag["label"])
    about = "Total number of downloaded movies by quality"
    _qualities(families, "radarr_movie_quality_total", about, files, client)


def lidarr(told: Settings, client: Client, families: Families) -> None:
    artists = client.get("artist")
    whole = _add(families, "lidarr_")
    whole("artists_total", "Total number of artists", len(artists))
    whole("artists_monitored_total", "Total number of monitored artists", _monitored(artists))
    whole("artists_filesize_bytes", "Total fizesize of all artists in bytes", _sum(artists, "sizeOnDisk"))
    whole("albums_total", "Total number of albums", _sum(artists, "albumCount"))
    whole("songs_total", "Total number of songs", _sum(artists, "totalTrackCount"))
    whole("songs_downloaded_total", "Total number of downloaded songs", _sum(artists, "trackFileCount"))
    missing = client.get("wanted/missing")["totalRecords"]
    whole("albums_missing_total", "Total number of missing albums", missing)
    genres = Counter(genre for artist in artists for genre in artist.get("genres") or ())
    for genre, count in genres.items():
        families.add("lidarr_artists_genres_total", "Total number of artists by genre", count, genre=genre)
    if not told.additional_metrics:
        return
    files: list[Item] = []
    albums: list[Item] = []
    genres = Counter()
    for artist in artists:
        files += client.get("trackfile", artistid=artist.get("id", 0))
        own = client.get("album", artistid=artist.get("id", 0))
        albums += own
        # As upstream: of an album it counts the genres of its artist.
        genres.update({genre: len(own) for genre in artist.get("genres") or ()})
    whole("albums_monitored_total", "Total number of albums", _monitored(albums))
    for genre, count in genres.items():
        families.add("lidarr_albums_genres_total", "Total number of albums by genre", count, genre=genre)
    about = "Total number of downloaded songs by quality"
    _qualities(families, "lidarr_songs_quality_total", about, files, client)


def readarr(told: Settings, client: Client, families: Families) -> None:
    authors, books = client.get("author"), client.get("book")
    whole = _add(families, "readarr_")
    whole("author_total", "Total number of authors", len(authors))
    whole("author_downloaded_total", "Total number of downloaded authors", _done(authors, "percentOfBooks"))
    _watched(families, "readarr_author", "authors", authors)
    whole("author_filesize_bytes", "Total filesize of all authors in bytes", _sum(authors, "sizeOnDisk"))
    whole("book_total", "Total number of books", _sum(authors, "bookCount"))
    whole("book_downloaded_total", "Total number of downloaded books", _sum(authors, "bookFileCount"))
    whole("book_grabbed_total", "Total number of grabbed books", sum(bool(book.get("grabbed")) for book in books))
    _watched(families, "readarr_book", "books", books)
    missing = [book for book in books if book.get("monitored") and not _number(book, "bookFileCount")]
    whole("book_missing_total", "Total number of missing books", len(missing))


def _add(families: Families, prefix: str) -> Any:
    return lambda name, about, value: families.add(prefix + name, about, value)


def _number(item: Item, name: str) -> float:
    return (item.get("statistics") or {}).get(name) or 0


def _sum(items: Iterable[Item], name: str) -> float:
    return sum(_number(item, name) for item in items)


def _done(items: Iterable[Item], name: str) -> int:
    return sum(_number(item, name) == 100 for item in items)


def _monitored(items: Iterable[Item]) -> int:
    return sum(bool(item.get("monitored")) for item in items)


def _watched(families: Families, prefix: str, what: str, items: list[Item]) -> None:
    count = _monitored(items)
    families.add(f"{prefix}_monitored_total", f"Total number of monitored {what}", count)
    families.add(f"{prefix}_unmonitored_total", f"Total number of unmonitored {what}", len(items) - count)


def _qualities(families: Families, name: str, about: str, files: Iterable[Item], client: Client) -> None:
    weights = {entry["quality"]["name"]: entry.get("weight", 0) for entry in client.get("qualitydefinition")}
    names = (((file.get("quality") or {}).get("quality") or {}).get("name") for file in files)
    for quality, count in Counter(found for found in names if found).items():
        families.add(name, about, count, quality=quality, weight=str(weights.get(quality, "")))
