# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demo host watched: every target is up, every panel shows something, and what is off is watched no more."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.bed.shell import BedError, wait_for, wait_for_none
from tests.trials.dashboards import on_demo, silent, walk
from tests.trials.demo import Demo
from tests.trials.door import plan
from tests.trials.play import play
from tests.trials.watch import GRAFANA, ask, memory, prometheus, query, rules, targets

SET = ("prometheus", "alertmanager", "grafana")

#: What is told for a quarter of an hour, and is true: other trials have restarted services, and have flushed the pod's
#: rules, so that the host's had to stop what the pod's should have stopped.
OF_OTHER_TRIALS = ("ServiceRestarting", "TunnelLeak")


@pytest.fixture(scope="module")
def published(demo: Demo) -> dict[str, Any]:
    return plan()


def down(demo: Demo) -> list[str]:
    return [
        f"{one['scrapeUrl']}: {one['lastError'] or one['health']}" for one in targets(demo) if one["health"] != "up"
    ]


def test_every_target_is_up(demo: Demo, published: dict[str, Any], figures: list[str]) -> None:
    wait_for("every target is up", lambda: down(demo) == [], seconds=150)
    found = targets(demo)
    asked = {(one["labels"]["job"], one["labels"]["service"]) for one in found}
    declared = {(one["job"], one["service"]) for one in published["metrics"]}
    assert declared <= asked
    assert len(declared) >= 12
    probed = {one["labels"]["instance"] for one in found if one["labels"]["job"] == "pages"}
    assert {f"https://{name}/" for page in published["pages"] for name in page["names"]} == probed
    figures.append(f"Prometheus {prometheus(demo, 'status/buildinfo')['version']}: {len(found)} targets, all up")


def test_control_a_target_that_is_gone_is_seen(demo: Demo) -> None:
    demo.inner("pause", demo.name("exportarr-lidarr"))
    try:
        wait_for("the paused target is down", lambda: len(down(demo)) == 1, seconds=120)
        assert "exportarr-lidarr" in down(demo)[0]
    finally:
        demo.inner("unpause", demo.name("exportarr-lidarr"))
    wait_for("it is up again", lambda: down(demo) == [], seconds=120)


def test_every_published_name_answers_as_it_should(demo: Demo) -> None:
    def failing() -> list[str]:
        return [one["metric"]["instance"] for one in query(demo, "probe_success == 0")]

    wait_for("every probe succeeds", lambda: failing() == [] and query(demo, "probe_success") != [], seconds=120)


def test_no_rule_is_in_error_and_nothing_is_wrong(demo: Demo, figures: list[str]) -> None:
    found = rules(demo)
    assert [rule for rule in found if rule["health"] == "err"] == []
    figures.append(f"{sum(rule['type'] == 'alerting' for rule in found)} alert rules")

    def serious() -> list[dict[str, str]]:
        alerts = [one["labels"] for one in prometheus(demo, "alerts")["alerts"]]
        loud = [one for one in alerts if one["alertname"] not in OF_OTHER_TRIALS]
        return [one for one in loud if one["severity"] in ("critical", "warning")]

    # An application that was started before Prowlarr asks it again after a minute.
    wait_for_none("nothing is wrong with the demo", serious, seconds=180)


def test_every_panel_shows_something(demo: Demo, figures: list[str]) -> None:
    ask_grafana = on_demo(demo)
    with contextlib.suppress(BedError):
        wait_for("every panel has data", lambda: silent(ask_grafana) == [], seconds=180, every=5)
    found = walk(ask_grafana)
    assert [str(one) for one in found if one.reason] == []
    titles = {one.dashboard for one in found}
    assert len(titles) >= 6
    panels = {(one.dashboard, one.panel) for one in found}
    figures.append(f"{len(titles)} dashboards, {len(panels)} panels, {len(found)} queries: all with data")


@pytest.mark.parametrize("source", ["prometheus", "alertmanager"])
def test_nobody_but_the_front_door_says_who_somebody_is(demo: Demo, source: str) -> None:
    """A neighbour on Grafana's network claims to be the administrator."""
    command = ["wget", "-q", "-O", "-", "--header", "Remote-User: admin", "http://grafana:3000/api/user"]
    with pytest.raises(BedError, match="401"):
        demo.inner("exec", demo.name(source), *command)
    assert ask(demo, GRAFANA, "/api/user", {"Remote-User": "admin"})[0] == 401


def test_memory_of_the_whole_set(demo: Demo, figures: list[str]) -> None:
    found = memory(demo, "monitoring")
    assert len(found) >= 12
    for name, (used, limit) in sorted(found.items()):
        figures.append(f"memory of {name}: {used / 2**20:.0f} of {limit / 2**20:.0f} MiB")
        assert 0 < used < limit * 0.9
    whole, allowed = (sum(pair[index] for pair in found.values()) / 2**20 for index in (0, 1))
    figures.append(f"memory of the whole monitoring set: {whole:.0f} MiB of {allowed:.0f} MiB allowed")


@pytest.fixture(scope="module")
def everything_back(demo: Demo) -> Iterator[Callable[[], None]]:
    """What brings the demo back to what is declared; a trial that fails leaves nothing off for the next file."""
    done = []

    def bring() -> None:
        run = play("site.yml")
        assert run.code == 0, run.output[-4000:]
        done.append(run)

    yield bring
    if not done:
        bring()


@pytest.mark.long
def test_without_monitoring_nothing_of_it_is_left_but_its_state(
    demo: Demo, everything_back: Callable[[], None]
) -> None:
    off = {"media_services_disabled": list(SET)}
    run = play("site.yml", variables=off)
    assert run.code == 0, run.output[-4000:]
    assert demo.inner("ps", "--all", "--quiet", "--filter", "label=homelab.media.role=monitoring") == ""
    folders = demo.host.exec("ls", "/opt/media/config").split()
    assert not {*SET, "blackbox", "redis-exporter"} & set(folders)
    assert set(SET) <= set(demo.host.exec("ls", "/opt/media/state").split())
    networks = demo.inner("network", "ls", "--format", "{{.Name}}").split()
    assert not [name for name in networks if "metrics-" in name or name.endswith("_monitoring")], networks
    assert play("site.yml", variables=off).changed == 0


@pytest.mark.long
def test_the_history_is_there_when_it_is_back(demo: Demo, everything_back: Callable[[], None]) -> None:
    everything_back()
    oldest = float(query(demo, "prometheus_tsdb_lowest_timestamp_seconds")[0]["value"][1])
    started = float(query(demo, "process_start_time_seconds{job='prometheus'}")[0]["value"][1])
    assert oldest < started < time.time()
