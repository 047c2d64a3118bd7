# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the monitoring sees the house: every target answers, no rule is in error, everybody is connected."""

from __future__ import annotations

import time
import urllib.parse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.homelab.media.plugins.module_utils.monitoring_api import Client, Refused
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Problem

#: Seconds between two looks while somebody is still to answer.
PAUSE = 1.0


@dataclass(frozen=True)
class Expected:
    """What there has to be.

    targets: service and target of each, as media_plan.metrics has them. pages: service and address of each published
    page of a service. alertmanager: whether Prometheus tells one. grafana: url, username, password and source.
    """

    url: str
    targets: Sequence[Mapping[str, str]] = ()
    pages: Sequence[Mapping[str, str]] = ()
    alertmanager: bool = False
    grafana: Mapping[str, str] = field(default_factory=dict, repr=False)


def wait(expected: Expected, seconds: float) -> list[Problem]:
    """Look until all is well, or the time is up; return what is not well then."""
    end = time.monotonic() + seconds
    while True:
        problems = look(expected)
        if not problems or time.monotonic() > end:
            return problems
        time.sleep(PAUSE)


def look(expected: Expected) -> list[Problem]:
    """Return everything that is not as expected now."""
    client = Client("Prometheus", expected.url)
    found: list[Problem] = []
    for question in (_targets, _pages, _rules, _alertmanager):
        try:
            found += question(client, expected)
        except MediaError as error:
            found += error.problems
    if expected.grafana:
        found += _source(expected.grafana)
    return sorted(set(found))


def _targets(client: Client, expected: Expected) -> Iterable[Problem]:
    seen = {
        (item["labels"].get("service"), item["labels"].get("instance")): item
        for item in client.data("/api/v1/targets?state=active")["activeTargets"]
    }
    wanted = [(entry["service"], entry["target"]) for entry in expected.targets]
    wanted += [(entry["service"], entry["address"]) for entry in expected.pages]
    for service, instance in wanted:
        item = seen.get((service, instance))
        if item is None:
            yield Problem(f"{service} at {instance}", "is not asked by Prometheus", "a target of the configuration")
        elif item["health"] != "up":
            said = item.get("lastError") or "it was not asked yet"
            yield Problem(f"{service} at {instance}", f"tells Prometheus no numbers: {said}", "an answer with numbers")


def _pages(client: Client, expected: Expected) -> Iterable[Problem]:
    if not expected.pages:
        return
    query = urllib.parse.quote("probe_success == 0")
    for item in client.data(f"/api/v1/query?query={query}")["result"]:
        page = {"service": item["metric"].get("service"), "address": item["metric"].get("instance")}
        if page in expected.pages:
            reason = "does not answer a stranger as its access says, or its certificate is not known"
            yield Problem(
                str(page["address"]), reason, "what module front_door_info asks for, of an authority that is known"
            )


def _rules(client: Client, _expected: Expected) -> Iterable[Problem]:
    for group in client.data("/api/v1/rules")["groups"]:
        for rule in group["rules"]:
            if rule.get("health") == "err":
                reason = f"cannot be evaluated: {rule.get('lastError')}"
                yield Problem(f"rule {rule.get('name')} in {group['name']}", reason, "an expression that has a value")


def _alertmanager(client: Client, expected: Expected) -> Iterable[Problem]:
    if expected.alertmanager and not client.data("/api/v1/alertmanagers")["activeAlertmanagers"]:
        yield Problem("alertmanager", "is not known to Prometheus", "an Alertmanager that alerts are sent to")


def _source(grafana: Mapping[str, str]) -> list[Problem]:
    """Ask Grafana for its source of numbers, which asks Prometheus."""
    client = Client("Grafana", grafana["url"], (grafana["username"], grafana["password"]))
    try:
        answer = client.json(f"/api/datasources/uid/{grafana['source']}/health")
    except Refused as error:
        expected = "a source that answers, and monitoring_grafana_admin_password as Grafana has it"
        return [Problem("Grafana", f"does not reach its source: {error.words[:300]}", expected)]
    except MediaError as error:
        return error.problems
    if not isinstance(answer, Mapping) or answer.get("status") != "OK":
        return [Problem("Grafana", f"does not reach its source: {answer}", "a source that answers")]
    return []
