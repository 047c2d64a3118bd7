# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The panel that is a table: a line for each set of labels, a column for each label or value that is wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.dashboard_looks import (
    GREY,
    Steps,
    Words,
    defaults,
    mappings,
    thresholds,
)
from ansible_collections.homelab.media.plugins.module_utils.dashboard_panels import Panel, Query


@dataclass(frozen=True)
class Column:
    """A column of a table: the label, or "#A" for the value of the first query; its title and its looks."""

    source: str
    title: str
    unit: str = ""
    words: Words = field(default_factory=dict)
    steps: Steps = ()
    width: int = 0


def table(
    title: str, description: str, columns: Sequence[Column], *queries: Query, width: int = 24, height: int = 8
) -> Panel:
    """Return a line for each set of labels that the queries have in common, with these columns and no others."""
    single = len(queries) == 1
    sources = {column.source: _field(column.source, single) for column in columns}
    transformations: list[Mapping[str, Any]] = [] if single else [{"id": "merge", "options": {}}]
    names = list(sources.values())
    transformations += [
        {"id": "filterFieldsByName", "options": {"include": {"names": names}}},
        {
            "id": "organize",
            "options": {
                "indexByName": {name: index for index, name in enumerate(names)},
                "renameByName": {sources[column.source]: column.title for column in columns},
                "excludeByName": {},
            },
        },
    ]
    options = {
        "showHeader": True,
        "frameIndex": 0,
        "cellHeight": "sm",
        "sortBy": [{"displayName": columns[0].title, "desc": False}],
    }
    looks = {
        **defaults("short", ((None, GREY),)),
        "custom": {"align": "auto", "inspect": False, "cellOptions": {"type": "auto"}},
    }
    overrides = [found for column in columns for found in _override(column)]
    return Panel(
        "table", title, description, queries, width, height, options, looks, overrides, transformations, instant=True
    )


def _field(source: str, single: bool) -> str:
    """Return what Grafana calls a column: a value after its query, unless there is only one."""
    if not source.startswith("#"):
        return source
    return "Value" if single else f"Value {source}"


def _override(column: Column) -> list[Mapping[str, Any]]:
    properties: list[Mapping[str, Any]] = []
    if column.unit:
        properties.append({"id": "unit", "value": column.unit})
    if column.words:
        properties.append({"id": "mappings", "value": mappings(column.words)})
    if column.steps:
        properties.append({"id": "thresholds", "value": thresholds(column.steps)})
    if column.words or column.steps:
        properties.append({"id": "custom.cellOptions", "value": {"type": "color-text"}})
    if column.width:
        properties.append({"id": "custom.width", "value": column.width})
    if not properties:
        return []
    return [{"matcher": {"id": "byName", "options": column.title}, "properties": properties}]
