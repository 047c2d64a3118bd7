# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings below /config: their shapes, and what a new installation has."""

from __future__ import annotations

from typing import Any

from .apps import App
from .shapes import shape

_MEDIA = (
    "recycleBin=s recycleBinCleanupDays=i downloadPropersAndRepacks=preferAndUpgrade|doNotUpgrade|doNotPrefer "
    "deleteEmptyFolders=b rescanAfterRefresh=always|afterManual|never setPermissionsLinux=b chmodFolder=s chownGroup=s "
    "skipFreeSpaceCheckWhenImporting=b minimumFreeSpaceWhenImporting=i copyUsingHardlinks=b importExtraFiles=b "
    "extraFileExtensions=s "
)
_SCRIPT = "useScriptImport=b scriptImportPath=s enableMediaInfo=b "
_MUSIC = "watchLibraryForChanges=b allowFingerprinting=never|newFiles|allFiles "
_MEDIA_DEFAULTS = {
    "recycleBin": "",
    "recycleBinCleanupDays": 7,
    "chmodFolder": "755",
    "chownGroup": "",
    "minimumFreeSpaceWhenImporting": 100,
    "copyUsingHardlinks": True,
    "extraFileExtensions": "srt",
    "enableMediaInfo": True,
    "scriptImportPath": "",
}
_CLIENT = "enableCompletedDownloadHandling=b autoRedownloadFailed=b autoRedownloadFailedFromInteractiveSearch=b "
_CLIENT_DEFAULTS = {
    "downloadClientWorkingFolders": "_UNPACK_|_FAILED_",
    "enableCompletedDownloadHandling": True,
    "autoRedownloadFailed": True,
    "autoRedownloadFailedFromInteractiveSearch": True,
}
_UI = (
    "firstDayOfWeek=i shortDateFormat=s longDateFormat=s timeFormat=s showRelativeDates=b enableColorImpairedMode=b "
    "theme=s "
)
_UI_DEFAULTS: dict[str, Any] = {
    "firstDayOfWeek": 0,
    "calendarWeekColumnHeader": "ddd M/D",
    "shortDateFormat": "MMM D YYYY",
    "longDateFormat": "dddd, MMMM D YYYY",
    "timeFormat": "h(:mm)a",
    "showRelativeDates": True,
    "theme": "auto",
    "uiLanguage": 1,
}
_OLD_NAMING = "includeQuality=b replaceSpaces=b separator=s numberStyle=s "
_TAGS = "writeAudioTags=no|newFiles|allFiles|sync scrubAudioTags=b "

