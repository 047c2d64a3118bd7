# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Qualities of each kind of media, and the profiles that a new installation has."""

from __future__ import annotations

from typing import Any

from .apps import App

# number, name, source, resolution, modifier
_TV = (
    (0, "Unknown", "unknown", 0),
    (1, "SDTV", "television", 480),
    (12, "WEBRip-480p", "webRip", 480),
    (8, "WEBDL-480p", "web", 480),
    (2, "DVD", "dvd", 480),
    (13, "Bluray-480p", "bluray", 480),
    (4, "HDTV-720p", "television", 720),
    (9, "HDTV-1080p", "television", 1080),
    (10, "Raw-HD", "televisionRaw", 1080),
    (14, "WEBRip-720p", "webRip", 720),
    (5, "WEBDL-720p", "web", 720),
    (6, "Bluray-720p", "bluray", 720),
    (15, "WEBRip-1080p", "webRip", 1080),
    (3, "WEBDL-1080p", "web", 1080),
    (7, "Bluray-1080p", "bluray", 1080),
    (20, "Bluray-1080p Remux", "blurayRaw", 1080),
    (16, "HDTV-2160p", "television", 2160),
    (17, "WEBRip-2160p", "webRip", 2160),
    (18, "WEBDL-2160p", "web", 2160),
    (19, "Bluray-2160p", "bluray", 2160),
    (21, "Bluray-2160p Remux", "blurayRaw", 2160),
)
_FILM = (
    (0, "Unknown", "unknown", 0, "none"),
    (24, "WORKPRINT", "workprint", 0, "none"),
    (25, "CAM", "cam", 0, "none"),
    (26, "TELESYNC", "telesync", 0, "none"),
    (1, "SDTV", "tv", 480, "none"),
    (2, "DVD", "dvd", 0, "none"),
    (8, "WEBDL-480p", "webdl", 480, "none"),
    (12, "WEBRip-480p", "webrip", 480, "none"),
    (20, "Bluray-480p", "bluray", 480, "none"),
    (4, "HDTV-720p", "tv", 720, "none"),
    (5, "WEBDL-720p", "webdl", 720, "none"),
    (14, "WEBRip-720p", "webrip", 720, "none"),
    (6, "Bluray-720p", "bluray", 720, "none"),
    (9, "HDTV-1080p", "tv", 1080, "none"),
    (3, "WEBDL-1080p", "webdl", 1080, "none"),
    (15, "WEBRip-1080p", "webrip", 1080, "none"),
    (7, "Bluray-1080p", "bluray", 1080, "none"),
    (30, "Remux-1080p", "bluray", 1080, "remux"),
    (16, "HDTV-2160p", "tv", 2160, "none"),
    (18, "WEBDL-2160p", "webdl", 2160, "none"),
    (17, "WEBRip-2160p", "webrip", 2160, "none"),
    (19, "Bluray-2160p", "bluray", 2160, "none"),
    (31, "Remux-2160p", "bluray", 2160, "remux"),
)
_MUSIC = ((0, "Unknown"), (2, "MP3-192"), (3, "MP3-VBR-V2"), (4, "MP3-256"), (1, "MP3-320"), (6, "FLAC"), (7, "ALAC"))
_BOOKS = (
    (0, "Unknown Text"),
    (1, "PDF"),
    (2, "MOBI"),
    (3, "EPUB"),
    (4, "AZW3"),
    (10, "MP3"),
    (12, "M4B"),
    (11, "FLAC"),
)
# Qualities that stand in one group in a new profile: kind -> (id of the group, its name, its members).
_GROUPS = {
    "sonarr": (
        (1000, "WEB 480p", (12, 8)),
        (1001, "WEB 720p", (14, 5)),
        (1002, "WEB 1080p", (15, 3)),
        (1003, "WEB 2160p", (17, 18)),
    ),
    "radarr": (
        (1000, "WEB 480p", (8, 12)),
        (1001, "WEB 720p", (5, 14)),
        (1002, "WEB 1080p", (3, 15)),
        (1003, "WEB 2160p", (18, 17)),
    ),
}
_PROFILES: dict[str, dict[str, tuple[tuple[int, ...], int]]] = {
    # name -> allowed qualities (none: all), cutoff
    "sonarr": {
        "Any": ((1, 12, 8, 2, 13, 4, 9, 14, 5, 6, 15, 3, 7), 1),
        "SD": ((1, 12, 8, 2, 13), 1),
        "HD-720p": ((4, 14, 5, 6), 4),
        "HD-1080p": ((9, 15, 3, 7), 9),
        "Ultra-HD": ((16, 17, 18, 19), 16),
        "HD - 720p/1080p": ((4, 9, 14, 5, 6, 15, 3, 7), 4),
    },
    "radarr": {
        "Any": ((), 20),
        "SD": ((1, 2, 8, 12, 20), 20),
        "HD-720p": ((4, 5, 14, 6), 6),
        "HD-1080p": ((9, 3, 15, 7, 30), 7),
        "Ultra-HD": ((16, 18, 17, 19, 31), 31),
        "HD - 720p/1080p": ((4, 5, 14, 6, 9, 3, 15, 7, 30), 6),
    },
    "lidarr": {"Any": ((), 0), "Lossless": ((6, 7), 6), "Standard": ((2, 3, 4, 1), 2)},
    "readarr": {"eBook": ((2, 3, 4), 2), "Spoken": ((10, 12), 10)},
}


