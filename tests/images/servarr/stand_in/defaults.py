# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the events of the first start make, a moment after the port answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import qualities

if TYPE_CHECKING:
    from .program import Program

_DELAY = {
    "id": 1,
    "enableUsenet": True,
    "enableTorrent": True,
    "preferredProtocol": "usenet",
    "usenetDelay": 0,
    "torrentDelay": 0,
    "bypassIfHighestQuality": True,
    "bypassIfAboveCustomFormatScore": False,
    "minimumCustomFormatScore": 0,
    "order": 2147483647,
    "tags": [],
}
_SEARCHES = {"enableRss": True, "enableAutomaticSearch": True, "enableInteractiveSearch": True}


def create(program: Program) -> None:
    app = program.app
    made: dict[str, list[dict[str, Any]]]
    if app.is_prowlarr:
        made = {"appprofile": [{"name": "Standard", **_SEARCHES, "minimumSeeders": 1}]}
    else:
        made = {
            "qualitydefinition": qualities.new_definitions(app),
            "delayprofile": [_DELAY],
            "qualityprofile": qualities.new_profiles(app),
        }
        if app.kind in ("lidarr", "readarr"):
            made["metadataprofile"] = qualities.new_metadata_profiles(app)
    for kind, items in made.items():
        if program.database.all(kind):
            continue
        program.log.info(kind, f"Setting up default {kind}")
        for item in items:
            program.database.add(kind, item)
