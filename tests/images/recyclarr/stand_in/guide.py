# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small part of the guide, under the guide's own identifiers. The real one, from GitHub, is far larger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .problems import SyncError


@dataclass(frozen=True)
class Format:
    """A custom format: what has to be in a release's title, and its score."""

    name: str
    pattern: str
    score: int = 0


@dataclass(frozen=True)
class Profile:
    """A quality profile: the qualities that it takes, the best first, each alone or a group with a name."""

    name: str
    qualities: tuple[tuple[str, tuple[str, ...]], ...]
    formats: tuple[str, ...]
    cutoff_score: int = 10000


def _web(resolution: str) -> tuple[str, tuple[str, ...]]:
    return f"WEB {resolution}", (f"WEBRip-{resolution}", f"WEBDL-{resolution}")


_SONARR_FORMATS = {
    "ec8fa7296b64e8cd390a1600981f3923": Format("Repack/Proper", r"\b(repack|proper)\b", 5),
    "eb3d5cc0a2be0db205fb823640db6a3c": Format("Repack2", r"\b(repack2|proper2)\b", 6),
    "e6258996055b9fbab7e9cb2f75819294": Format("WEB Tier 01", r"-GRP$", 1700),
    "58790d4e2fdcd9733aa7ae68ba2bb503": Format("WEB Tier 02", r"-SECOND$", 1650),
    "9c11cd3f07101cdba90a2d81cf0e56b4": Format("LQ", r"-BAD$", -10000),
    "85c61753df5da1fb2aab6f2a47426b09": Format("BR-DISK", r"\bcomplete\b.*\bbluray\b", -10000),
    "47435ece6b99a0b477caf360e79ba0bb": Format("x265 (HD)", r"[xh][ ._-]?265", -10000),
}
_RADARR_FORMATS = {
    "e7718d7a3ce595f289bfee26adc178f5": Format("Repack/Proper", r"\b(repack|proper)\b", 5),
    "ae43b294509409a6a13919dedd4764c4": Format("Repack2", r"\b(repack2|proper2)\b", 6),
    "c20f169ef63c5f40c2def54abaf4438e": Format("WEB Tier 01", r"-GRP$", 1700),
    "ed27ebfef2f323e964fb1f61391bcb35": Format("HD Bluray Tier 01", r"-GRP$", 1800),
}
FORMATS = {"sonarr": _SONARR_FORMATS, "radarr": _RADARR_FORMATS}

PROFILES = {
    "sonarr": {
        "72dae194fc92bf828f32cde7744e51a1": Profile("WEB-1080p", (_web("1080p"),), tuple(_SONARR_FORMATS)[:4]),
        "d1498e7d189fbe6c7110ceaabb7473e6": Profile("WEB-2160p", (_web("2160p"),), tuple(_SONARR_FORMATS)[:4]),
    },
    "radarr": {
        "d1d67249d3890e49bc12e275d989a7e9": Profile(
            "HD Bluray + WEB",
            (("Bluray-1080p", ()), _web("1080p"), ("Bluray-720p", ())),
            tuple(_RADARR_FORMATS),
        ),
        "64fb5f9858489bdac2af690e27c8f42f": Profile(
            "UHD Bluray + WEB", (("Bluray-2160p", ()), _web("2160p")), tuple(_RADARR_FORMATS)[:3]
        ),
    },
}

#: Groups of formats. default: added without being asked for, to guide profiles.
GROUPS = {
    "sonarr": {
        "158188097a58d7687dee647e04af0da3": ("[Optional] Golden Rule HD", ("47435ece6b99a0b477caf360e79ba0bb",)),
        "59c3af66780d08332fdc64e68297098f": (
            "[Unwanted] Unwanted Formats",
            ("9c11cd3f07101cdba90a2d81cf0e56b4", "85c61753df5da1fb2aab6f2a47426b09"),
        ),
    },
    "radarr": {},
}

#: Quality definitions by type: smallest, preferred and largest size in MB a minute.
SIZES = {
    "sonarr": {
        "series": {
            "HDTV-720p": (10, 995, 1000),
            "WEBDL-720p": (10, 995, 1000),
            "WEBDL-1080p": (15, 995, 1000),
            "WEBRip-1080p": (15, 995, 1000),
            "Bluray-1080p": (50.4, 995, 1000),
        }
    },
    "radarr": {
        "movie": {
            "HDTV-720p": (17.1, 1999, 2000),
            "WEBDL-1080p": (12.5, 1999, 2000),
            "WEBRip-1080p": (12.5, 1999, 2000),
            "Bluray-1080p": (50.8, 1999, 2000),
        }
    },
}

#: Naming: by the guide's key, what the application's own setting gets.
NAMING: dict[str, dict[str, dict[str, str]]] = {
    "sonarr": {
        "series": {"default": "{Series CleanTitleWithoutYear} {(Series Year)}"},
        "season": {"default": "Season {season:00}"},
        "standard": {"default": "{Series CleanTitleWithoutYear} {(Series Year)} - S{season:00}E{episode:00}"},
        "daily": {"default": "{Series CleanTitleWithoutYear} {(Series Year)} - {Air-Date}"},
        "anime": {"default": "{Series CleanTitleWithoutYear} {(Series Year)} - {absolute:000}"},
    },
    "radarr": {
        "folder": {"default": "{Movie CleanTitle} ({Release Year})"},
        "standard": {"standard": "{Movie CleanTitle} {(Release Year)} - {Quality Full}"},
    },
}


def look_up(table: dict[str, Any], key: str, what: str) -> Any:
    """Return an entry of the guide; one that is not here is an error, although the real guide may have it."""
    if key not in table:
        raise SyncError(f"{what} {key!r} is not in this stand-in's small part of the guide")
    return table[key]
