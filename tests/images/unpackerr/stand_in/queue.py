# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The queue of an application, as far as unpacking needs it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from .settings import App

_VERSIONS = {"lidarr": "v1", "readarr": "v1"}


class QueueError(Exception):
    """The queue could not be read."""


@dataclass(frozen=True)
class Item:
    """A finished download that waits for its import."""

    title: str
    path: str


@dataclass(frozen=True)
class Queue:
    """total: all that the application has in its queue; ready: those that are finished and of a wanted protocol."""

    total: int
    ready: tuple[Item, ...]


def fetch(app: App) -> Queue:
    url = f"{app.url}/api/{_VERSIONS.get(app.kind, 'v3')}/queue?page=1&pageSize=2000&includeUnknownSeriesItems=true"
    request = urllib.request.Request(url, headers={"X-Api-Key": app.api_key, "Accept": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=app.timeout) as answer:
            said = json.load(answer)
    except urllib.error.HTTPError as error:
        raise QueueError(f"HTTP {error.code}") from None
    except (OSError, ValueError) as error:
        raise QueueError(str(getattr(error, "reason", error))) from None
    return parse(said, app.protocols)


def parse(said: dict[str, Any], protocols: tuple[str, ...]) -> Queue:
    records = said.get("records") or []
    ready = [
        Item(str(record.get("title")), str(record.get("outputPath")))
        for record in records
        if str(record.get("status")).lower() == "completed"
        and record.get("protocol") in protocols
        and record.get("outputPath")
    ]
    return Queue(len(records), tuple(ready))
