# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Plex plays, as Tautulli sees it."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping
from typing import Any

from . import files, web
from .findings import Findings, Trouble

#: Seconds for each of three questions. The first makes Tautulli ask Plex.
SECONDS = 2.0

ACTIVITY = {
    "media_tautulli_streams": "stream_count",
    "media_tautulli_transcodes": "stream_count_transcode",
    "media_tautulli_bandwidth_kilobits": "total_bandwidth",
}

#: What the three counts of a library are of, by its type.
ITEMS = {
    "show": ("show", "season", "episode"),
    "artist": ("artist", "album", "track"),
    "photo": ("album", "", "photo"),
}
COUNTS = ("count", "parent_count", "child_count")


def collect(found: Findings, config: Mapping[str, str], root: str) -> None:
    """Tell of the streams, the history and the libraries."""
    key = files.secret(root, config["key"])

    def command(name: str, **more: str) -> Any:
        # The key counts in the query alone, so that no address is ever told.
        query = urllib.parse.urlencode({"apikey": key, "cmd": name, **more})
        where, path = web.connection(f"{config['url'].rstrip('/')}/api/v2?{query}", SECONDS)
        response = web.ask(where, web.Request("Tautulli", path))["response"]
        if response["result"] != "success":
            raise Trouble(f"Tautulli refuses {name}")
        return response["data"]

    def activity() -> None:
        # Without a Plex it has none to tell of.
        told = command("get_activity") or {}
        for metric, name in ACTIVITY.items():
            found.add(metric, int(told.get(name) or 0))

    def history() -> None:
        told = command("get_history", length="1", include_activity="0", grouping="0")
        found.add("media_tautulli_plays_total", int(told["recordsTotal"]))

    def libraries() -> None:
        for library in command("get_libraries") or ():
            _library(found, library)

    troubles = []
    for step in (activity, history, libraries):
        try:
            step()
        except Trouble as trouble:
            troubles.append(str(trouble))
        except (KeyError, TypeError, ValueError, AttributeError):
            troubles.append(f"Tautulli tells something else of its {step.__name__} than it should")
    if troubles:
        raise Trouble("; ".join(troubles))


def _library(found: Findings, library: Mapping[str, Any]) -> None:
    name, kind = str(library["section_name"]), str(library["section_type"])
    for item, count in zip(ITEMS.get(kind, (kind,)), COUNTS):
        if item and library.get(count) not in (None, ""):
            found.add("media_tautulli_library_items", int(library[count]), library=name, type=item)
