# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading the titles of releases and files."""

from __future__ import annotations

import re
from typing import Any

from . import qualities
from .apps import App

_EPISODE = re.compile(r"^(?P<show>.+?)[. _-]+S(?P<season>\d{1,2})(?P<episodes>(?:[. _-]?E\d{1,3})+)", re.IGNORECASE)
_SEASON = re.compile(r"^(?P<show>.+?)[. _-]+S(?P<season>\d{1,2})(?![\dE])", re.IGNORECASE)
_FILM = re.compile(r"^(?P<title>.+?)[. _(\[]+(?P<year>(?:19|20)\d{2})(?!\d)")
_RESOLUTION = re.compile(r"(480|576|720|1080|2160)p", re.IGNORECASE)
_SOURCES = (
    (r"remux", "Remux"),
    (r"blu-?ray|bdrip|brrip", "Bluray"),
    (r"web-?rip", "WEBRip"),
    (r"web(-?dl)?\b", "WEBDL"),
    (r"hdtv", "HDTV"),
    (r"dvd", "DVD"),
)
_AUDIO = (("flac", "FLAC"), ("alac", "ALAC"), ("320", "MP3-320"), ("256", "MP3-256"), ("mp3|192", "MP3-192"))
_TEXT = (("epub", "EPUB"), ("azw3", "AZW3"), ("mobi", "MOBI"), ("pdf", "PDF"), ("m4b", "M4B"), ("mp3", "MP3"))


def clean(title: str) -> str:
    """Return a title as titles are compared: letters and digits, without a leading article."""
    words = re.sub(r"[^a-z0-9]+", " ", title.lower().replace("&", " and ")).split()
    return "".join(words[1:] if len(words) > 1 and words[0] in ("the", "a", "an") else words)


def episodes(title: str) -> tuple[str, int, list[int]] | None:
    """Return show, season, episodes; no episodes for a whole season."""
    found = _EPISODE.match(title)
    if found:
        numbers = [int(text) for text in re.findall(r"E(\d+)", found["episodes"], re.IGNORECASE)]
        return found["show"], int(found["season"]), numbers
    found = _SEASON.match(title)
    return (found["show"], int(found["season"]), []) if found else None


def film(title: str) -> tuple[str, int] | None:
    found = _FILM.match(title)
    return (found["title"], int(found["year"])) if found else None


def group(title: str) -> str:
    found = re.search(r"-([A-Za-z0-9]+)(?:\.\w{2,4})?$", title)
    return found[1] if found else ""


def quality(app: App, title: str) -> dict[str, Any]:
    """Return the quality that a title tells of."""
    known = {item["name"]: item for item in qualities.qualities(app)}
    name = _video(title) if app.kind in ("sonarr", "radarr") else _other(app, title)
    return known.get(name) or qualities.qualities(app)[0]


def _video(title: str) -> str:
    found = _RESOLUTION.search(title)
    resolution = found[1].replace("576", "480") + "p" if found else ""
    source = next((name for pattern, name in _SOURCES if re.search(pattern, title, re.IGNORECASE)), "")
    if source == "Remux":
        return f"Remux-{resolution}"
    if source == "DVD" or (source == "HDTV" and resolution in ("", "480p")):
        return "DVD" if source == "DVD" else "SDTV"
    if not source and not resolution:
        return "Unknown"
    return f"{source or 'HDTV'}-{resolution or '480p'}"


def _other(app: App, title: str) -> str:
    words = _AUDIO if app.kind == "lidarr" else _TEXT
    return next((name for pattern, name in words if re.search(rf"\b({pattern})\b", title, re.IGNORECASE)), "")


def model(found: dict[str, Any]) -> dict[str, Any]:
    return {"quality": found, "revision": {"version": 1, "real": 0, "isRepack": False}}
