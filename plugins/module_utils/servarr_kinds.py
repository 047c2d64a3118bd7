# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the Servarr applications have in common, and the little in which they differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Kind:
    """One kind of application. names: what it calls itself in /system/status; forked: and what its forks call it."""

    api: str
    names: tuple[str, ...]
    forked: bool = False

    def is_called(self, name: str) -> bool:
        """Tell whether an application of that name can be of this kind. Forks take names that nobody has."""
        taken = any(name in kind.names for kind in KINDS.values())
        return name in self.names or (self.forked and bool(name) and not taken)


_BOOKS = Kind("/api/v1", ("Readarr", "Bookshelf"), forked=True)
KINDS = {
    "sonarr": Kind("/api/v3", ("Sonarr",)),
    "radarr": Kind("/api/v3", ("Radarr",)),
    "lidarr": Kind("/api/v1", ("Lidarr",)),
    "readarr": _BOOKS,
    "bookshelf": _BOOKS,
    "prowlarr": Kind("/api/v1", ("Prowlarr",)),
}

#: Applications of these kinds come last: saving in them makes them call the others.
LAST = ("prowlarr",)

#: What has to be there first comes first; a list that is not named here comes after these.
ORDER = (
    "tag",
    "customformat",
    "qualitydefinition",
    "qualityprofile",
    "metadataprofile",
    "rootfolder",
    "remotepathmapping",
    "downloadclient",
    "appprofile",
    "indexerproxy",
    "applications",
    "indexer",
    "importlist",
    "notification",
    "releaseprofile",
    "delayprofile",
)

#: Keys of an item that hold the id of something else, and the list that this is in.
REFERENCES = {
    "tags": "tag",
    "defaultTags": "tag",
    "qualityProfileId": "qualityprofile",
    "defaultQualityProfileId": "qualityprofile",
    "metadataProfileId": "metadataprofile",
    "defaultMetadataProfileId": "metadataprofile",
    "appProfileId": "appprofile",
    "downloadClientId": "downloadclient",
    "indexerId": "indexer",
}

#: Lists that an application fills by itself a moment after it answers for the first time.
FILLED_LATE = ("qualityprofile", "metadataprofile", "appprofile")

#: Lists with one entry in /schema, which a new item starts from.
PATTERNS = ("qualityprofile", "metadataprofile", "appprofile")

#: Lists whose items consist of specifications; /schema has the entries for those.
SPECIFIED = ("customformat", "autotagging")

#: Lists that the application has no PUT for: what differs cannot be changed.
FIXED = {"sonarr": ("rootfolder",), "radarr": ("rootfolder",)}

#: The sources of health messages that wrong credentials can be behind, for each list.
HEALTH = {
    "downloadclient": ("DownloadClientCheck", "DownloadClientStatusCheck"),
    "indexer": ("IndexerStatusCheck", "IndexerLongTermStatusCheck"),
    "importlist": ("ImportListStatusCheck",),
    "notification": ("NotificationStatusCheck",),
    "applications": ("ApplicationStatusCheck", "ApplicationLongTermStatusCheck"),
}

#: What an application that was made a moment ago says below /config, as upstream has it built in: of what is usually
#: declared. Its naming has one of the names here.
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "host": {"username": ""},
    "downloadclient": {"enableCompletedDownloadHandling": True},
    "mediamanagement": {
        "copyUsingHardlinks": True,
        "setPermissionsLinux": False,
        "chmodFolder": "755",
        "chownGroup": "",
        "recycleBin": "",
        "importExtraFiles": False,
        "skipFreeSpaceCheckWhenImporting": False,
        "minimumFreeSpaceWhenImporting": 100,
    },
    "naming": {"renameEpisodes": False, "renameMovies": False, "renameTracks": False, "renameBooks": False},
}

#: Settings below /config that hold a secret or its digest. None of them is given in the clear.
SECRET_SETTINGS = ("password", "passwordConfirmation", "apiKey", "sslCertPassword", "proxyPassword")


def api(kind: str) -> str:
    """Return the path that all of the application's API lies below."""
    return KINDS[kind].api


def ordered(resources: list[str]) -> list[str]:
    """Return the lists in the order in which they have to be filled."""
    known = {name: place for place, name in enumerate(ORDER)}
    return sorted(resources, key=lambda name: known.get(name, len(known)))
