# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which lists and providers each application has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import folders, more_profiles, profiles, tags
from .collections import Collection
from .providers import Providers
from .shapes import shape

if TYPE_CHECKING:
    from .program import Program

_PROVIDERS = {
    "prowlarr": ("downloadclient", "indexer", "notification", "applications", "indexerproxy"),
    "": ("downloadclient", "indexer", "notification", "importlist", "metadata"),
}
_METADATA_PROFILE = {
    "lidarr": "id=i name=s primaryAlbumTypes=[*] secondaryAlbumTypes=[*] releaseStatuses=[*]",
    "readarr": (
        "id=i name=s minPopularity=n skipMissingDate=b skipMissingIsbn=b skipPartsAndSets=b skipSeriesSecondary=b "
        "allowedLanguages=s minPages=i ignored=[s]"
    ),
}
_SIZES = "minSize=n? maxSize=n?"


class CustomFilters(Collection):
    kind = "customfilter"


def set_up(program: Program) -> None:
    app, kind = program.app, program.app.kind
    for name in _PROVIDERS.get(kind, _PROVIDERS[""]):
        program.providers[name] = Providers(program, name)
        program.providers[name].set_up()
    lists: list[Collection] = [
        tags.Tags(program, shape("id=i label=s")),
        CustomFilters(program, shape("id=i type=s label=s filters=[o]")),
    ]
    if app.is_prowlarr:
        searches = "enableRss=b enableAutomaticSearch=b enableInteractiveSearch=b"
        lists.append(more_profiles.AppProfiles(program, shape(f"id=i name=s {searches} minimumSeeders=i")))
    else:
        lists += _arr(program)
    for entry in lists:
        entry.set_up()


def _arr(program: Program) -> list[Collection]:
    kind = program.app.kind
    own = {"sonarr": "minUpgradeFormatScore=i", "radarr": "minUpgradeFormatScore=i language=@language"}.get(kind, "")
    release = "name=s required=* ignored=*" if kind in ("sonarr", "radarr") else "required=[s] ignored=[s]"
    sizes = _SIZES if kind == "readarr" else _SIZES + " preferredSize=n?"
    lists: list[Collection] = [
        folders.RootFolders(program, shape(folders.ROOT_FOLDER[kind])),
        folders.PathMappings(program, shape("id=i host=s remotePath=s localPath=s")),
        profiles.QualityProfiles(program, shape(profiles.QUALITY_PROFILE + own)),
        profiles.QualityDefinitions(program, shape("id=i quality=@quality title=s weight=i " + sizes)),
        profiles.CustomFormats(program, shape("id=i name=s includeCustomFormatWhenRenaming=b? specifications=[*]")),
        more_profiles.DelayProfiles(program, shape(more_profiles.DELAY_PROFILE)),
        more_profiles.ReleaseProfiles(program, shape(f"id=i enabled=b {release} indexerId=i tags=[i]")),
    ]
    if kind in _METADATA_PROFILE:
        lists.append(more_profiles.MetadataProfiles(program, shape(_METADATA_PROFILE[kind])))
    return lists
