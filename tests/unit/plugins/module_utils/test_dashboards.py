# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The dashboards: what is there for which house, and where it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import grafana_dashboards
from ansible_collections.homelab.media.plugins.module_utils.dashboard import Dashboard, Section
from ansible_collections.homelab.media.plugins.module_utils.dashboard_panels import Query, stat, states, timeseries
from ansible_collections.homelab.media.plugins.module_utils.dashboard_table import Column, table

from tests.unit.dashboard_plan import SETTINGS, plan

#: What goes with a service: dashboards, and words of queries that no panel has any more.
WITHOUT = [
    (["vpn", "nzbget"], {"tunnel"}, ["media_vpn", "media_nzbget"]),
    (["nzbget"], set(), ["media_nzbget", "media_vpn_tenant_up"]),
    (["tautulli"], {"playback"}, ["media_tautulli"]),
    (["authelia", "proxy"], {"door"}, ["authelia_", "probe_", "redis_", "media_certificate"]),
    (["prowlarr"], set(), ["prowlarr"]),
    (["sonarr", "sonarr-4k", "sonarr-anime"], set(), ["sonarr"]),
    (["unpackerr"], set(), ["unpackerr"]),
    (["bouncer"], set(), ["fail2ban"]),
    (["blackbox"], set(), ["probe_"]),
    (["cadvisor"], set(), ["container_"]),
    (["node-exporter"], {"host", "tunnel", "playback", "converge"}, ["media_service_up", "media_converge", "node_"]),
]


def dashboards(without: list[str] | None = None, **settings: Any) -> dict[str, dict[str, Any]]:
    found = grafana_dashboards.dashboards(plan(without or []), {**SETTINGS, **settings})
    return {name: json.loads(dashboard.text()) for name, dashboard in found.items()}


