# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kinds of panels that our dashboards have, each with the looks that all of its kind share."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.dashboard_looks import (
    FILLING,
    GREY,
    PLAIN,
    UP_OR_DOWN,
    Steps,
    Words,
    defaults,
)

#: The data source, as it is provisioned under this uid.
SOURCE = {"type": "prometheus", "uid": "prometheus"}
#: Of the panels' own formats. Without it Grafana takes them for those of a version that nobody has any more.
VERSION = "13.0.0"


@dataclass(frozen=True)
class Query:
    """One expression, and what its series are called: a text, with labels as {{label}}."""

    expr: str
    legend: str = ""


@dataclass(frozen=True)
class Panel:
    """One panel, complete but for its place and its number."""

    kind: str
    title: str
    description: str
    queries: Sequence[Query]
    width: int
    height: int
    options: Mapping[str, Any]
    defaults: Mapping[str, Any]
    overrides: Sequence[Mapping[str, Any]] = ()
    transformations: Sequence[Mapping[str, Any]] = ()
    instant: bool = False

    def document(self) -> dict[str, Any]:
        return {
            "type": self.kind,
            "title": self.title,
            "description": self.description,
            "pluginVersion": VERSION,
            "datasource": dict(SOURCE),
            "targets": [self._target(*item) for item in zip(string.ascii_uppercase, self.queries)],
            "fieldConfig": {"defaults": dict(self.defaults), "overrides": list(self.overrides)},
            "options": dict(self.options),
            **({"transformations": list(self.transformations)} if self.transformations else {}),
        }

    def _target(self, reference: str, query: Query) -> dict[str, Any]:
        return {
            "refId": reference,
            "datasource": dict(SOURCE),
            "editorMode": "code",
            "expr": query.expr,
            "legendFormat": query.legend or "__auto",
            "format": "table" if self.kind == "table" else "time_series",
            "instant": self.instant,
            "range": not self.instant,
        }


def timeseries(
    title: str,
    description: str,
    *queries: Query,
    unit: str = "short",
    width: int = 12,
    height: int = 8,
    maximum: float | None = None,
    stacked: bool = False,
    bars: bool = False,
    steps: Steps = (),
) -> Panel:
    """Return lines over time, or bars. steps: drawn as lines across."""
    custom = {
        "drawStyle": "bars" if bars else "line",
        "lineInterpolation": "smooth",
        "lineWidth": 1,
        "fillOpacity": 80 if bars else 30 if stacked else 12,
        "gradientMode": "none" if bars else "opacity",
        "showPoints": "never",
        "spanNulls": False,
        "axisSoftMin": 0,
        "stacking": {"mode": "normal" if stacked else "none", "group": "A"},
        "thresholdsStyle": {"mode": "dashed" if steps else "off"},
    }
    looks = defaults(unit, steps or PLAIN, {"mode": "palette-classic"}, maximum=maximum)
    options = {
        "legend": {"displayMode": "table", "placement": "right", "showLegend": True, "calcs": ["lastNotNull", "max"]},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    if all("{{" not in query.legend for query in queries):
        options["legend"] = {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []}
    return Panel("timeseries", title, description, queries, width, height, options, {**looks, "custom": custom})


def stat(
    title: str,
    description: str,
    *queries: Query,
    unit: str = "short",
    width: int = 4,
    height: int = 4,
    steps: Steps = PLAIN,
    words: Words | None = None,
    curve: bool = False,
    decimals: int | None = None,
) -> Panel:
    """Return one large value, or one a series. curve: with its course behind it."""
    options = {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "orientation": "auto",
        "textMode": "auto",
        "colorMode": "value" if curve else "background",
        "graphMode": "area" if curve else "none",
        "justifyMode": "auto",
        "wideLayout": True,
        "showPercentChange": False,
        "percentChangeColorMode": "standard",
    }
    looks = defaults(unit, steps, words=words, decimals=decimals)
    return Panel("stat", title, description, queries, width, height, options, looks, instant=not curve)


def gauge(
    title: str, description: str, *queries: Query, steps: Steps = FILLING, width: int = 4, height: int = 6
) -> Panel:
    """Return a share of a whole as a dial."""
    options = {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "orientation": "auto",
        "showThresholdLabels": False,
        "showThresholdMarkers": True,
        "sizing": "auto",
        "minVizWidth": 75,
        "minVizHeight": 75,
    }
    looks = defaults("percentunit", steps, maximum=1, decimals=0)
    return Panel("gauge", title, description, queries, width, height, options, looks, instant=True)


def bars(
    title: str,
    description: str,
    *queries: Query,
    unit: str = "percentunit",
    steps: Steps = FILLING,
    maximum: float | None = 1,
    width: int = 12,
    height: int = 8,
) -> Panel:
    """Return one bar for each series, for now."""
    options = {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "orientation": "horizontal",
        "displayMode": "gradient",
        "valueMode": "color",
        "namePlacement": "auto",
        "showUnfilled": True,
        "sizing": "auto",
        "minVizWidth": 8,
        "minVizHeight": 16,
        "maxVizHeight": 40,
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": False, "calcs": []},
    }
    looks = defaults(unit, steps, maximum=maximum)
    return Panel("bargauge", title, description, queries, width, height, options, looks, instant=True)


def states(
    title: str, description: str, *queries: Query, words: Words | None = None, width: int = 24, height: int = 8
) -> Panel:
    """Return one band for each series, coloured by what it was at a time."""
    options = {
        "mergeValues": True,
        "showValue": "never",
        "alignValue": "left",
        "rowHeight": 0.85,
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": False, "calcs": []},
        "tooltip": {"mode": "single", "sort": "none"},
    }
    custom = {"lineWidth": 0, "fillOpacity": 75, "spanNulls": False}
    looks = {**defaults("short", ((None, GREY),), words=words or UP_OR_DOWN), "custom": custom}
    return Panel("state-timeline", title, description, queries, width, height, options, looks)
