# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All dashboards through Grafana's stand-in and the real Prometheus: on an idle house no panel is without data."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from tests.contract import idle_house
from tests.contract import prometheus_on_loopback as loopback
from tests.contract.grafana_on_loopback import Grafana, Numbers, environment, render
from tests.trials import dashboards as trial
from tests.unit.dashboard_plan import plan


@dataclass
class House:
    """Grafana, and the page with the numbers that it shows."""

    grafana: Grafana
    numbers: Numbers


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    with ExitStack() as stack:
        numbers = stack.enter_context(Numbers(idle_house.text(plan())))
        (folder / "media.prom").write_text("media_collector_written 1\n", encoding="utf-8")
        node = stack.enter_context(loopback.node_exporter(folder))
        prometheus = loopback.prometheus(folder, folder)
        jobs = {"house": numbers.target, "node-exporter": address(node), "prometheus": address(prometheus)}
        (folder / "prometheus.yml").write_text(configuration(jobs), encoding="utf-8")
        stack.enter_context(prometheus)
        render(folder, prometheus.url)
        grafana = stack.enter_context(Grafana(environment(folder)))
        wait_for_rates(prometheus)
        yield House(grafana, numbers)


def address(running: loopback.Running) -> str:
    return running.url.removeprefix("http://")


def configuration(jobs: dict[str, str]) -> str:
    scrapes = [
        {"job_name": name, "honor_labels": True, "static_configs": [{"targets": [at]}]} for name, at in jobs.items()
    ]
    return yaml.safe_dump({"global": {"scrape_interval": "1s"}, "scrape_configs": scrapes})


def wait_for_rates(prometheus: loopback.Running) -> None:
    """Wait until everything was asked twice: a rate is between two values."""
    end = time.monotonic() + 20
    while not loopback.value(prometheus, "min(count_over_time(up[1m])) > 2 and on() (count(up == 1) == 3)"):
        assert time.monotonic() < end, prometheus.log
        time.sleep(0.1)


def test_every_panel_of_an_idle_house_has_data(house: House) -> None:
    asked = trial.walk(house.grafana.ask_all)
    assert len(asked) > 120
    print(f"\n{len(asked)} queries of {len({(item.dashboard, item.panel) for item in asked})} panels")
    assert [str(item) for item in asked if item.reason] == []


def test_a_panel_without_data_and_a_query_that_is_none_are_told(house: House) -> None:
    """A control: the walk can find something."""

    def instead(expr: str) -> trial.Ask:
        def ask(questions: Sequence[trial.Question]) -> Sequence[tuple[int, Any]]:
            changed = [(method, path, _with(body, "media_tautulli_streams", expr)) for method, path, body in questions]
            return house.grafana.ask_all(changed)

        return ask

    silent = trial.silent(instead("media_tautulli_streams_of_yesterday"))
    assert {item.dashboard for item in silent} == {"Overview", "Playback"}
    assert {item.reason for item in silent} == {"no data"}
    broken = trial.silent(instead("sum("))
    assert [item.expr for item in broken] == [item.expr for item in silent]
    assert all("parse error" in item.reason for item in broken)


def _with(body: Any, expr: str, other: str) -> Any:
    """Return a question with another expression in the place of one."""
    if not body:
        return body
    queries = [{**query, "expr": other} if query["expr"] == expr else query for query in body["queries"]]
    return {**body, "queries": queries}


def test_the_data_source_passes_questions_on(house: House) -> None:
    path = "/api/datasources/proxy/uid/prometheus/api/v1/query?query=count(up)"
    answer = house.grafana.ask("GET", path)
    assert answer.json()["data"]["result"][0]["value"][1] == "3"
    assert house.grafana.ask("GET", path, user="").status_code == 401
    assert house.grafana.ask("GET", "/api/datasources/uid/prometheus/health").json()["status"] == "OK"
    assert house.grafana.ask("GET", path.replace("uid/prometheus", "uid/other")).status_code == 404


def test_every_page_shows_its_panels(house: House) -> None:
    for item in house.grafana.ask("GET", "/api/search?type=dash-db").json():
        page = house.grafana.ask("GET", item["url"]).text
        assert "No data" not in page and page.count('class="panel"') > 5, item["title"]
    assert "Alerts" in house.grafana.ask("GET", "/").text
