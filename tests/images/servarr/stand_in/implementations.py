# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The implementations that each application offers."""

from __future__ import annotations

from functools import cache

from .apps import App
from .fields import Field, Implementation

_PRIORITIES = ((-100, "Very Low"), (-50, "Low"), (0, "Normal"), (50, "High"), (100, "Very High"), (900, "Force"))
# Kind of application -> field of the category and its default, fields of the priorities.
_CATEGORIES = {
    "sonarr": ("tvCategory", "tv", ("recentTvPriority", "olderTvPriority")),
    "radarr": ("movieCategory", "Movies", ("recentMoviePriority", "olderMoviePriority")),
    "lidarr": ("musicCategory", "Music", ("recentMusicPriority", "olderMusicPriority")),
    "readarr": ("musicCategory", "Readarr", ("recentTvPriority", "olderTvPriority")),
    "prowlarr": ("category", "Prowlarr", ("priority",)),
}
INDEXER_CATEGORIES = {
    "sonarr": [5030, 5040],
    "radarr": [2000, 2010, 2020, 2030, 2040, 2045, 2050, 2060],
    "lidarr": [3000, 3010, 3030, 3040],
    "readarr": [3030, 7020, 8010],
}
SYNC_CATEGORIES = {
    "Sonarr": [5000, 5010, 5020, 5030, 5040, 5045, 5050, 5090],
    "Radarr": [2000, 2010, 2020, 2030, 2040, 2045, 2050, 2060, 2070, 2080, 2090],
    "Lidarr": [3000, 3010, 3030, 3040, 3050, 3060],
    "Readarr": [3030, 7000, 7010, 7020, 7030, 7040, 7050, 7060],
}


def category_field(app: App) -> str:
    return _CATEGORIES[app.kind][0]


def _secret(name: str, label: str, kind: str = "password", default: str | None = None) -> Field:
    return Field(name, label, kind, default, privacy="apiKey" if "ey" in name or "oken" in name else "password")


def _client_fields(app: App, port: int) -> tuple[Field, ...]:
    category, default, priorities = _CATEGORIES[app.kind]
    own = app.kind == "sonarr"
    return (
        Field("host", "Host", default="localhost"),
        Field("port", "Port", "number", port),
        Field("useSsl", "Use SSL", "checkbox", False),
        Field("urlBase", "URL Base", advanced=True),
        Field("username", "Username", default=None if own or port != 6789 else "nzbget", privacy="userName"),
        _secret("password", "Password", default=None if own or port != 6789 else "tegbzn6789"),
        Field(category, "Category", default=default),
        *(Field(name, name, "select", 0, options=_PRIORITIES) for name in priorities),
        Field("addPaused", "Add Paused", "checkbox", False),
    )


def _download_clients(app: App) -> list[Implementation]:
    torrent = tuple(field for field in _client_fields(app, 8080) if field.name != "addPaused")
    sabnzbd = (
        *_client_fields(app, 8080)[:4],
        _secret("apiKey", "API Key", "textbox"),
        *_client_fields(app, 8080)[4:-1],
    )
    return [
        Implementation("Nzbget", "NZBGet", _client_fields(app, 6789), protocol="usenet", needed=("host",)),
        Implementation("Sabnzbd", "SABnzbd", sabnzbd, protocol="usenet", needed=("host",)),
        Implementation("QBittorrent", "qBittorrent", torrent, protocol="torrent", needed=("host",)),
        Implementation("Deluge", "Deluge", torrent, protocol="torrent", needed=("host",)),
    ]


def _indexers(app: App) -> list[Implementation]:
    common = (
        Field("baseUrl", "URL"),
        Field("apiPath", "API Path", default="/api", advanced=True),
        _secret("apiKey", "API Key", "textbox"),
    )
    if app.is_prowlarr:
        last = (
            Field("additionalParameters", "Additional Parameters", advanced=True),
            Field("vipExpiration", "VIP Expiration", default=""),
            Field("baseSettings.queryLimit", "Query Limit", "number", advanced=True),
            Field("baseSettings.grabLimit", "Grab Limit", "number", advanced=True),
            Field("baseSettings.limitsUnit", "Limits Unit", "select", 0, options=((0, "Day"), (1, "Hour"))),
        )
        return [Implementation("Newznab", "Newznab", common + last, protocol="usenet", needed=("baseUrl", "apiPath"))]
    categories = INDEXER_CATEGORIES[app.kind]
    last = (
        Field("categories", "Categories", "select", categories),
        *((Field("animeCategories", "Anime Categories", "select", []),) if app.kind == "sonarr" else ()),
        Field("additionalParameters", "Additional Parameters", advanced=True),
    )
    torznab = (*common, *last, Field("minimumSeeders", "Minimum Seeders", "number", 1, advanced=True))
    return [
        Implementation("Newznab", "Newznab", common + last, protocol="usenet", needed=("baseUrl", "apiPath")),
        Implementation("Torznab", "Torznab", torznab, protocol="torrent", needed=("baseUrl", "apiPath")),
    ]