_SHAPES: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {
    "mediamanagement": {
        "sonarr": (
            _MEDIA + _SCRIPT + "autoUnmonitorPreviouslyDownloadedEpisodes=b createEmptySeriesFolders=b "
            "fileDate=none|localAirDate|utcAirDate episodeTitleRequired=always|bulkSeasonReleases|never",
            _MEDIA_DEFAULTS,
        ),
        "radarr": (
            _MEDIA + _SCRIPT + "autoUnmonitorPreviouslyDownloadedMovies=b createEmptyMovieFolders=b "
            "fileDate=none|cinemas|release autoRenameFolders=b pathsDefaultStatic=b",
            _MEDIA_DEFAULTS,
        ),
        "lidarr": (
            _MEDIA + _SCRIPT + _MUSIC + "autoUnmonitorPreviouslyDownloadedTracks=b createEmptyArtistFolders=b "
            "fileDate=none|albumReleaseDate",
            {**_MEDIA_DEFAULTS, "watchLibraryForChanges": True, "allowFingerprinting": "newFiles"},
        ),
        "readarr": (
            _MEDIA + _MUSIC + "autoUnmonitorPreviouslyDownloadedBooks=b createEmptyAuthorFolders=b "
            "fileDate=none|bookReleaseDate",
            {**_MEDIA_DEFAULTS, "watchLibraryForChanges": True},
        ),
    },
    "naming": {
        "sonarr": (
            "renameEpisodes=b replaceIllegalCharacters=b colonReplacementFormat=i customColonReplacementFormat=s "
            "multiEpisodeStyle=i standardEpisodeFormat=s dailyEpisodeFormat=s animeEpisodeFormat=s "
            "seriesFolderFormat=s seasonFolderFormat=s specialsFolderFormat=s",
            {
                "replaceIllegalCharacters": True,
                "colonReplacementFormat": 4,
                "customColonReplacementFormat": "",
                "multiEpisodeStyle": 5,
                "standardEpisodeFormat": "{Series Title} - S{season:00}E{episode:00} - {Episode Title} {Quality Full}",
                "dailyEpisodeFormat": "{Series Title} - {Air-Date} - {Episode Title} {Quality Full}",
                "animeEpisodeFormat": "{Series Title} - S{season:00}E{episode:00} - {Episode Title} {Quality Full}",
                "seriesFolderFormat": "{Series Title}",
                "seasonFolderFormat": "Season {season}",
                "specialsFolderFormat": "Specials",
            },
        ),
        "radarr": (
            "renameMovies=b replaceIllegalCharacters=b "
            "colonReplacementFormat=delete|dash|spaceDash|spaceDashSpace|smart "
            "standardMovieFormat=s movieFolderFormat=s",
            {
                "replaceIllegalCharacters": True,
                "colonReplacementFormat": "smart",
                "standardMovieFormat": "{Movie Title} ({Release Year}) {Quality Full}",
                "movieFolderFormat": "{Movie Title} ({Release Year})",
            },
        ),
        "lidarr": (
            "renameTracks=b replaceIllegalCharacters=b colonReplacementFormat=i standardTrackFormat=s "
            "multiDiscTrackFormat=s artistFolderFormat=s includeArtistName=b includeAlbumTitle=b " + _OLD_NAMING,
            {
                "replaceIllegalCharacters": True,
                "colonReplacementFormat": 4,
                "standardTrackFormat": (
                    "{Album Title} ({Release Year})/{Artist Name} - {Album Title} - {track:00} - {Track Title}"
                ),
                "multiDiscTrackFormat": (
                    "{Album Title} ({Release Year})/{Medium Format} {medium:00}/"
                    "{Artist Name} - {Album Title} - {track:00} - {Track Title}"
                ),
                "artistFolderFormat": "{Artist Name}",
            },
        ),
        "readarr": (
            "renameBooks=b replaceIllegalCharacters=b colonReplacementFormat=i standardBookFormat=s "
            "authorFolderFormat=s includeAuthorName=b includeBookTitle=b " + _OLD_NAMING,
            {
                "replaceIllegalCharacters": True,
                "colonReplacementFormat": 4,
                "standardBookFormat": "{Book Title}/{Author Name} - {Book Title}{ (PartNumber)}",
                "authorFolderFormat": "{Author Name}",
            },
        ),
    },
    "downloadclient": {
        "sonarr": ("downloadClientWorkingFolders=s " + _CLIENT, _CLIENT_DEFAULTS),
        "radarr": (
            "downloadClientWorkingFolders=s checkForFinishedDownloadInterval=i " + _CLIENT,
            {**_CLIENT_DEFAULTS, "checkForFinishedDownloadInterval": 1},
        ),
        "lidarr": ("downloadClientWorkingFolders=s " + _CLIENT, _CLIENT_DEFAULTS),
        "readarr": ("downloadClientWorkingFolders=s " + _CLIENT, _CLIENT_DEFAULTS),
        "prowlarr": ("", {}),
    },
    "indexer": {
        "sonarr": ("minimumAge=i retention=i maximumSize=i rssSyncInterval=i", {"rssSyncInterval": 15}),
        "radarr": (
            "minimumAge=i maximumSize=i retention=i rssSyncInterval=i preferIndexerFlags=b availabilityDelay=i "
            "allowHardcodedSubs=b whitelistedHardcodedSubs=s",
            {"rssSyncInterval": 60, "whitelistedHardcodedSubs": ""},
        ),
        "lidarr": ("minimumAge=i maximumSize=i retention=i rssSyncInterval=i", {"rssSyncInterval": 15}),
        "readarr": ("minimumAge=i maximumSize=i retention=i rssSyncInterval=i", {"rssSyncInterval": 15}),
    },
    "importlist": {
        "sonarr": ("listSyncLevel=disabled|logOnly|keepAndUnmonitor|keepAndTag listSyncTag=i", {}),
        "radarr": ("listSyncLevel=s", {"listSyncLevel": "disabled"}),
    },
    "ui": {
        "sonarr": (_UI + "calendarWeekColumnHeader=s uiLanguage=i", _UI_DEFAULTS),
        "radarr": (
            _UI + "calendarWeekColumnHeader=s movieRuntimeFormat=hoursMinutes|minutes movieInfoLanguage=i uiLanguage=i",
            {**_UI_DEFAULTS, "movieInfoLanguage": 1},
        ),
        "lidarr": (
            _UI + "calendarWeekColumnHeader=s uiLanguage=i expandAlbumByDefault=b expandSingleByDefault=b "
            "expandEPByDefault=b expandBroadcastByDefault=b expandOtherByDefault=b",
            {**_UI_DEFAULTS, "expandAlbumByDefault": True},
        ),
        "prowlarr": (_UI + "uiLanguage=s", {**_UI_DEFAULTS, "uiLanguage": "en"}),
        "readarr": (_UI + "calendarWeekColumnHeader=s uiLanguage=i", _UI_DEFAULTS),
    },
    "metadata": {
        "radarr": (
            "certificationCountry=us|au|br|ca|fr|de|gb|in|ie|it|nz|ro|es",
            {"certificationCountry": "us"},
        ),
    },
    "metadataprovider": {
        "lidarr": (
            _TAGS + "metadataSource=s embedCoverArt=b",
            {"metadataSource": "", "scrubAudioTags": False, "embedCoverArt": True},
        ),
        "readarr": (_TAGS + "writeBookTags=newFiles|allFiles|sync updateCovers=b embedMetadata=b", {}),
    },
    "development": {
        "prowlarr": (
            "consoleLogLevel=s logSql=b logIndexerResponse=b logRotate=i filterSentryEvents=b",
            {"logRotate": 50},
        ),
        "readarr": ("metadataSource=s consoleLogLevel=s logSql=b logRotate=i filterSentryEvents=b", {"logRotate": 50}),
        "bookshelf": ("metadataSource=s consoleLogLevel=s logSql=b logRotate=i", {"logRotate": 50}),
    },
}


def singletons(app: App) -> dict[str, tuple[dict[str, str], dict[str, Any]]]:
    """Return name below /config -> (shape, values of a new installation)."""
    # A fork may differ from what it was forked from.
    chosen = {name: apps.get(app.name.lower()) or apps.get(app.kind) for name, apps in _SHAPES.items()}
    return {name: ({"id": "i", **shape(one[0])}, one[1]) for name, one in chosen.items() if one}