def qualities(app: App) -> list[dict[str, Any]]:
    """Return the qualities, the poorest first."""
    if app.kind == "sonarr":
        return [dict(zip(("id", "name", "source", "resolution"), row)) for row in _TV]
    if app.kind == "radarr":
        return [dict(zip(("id", "name", "source", "resolution", "modifier"), row)) for row in _FILM]
    return [{"id": row[0], "name": row[1]} for row in (_MUSIC if app.kind == "lidarr" else _BOOKS)]


def items(app: App, allowed: tuple[int, ...], everything: bool = False) -> list[dict[str, Any]]:
    """Return the entries of a profile, with the usual groups."""
    groups = {member: group for group in _GROUPS.get(app.kind, ()) for member in group[2]}
    entries: list[dict[str, Any]] = []
    for quality in qualities(app):
        entry = {"quality": quality, "items": [], "allowed": everything or quality["id"] in allowed}
        group = groups.get(quality["id"])
        if not group:
            entries.append(entry)
        elif entries and entries[-1].get("id") == group[0]:
            entries[-1]["items"].append(entry)
        else:
            entries.append({"id": group[0], "name": group[1], "items": [entry], "allowed": entry["allowed"]})
    return entries


def blank_profile(app: App) -> dict[str, Any]:
    """Return what /qualityprofile/schema answers."""
    first = qualities(app)[0]["id"]
    return _profile(app, "", items(app, ()), first)


def _profile(app: App, name: str, entries: list[dict[str, Any]], cutoff: int) -> dict[str, Any]:
    profile = {
        "name": name,
        "upgradeAllowed": False,
        "cutoff": cutoff,
        "items": entries,
        "minFormatScore": 0,
        "cutoffFormatScore": 0,
        "formatItems": [],
    }
    if app.kind in ("sonarr", "radarr"):
        profile["minUpgradeFormatScore"] = 1
    if app.kind == "radarr":
        profile["language"] = {"id": -2, "name": "Original"}
    return profile


def new_profiles(app: App) -> list[dict[str, Any]]:
    return [
        _profile(app, name, items(app, allowed, not allowed), cutoff)
        for name, (allowed, cutoff) in _PROFILES[app.kind].items()
    ]


_PRIMARY = ((2, "EP"), (3, "Single"), (0, "Album"), (4, "Broadcast"), (1, "Other"))
_SECONDARY = ((0, "Studio"), (3, "Spokenword"), (2, "Soundtrack"), (7, "Remix"), (9, "Mixtape/Street"), (6, "Live"))
_STATUSES = ((3, "Pseudo-Release"), (1, "Promotion"), (0, "Official"), (2, "Bootleg"))
_BOOK_LIMITS = {
    "minPopularity": 350,
    "skipMissingDate": True,
    "skipMissingIsbn": False,
    "skipPartsAndSets": True,
    "skipSeriesSecondary": False,
    "minPages": 0,
    "ignored": [],
}


def _choices(rows: tuple[tuple[int, str], ...], name: str, chosen: str) -> list[dict[str, Any]]:
    return [{name: {"id": number, "name": title}, "allowed": title == chosen} for number, title in rows]


def _albums(name: str, chosen: tuple[str, str, str]) -> dict[str, Any]:
    return {
        "name": name,
        "primaryAlbumTypes": _choices(_PRIMARY, "albumType", chosen[0]),
        "secondaryAlbumTypes": _choices(_SECONDARY, "albumType", chosen[1]),
        "releaseStatuses": _choices(_STATUSES, "releaseStatus", chosen[2]),
    }


def blank_metadata_profile(app: App) -> dict[str, Any]:
    """Return what /metadataprofile/schema answers."""
    return _albums("", ("", "", "")) if app.kind == "lidarr" else {"name": "", **_BOOK_LIMITS, "minPopularity": 0}


def new_metadata_profiles(app: App) -> list[dict[str, Any]]:
    if app.kind == "lidarr":
        return [_albums("Standard", ("Album", "Studio", "Official")), _albums("None", ("", "", ""))]
    languages = "eng, en-US, en-GB, null"
    return [
        {"name": "Standard", **_BOOK_LIMITS, "allowedLanguages": languages},
        {"name": "None", **_BOOK_LIMITS, "minPopularity": 1e10},
    ]


def new_definitions(app: App) -> list[dict[str, Any]]:
    return [
        {
            "quality": quality,
            "title": quality["name"],
            "weight": weight,
            "minSize": 0,
            "maxSize": 400 if app.kind in ("sonarr", "radarr") else 1500,
            **({} if app.kind == "readarr" else {"preferredSize": 395 if app.kind in ("sonarr", "radarr") else 1400}),
        }
        for weight, quality in enumerate(qualities(app), 1)
    ]