def panels(documents: dict[str, dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, document in documents.items():
        for panel in document["panels"]:
            yield f"{name}: {panel['title']}", panel


def queries(documents: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for name, panel in panels(documents):
        for target in panel.get("targets") or ():
            yield f"{name} {target['refId']}", target["expr"]


def overlapping(document: dict[str, Any]) -> list[str]:
    """Return the panels that lie on another one, or beside the page."""
    taken: dict[tuple[int, int], str] = {}
    found = []
    for panel in document["panels"]:
        at = panel["gridPos"]
        cells = [(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])]
        if any(cell in taken for cell in cells) or at["x"] + at["w"] > 24:
            found.append(panel["title"])
        taken.update(dict.fromkeys(cells, panel["title"]))
    return found


def test_the_whole_house_has_every_dashboard() -> None:
    documents = dashboards()
    assert tuple(documents) == grafana_dashboards.NAMES
    assert len({document["uid"] for document in documents.values()}) == len(documents)
    assert len({document["title"] for document in documents.values()}) == len(documents)
    for document in documents.values():
        assert "id" not in document and document["refresh"] == "30s" and document["tags"] == ["media"]
        assert document["templating"]["list"] == []


def test_addresses_stay() -> None:
    names = ("overview", "host", "tunnel", "pipeline", "playback", "door", "containers", "converge")
    assert {name: document["uid"] for name, document in dashboards().items()} == {
        name: f"media-{name}" for name in names
    }


@pytest.mark.parametrize("without", [[], *(services for services, _gone, _words in WITHOUT)], ids=",".join)
def test_no_panel_lies_on_another_and_every_line_is_full(without: list[str]) -> None:
    for name, document in dashboards(without).items():
        assert overlapping(document) == [], name
        lines: dict[int, int] = {}
        for panel in document["panels"]:
            lines[panel["gridPos"]["y"]] = lines.get(panel["gridPos"]["y"], 0) + panel["gridPos"]["w"]
        assert set(lines.values()) == {24}, name
        numbers = [panel["id"] for panel in document["panels"]]
        assert numbers == list(range(1, len(numbers) + 1))


def test_the_judge_of_places_can_say_no() -> None:
    document = dashboards()["host"]
    document["panels"][1]["gridPos"]["x"] -= 1
    assert overlapping(document) == [document["panels"][1]["title"]]


@pytest.mark.parametrize(("without", "gone", "words"), WITHOUT, ids=lambda words: ",".join(sorted(words)))
def test_what_is_not_there_is_not_shown(without: list[str], gone: set[str], words: list[str]) -> None:
    whole, documents = dashboards(), dashboards(without)
    assert set(whole) - set(documents) == gone
    for word in words:
        assert any(word in expr for _place, expr in queries(whole)), word
        assert [place for place, expr in queries(documents) if word in expr] == []


def test_backups_are_shown_where_there_are_any() -> None:
    assert any("media_backup" in expr for _place, expr in queries(dashboards()))
    assert not any("media_backup" in expr for _place, expr in queries(dashboards(monitoring_backups={})))


def test_a_section_without_panels_has_no_title() -> None:
    titles = [panel["title"] for _name, panel in panels(dashboards(["unpackerr", "nzbget", "vpn"]))]
    assert "Downloader" not in titles and "Indexers" in titles


def test_without_grafana_there_is_no_file() -> None:
    assert grafana_dashboards.text(plan(["grafana"]), SETTINGS, "host") == ""
    assert grafana_dashboards.text(plan(["vpn", "nzbget"]), SETTINGS, "tunnel") == ""
    assert json.loads(grafana_dashboards.text(plan(), SETTINGS, "tunnel"))["uid"] == "media-tunnel"


def test_nothing_is_asked_that_only_grafana_could_fill_in() -> None:
    """No variables: a query is the same for whoever asks it, Prometheus's own page and the tests among them."""
    assert [place for place, expr in queries(dashboards()) if "$" in expr] == []


def test_rates_are_over_several_values() -> None:
    shortest = {span for _place, expr in queries(dashboards()) for span in re.findall(r"\[(\w+)\]", expr)}
    assert shortest <= {"5m", "1h", "6h", "24h", "7d"}


def test_every_panel_says_what_it_is_and_every_series_has_a_name() -> None:
    for place, panel in panels(dashboards()):
        if panel["type"] == "row":
            continue
        assert panel["title"], place
        assert panel["datasource"] == {"type": "prometheus", "uid": "prometheus"}
        if len(panel["targets"]) > 1 and panel["type"] != "table":
            assert all(target["legendFormat"] != "__auto" for target in panel["targets"]), place


def test_a_table_shows_its_columns_and_no_others() -> None:
    columns = [
        Column("service", "Service"),
        Column("#A", "Up", words={1: ("yes", "green")}),
        Column("#B", "Since", "s"),
    ]
    one = table("One", "", columns[:2], Query("up")).document()
    two = table("Two", "", columns, Query("up"), Query("time()")).document()
    keep, order = one["transformations"]
    assert keep["options"]["include"]["names"] == ["service", "Value"]
    assert order["options"]["renameByName"] == {"service": "Service", "Value": "Up"}
    assert [item["id"] for item in two["transformations"]] == ["merge", "filterFieldsByName", "organize"]
    assert two["transformations"][1]["options"]["include"]["names"] == ["service", "Value #A", "Value #B"]
    assert [item["matcher"]["options"] for item in two["fieldConfig"]["overrides"]] == ["Up", "Since"]
    assert all(target["format"] == "table" and target["instant"] for target in two["targets"])


def test_lines_break_before_they_are_too_long_and_are_of_one_height() -> None:
    small, wide = (stat("Small", "", Query("up"), width=5), timeseries("Wide", "", Query("up"), width=16, height=9))
    shown = Dashboard("a", "A", "", [Section("", [small, wide, small, states("All", "", Query("up"))])]).document()
    places = [tuple(panel["gridPos"][key] for key in "xywh") for panel in shown["panels"]]
    assert places == [(0, 0, 7, 9), (7, 0, 17, 9), (0, 9, 24, 4), (0, 13, 24, 8)]
