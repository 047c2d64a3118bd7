# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Grafana's own JSON schemas against every dashboard: the document, its panels, and their options and queries."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import grafana_dashboards
from jsonschema import Draft7Validator

from tests.unit.dashboard_plan import SETTINGS, plan

SCHEMAS = Path(__file__).resolve().parents[3] / "shared" / "contracts" / "grafana" / "jsonschema"

pytestmark = pytest.mark.skipif(
    not SCHEMAS.is_dir(), reason="Grafana's schemas are not here: ../shared/contracts/grafana"
)
#: Panels whose options upstream publishes a schema of.
KNOWN = ("gauge", "stat", "table", "timeseries")


def validator(name: str, definition: str = "") -> Draft7Validator:
    schema = json.loads((SCHEMAS / f"{name}.jsonschema.json").read_text(encoding="utf-8"))
    _mend(schema["definitions"])
    if definition:
        schema = {"$ref": f"#/definitions/{definition}", "definitions": schema["definitions"]}
    return Draft7Validator(schema)


def _mend(definitions: dict[str, Any]) -> None:
    """Put right what was lost when these schemas were made of upstream's types.

    "Any value" became "an object" in two places, where upstream's own dashboards have names and units; and the kinds of
    a cell do not tell each other apart, so that each fits several.
    """
    for name, key in (("MatcherConfig", "options"), ("DynamicConfigValue", "value")):
        if name in definitions:
            definitions[name]["properties"][key] = {}
    cells = definitions.get("TableCellOptions", {})
    if "oneOf" in cells:
        cells["anyOf"] = cells.pop("oneOf")


def errors(document: dict[str, Any]) -> list[str]:
    """Return what the schemas have against a dashboard."""
    return list(_errors(document))


def _errors(document: dict[str, Any]) -> Iterator[str]:
    yield from (_told("dashboard", error) for error in validator("dashboard").iter_errors(document))
    for panel in document["panels"]:
        place = f"panel {panel['title']}"
        if panel["type"] in KNOWN:
            found = validator(panel["type"], "Options").iter_errors(panel["options"])
            yield from (_told(f"{place}: options", error) for error in found)
        custom = panel.get("fieldConfig", {}).get("defaults", {}).get("custom")
        if panel["type"] in ("table", "timeseries") and custom:
            found = validator(panel["type"], "FieldConfig").iter_errors(custom)
            yield from (_told(f"{place}: custom", error) for error in found)
        for target in panel.get("targets") or ():
            # The name of the series is of the page's own part of the data source, which the schema is not about.
            asked = {key: value for key, value in target.items() if key != "legendFormat"}
            found = validator("prometheus").iter_errors(asked)
            yield from (_told(f"{place}: query", error) for error in found)


def _told(place: str, error: Any) -> str:
    return f"{place}: {'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"


def documents(without: list[str]) -> dict[str, dict[str, Any]]:
    found = grafana_dashboards.dashboards(plan(without), SETTINGS)
    return {name: json.loads(dashboard.text()) for name, dashboard in found.items()}


@pytest.mark.parametrize("without", [[], ["vpn", "nzbget"], ["authelia", "proxy"], ["cadvisor"]], ids=",".join)
def test_every_dashboard_is_what_the_schema_wants(without: list[str]) -> None:
    for name, document in documents(without).items():
        assert errors(document) == [], name


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("titel",), "Host"),
        (("refresh",), 30),
        (("panels", 1, "gridpos"), {}),
        (("panels", 1, "fieldConfig", "defaults", "units"), "s"),
        (("panels", 1, "fieldConfig", "defaults", "color", "mode"), "rainbow"),
        (("panels", 1, "options", "showThresholdMarker"), True),
        (("panels", 1, "targets", 0, "expression"), "up"),
        (("links", 0, "type"), "page"),
        (("panels", 1, "options", "orientation"), 3),
    ],
)
def test_the_judge_can_say_no(place: tuple[Any, ...], value: Any) -> None:
    document = copy.deepcopy(documents([])["host"])
    here: Any = document
    for key in place[:-1]:
        here = here[key]
    here[place[-1]] = value
    assert errors(document) != []