def _notifications(app: App) -> list[Implementation]:
    webhook = (
        Field("url", "Webhook URL", "url"),
        Field("method", "Method", "select", 1, options=((1, "POST"), (2, "PUT"))),
        Field("username", "Username", privacy="userName"),
        _secret("password", "Password"),
    )
    offers = [Implementation("Webhook", "Webhook", webhook, needed=("url",))]
    if not app.is_prowlarr:
        server = (Field("server", "Server", "select"),) if app.kind in ("sonarr", "radarr") else ()
        plex = (
            *server,
            Field("host", "Host"),
            Field("port", "Port", "number", 32400),
            Field("useSsl", "Use SSL", "checkbox", False),
            Field("urlBase", "URL Base", advanced=True),
            _secret("authToken", "Auth Token", "textbox"),
            Field("signIn", "Authenticate with Plex.tv", "oAuth", "startOAuth"),
            Field("updateLibrary", "Update Library", "checkbox", True),
            Field("mapFrom", "Map Paths From", advanced=True),
            Field("mapTo", "Map Paths To", advanced=True),
        )
        offers.append(Implementation("PlexServer", "Plex Media Server", plex, needed=("host", "authToken")))
    return offers


def _import_lists(app: App) -> list[Implementation]:
    fields = (
        Field("baseUrl", "Full URL"),
        _secret("apiKey", "API Key", "textbox"),
        Field("profileIds", "Quality Profiles", "select", []),
        Field("tagIds", "Tags", "select", []),
    )
    name = {"sonarr": "SonarrImport", "radarr": "RadarrImport", "lidarr": "LidarrImport"}.get(app.kind, "ReadarrImport")
    return [Implementation(name, app.name, fields, f"{app.name}Settings", needed=("baseUrl", "apiKey"))]


def _metadata(app: App) -> list[Implementation]:
    if app.kind == "readarr":
        return []
    words = {"sonarr": "series", "radarr": "movie", "lidarr": "artist"}[app.kind]
    fields = (
        Field(f"{words}Metadata", "Metadata", "checkbox", True),
        Field(f"{words}Images", "Images", "checkbox", True),
    )
    return [
        Implementation("XbmcMetadata", "Kodi (XBMC) / Emby", fields, "XbmcMetadataSettings"),
        Implementation("RoksboxMetadata", "Roksbox", fields, "RoksboxMetadataSettings"),
        Implementation("WdtvMetadata", "WDTV", fields, "WdtvMetadataSettings"),
    ]


def _applications(app: App) -> list[Implementation]:
    def offer(name: str) -> Implementation:
        port = {"Sonarr": 8989, "Radarr": 7878, "Lidarr": 8686, "Readarr": 8787}[name]
        anime = (
            Field("animeSyncCategories", "Anime Sync Categories", "select", [5070], advanced=True),
            Field(
                "syncAnimeStandardFormatSearch", "Sync Anime Standard Format Search", "checkbox", True, advanced=True
            ),
        )
        fields = (
            Field("prowlarrUrl", "Prowlarr Server", default="http://localhost:9696"),
            Field("baseUrl", f"{name} Server", default=f"http://localhost:{port}"),
            _secret("apiKey", "API Key", "textbox"),
            Field("syncCategories", "Sync Categories", "select", SYNC_CATEGORIES[name], advanced=True),
            *(anime if name == "Sonarr" else ()),
            Field(
                "syncRejectBlocklistedTorrentHashesWhileGrabbing",
                "Sync Reject Blocklisted Torrent Hashes While Grabbing",
                "checkbox",
                False,
                advanced=True,
            ),
        )
        return Implementation(name, name, fields, needed=("prowlarrUrl", "baseUrl", "apiKey"))

    return [offer(name) for name in SYNC_CATEGORIES]


def _proxies(app: App) -> list[Implementation]:
    address = (Field("host", "Host"), Field("port", "Port", "number", 8080))
    account = (Field("username", "Username", privacy="userName"), _secret("password", "Password"))
    solver = (
        Field("host", "Host", default="http://localhost:8191/"),
        Field("requestTimeout", "Request Timeout", "number", 60),
    )
    return [
        Implementation("FlareSolverr", "FlareSolverr", solver, needed=()),
        Implementation("Http", "Http", address + account, needed=("host",)),
        Implementation("Socks4", "Socks4", address + account, needed=("host",)),
        Implementation("Socks5", "Socks5", address + account, needed=("host",)),
    ]


@cache
def offered(app: App, kind: str) -> dict[str, Implementation]:
    """Return the implementations of a kind of provider, by name."""
    makers = {
        "downloadclient": _download_clients,
        "indexer": _indexers,
        "notification": _notifications,
        "importlist": _import_lists,
        "metadata": _metadata,
        "applications": _applications,
        "indexerproxy": _proxies,
    }
    return {item.name: item for item in sorted(makers[kind](app), key=lambda item: item.title)}
