# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The resources of providers: their own properties beside name, implementation and fields."""

from __future__ import annotations

from typing import Any

from .apps import App
from .shapes import shape

_BASE = "id=i name=s fields=[*] implementationName=s implementation=s configContract=s infoLink=s tags=[i] "
_EVENTS = {
    "sonarr": "onGrab onDownload onUpgrade onImportComplete onRename onSeriesAdd onSeriesDelete onEpisodeFileDelete "
    "onEpisodeFileDeleteForUpgrade onHealthIssue onHealthRestored onApplicationUpdate onManualInteractionRequired",
    "radarr": "onGrab onDownload onUpgrade onRename onMovieAdded onMovieDelete onMovieFileDelete "
    "onMovieFileDeleteForUpgrade onHealthIssue onHealthRestored onApplicationUpdate onManualInteractionRequired",
    "lidarr": "onGrab onReleaseImport onUpgrade onRename onArtistAdd onArtistDelete onAlbumDelete onHealthIssue "
    "onHealthRestored onDownloadFailure onImportFailure onTrackRetag onApplicationUpdate",
    "readarr": "onGrab onReleaseImport onUpgrade onRename onAuthorAdded onAuthorDelete onBookDelete onBookFileDelete "
    "onBookFileDeleteForUpgrade onHealthIssue onDownloadFailure onImportFailure onBookRetag onApplicationUpdate",
    "prowlarr": "onGrab onHealthIssue onHealthRestored onApplicationUpdate",
}
# What Plex's connection has no use for.
_NOT_PLEX = (
    *("onGrab", "onHealth", "onApplicationUpdate", "onManualInteractionRequired", "onImportComplete"),
    *("onDownloadFailure", "onImportFailure"),
)


def events(app: App) -> list[str]:
    return _EVENTS[app.kind].split()


def supported(app: App, implementation: str) -> dict[str, bool]:
    """Return event -> whether this kind of connection takes it."""
    return {event: implementation != "PlexServer" or not event.startswith(_NOT_PLEX) for event in events(app)}


def provider_shape(app: App, kind: str) -> dict[str, str]:
    text = _BASE + {
        "downloadclient": _download_client,
        "indexer": _indexer,
        "notification": _notification,
        "importlist": _import_list,
        "metadata": lambda app: "enable=b",
        "applications": lambda app: "syncLevel=disabled|addOnly|fullSync",
        "indexerproxy": lambda app: "onHealthIssue=b includeHealthWarnings=b",
    }[kind](app)
    return shape(text)


def _download_client(app: App) -> str:
    own = "categories=[*]" if app.is_prowlarr else "removeCompletedDownloads=b removeFailedDownloads=b"
    return f"enable=b protocol=unknown|usenet|torrent priority=i {own}"


def _indexer(app: App) -> str:
    if app.is_prowlarr:
        return (
            "indexerUrls=[s] definitionName=s enable=b redirect=b appProfileId=i protocol=unknown|usenet|torrent "
            "priority=i downloadClientId=i"
        )
    more = "seasonSearchMaximumSingleEpisodeAge=i" if app.kind == "sonarr" else ""
    return (
        "enableRss=b enableAutomaticSearch=b enableInteractiveSearch=b protocol=unknown|usenet|torrent "
        f"priority=i downloadClientId=i {more}"
    )


def _notification(app: App) -> str:
    more = "includeManualGrabs=b" if app.is_prowlarr else ""
    return " ".join(f"{event}=b" for event in events(app)) + f" includeHealthWarnings=b {more}"


def _import_list(app: App) -> str:
    common = "rootFolderPath=s qualityProfileId=i listOrder=i minRefreshInterval=s "
    own = {
        "sonarr": "enableAutomaticAdd=b searchForMissingEpisodes=b shouldMonitor=all|future|missing|existing|none "
        "monitorNewItems=all|none seriesType=standard|daily|anime seasonFolder=b",
        "radarr": "enabled=b enableAuto=b monitor=movieOnly|movieAndCollection|none searchOnAdd=b "
        "minimumAvailability=tba|announced|inCinemas|released|deleted",
        "lidarr": "enableAutomaticAdd=b shouldMonitor=none|specificAlbum|entireArtist shouldMonitorExisting=b "
        "shouldSearch=b monitorNewItems=all|none|new metadataProfileId=i",
        "readarr": "enableAutomaticAdd=b shouldMonitor=none|specificBook|entireAuthor shouldMonitorExisting=b "
        "shouldSearch=b monitorNewItems=all|none|new metadataProfileId=i",
    }
    return common + own[app.kind]


def fresh(app: App, kind: str) -> dict[str, Any]:
    """Return what /schema has beside the fields."""
    blanks: dict[str, dict[str, Any]] = {
        "downloadclient": {
            "enable": True,
            "priority": 1,
            **({} if app.is_prowlarr else {"removeCompletedDownloads": True, "removeFailedDownloads": True}),
        },
        "indexer": {"enable": True, "redirect": False, "appProfileId": 0, "priority": 25}
        if app.is_prowlarr
        else {
            "enableRss": True,
            "enableAutomaticSearch": True,
            "enableInteractiveSearch": True,
            "priority": 25,
        },
        "applications": {"syncLevel": "fullSync"},
    }
    return blanks.get(kind, {})


def is_enabled(kind: str, body: dict[str, Any]) -> bool:
    """Whether a definition is in use, which decides if it is tested."""
    if kind == "indexer" and "enableRss" in body:
        return bool(body["enableRss"] or body["enableAutomaticSearch"] or body["enableInteractiveSearch"])
    if kind == "notification":
        return any(value for name, value in body.items() if name.startswith("on") and value is True)
    if kind == "applications":
        return body["syncLevel"] != "disabled"
    if kind == "importlist":
        return bool(body.get("enabled") or body.get("enableAutomaticAdd"))
    return kind == "indexerproxy" or bool(body.get("enable"))
