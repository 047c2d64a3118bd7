# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A dashboard of Grafana as a value: what it shows, section by section, and the document that Grafana reads.

Where a panel stands follows from the order: left to right on 24 columns, each line filled and of one height. So a
panel that is not there leaves no hole.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.dashboard_panels import Panel

COLUMNS = 24
#: The tag that all of ours carry; by it they name each other in their heads.
TAG = "media"
#: Of Grafana's own format for dashboards. An older one is taken too, and converted at every load.
SCHEMA = 42


@dataclass(frozen=True)
class Section:
    """Panels under a title of their own; no title, no line for it."""

    title: str
    panels: Sequence[Panel]


@dataclass(frozen=True)
class Dashboard:
    """One dashboard. uid is its address, and stays: people keep links to it."""

    uid: str
    title: str
    description: str
    sections: Sequence[Section]
    since: str = "6h"

    def document(self) -> dict[str, Any]:
        """Return what Grafana reads. It has no id: that one is Grafana's to give."""
        return {
            "uid": self.uid,
            "title": self.title,
            "description": self.description,
            "tags": [TAG],
            "editable": False,
            "graphTooltip": 1,
            "schemaVersion": SCHEMA,
            "version": 1,
            "timezone": "browser",
            "time": {"from": f"now-{self.since}", "to": "now"},
            "timepicker": {},
            "refresh": "30s",
            "templating": {"list": []},
            "annotations": {"list": []},
            "links": [_others()],
            "panels": list(_placed(self.sections)),
        }

    def text(self) -> str:
        return json.dumps(self.document(), indent=2, ensure_ascii=False) + "\n"


def _others() -> dict[str, Any]:
    return {
        "title": "Media",
        "type": "dashboards",
        "icon": "external link",
        "tooltip": "",
        "tags": [TAG],
        "asDropdown": False,
        "targetBlank": False,
        "includeVars": False,
        "keepTime": True,
    }


def _placed(sections: Iterable[Section]) -> Iterator[dict[str, Any]]:
    """Give each panel with its place, and the titles between them, numbered in their order."""
    number, top = 0, 0
    for section in sections:
        if not section.panels:
            continue
        if section.title:
            number += 1
            place = {"x": 0, "y": top, "w": COLUMNS, "h": 1}
            row = {"type": "row", "title": section.title, "collapsed": False, "panels": []}
            yield {**row, "id": number, "gridPos": place}
            top += 1
        for line in _lines(section.panels):
            height, left = max(panel.height for panel in line), 0
            for panel, width in zip(line, _widths([panel.width for panel in line])):
                number += 1
                place = {"x": left, "y": top, "w": width, "h": height}
                yield {**panel.document(), "id": number, "gridPos": place}
                left += width
            top += height


def _lines(panels: Iterable[Panel]) -> Iterator[list[Panel]]:
    line: list[Panel] = []
    for panel in panels:
        if line and sum(other.width for other in line) + panel.width > COLUMNS:
            yield line
            line = []
        line.append(panel)
    if line:
        yield line


def _widths(wanted: Sequence[int]) -> list[int]:
    """Return the widths with what is left of the line shared out among its panels."""
    share, rest = divmod(COLUMNS - sum(wanted), len(wanted))
    return [width + share + (index < rest) for index, width in enumerate(wanted)]
