# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole way of an alert through the real Prometheus and Alertmanager, with what the role renders for both."""

from __future__ import annotations

import json
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.homelab.media.plugins.module_utils import (
    alert_config,
    alert_receivers,
    alert_rules,
    secret_tokens,
)
from jsonschema import Draft202012Validator

from tests.contract.alert_hook import Hook
from tests.contract.prometheus_on_loopback import Running, alertmanager, run
from tests.unit.alert_house import PLAN, settings

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = ROOT.parent / "shared" / "contracts" / "alertmanager" / "openapi-v2.yaml"
TEMPLATE = ROOT / "roles" / "monitoring" / "files" / "alertmanager.tmpl"
#: What this Alertmanager does not tell yet: it is older than the contract.
LATER = ("mutedBy",)

NZBGET = 'media_service_up{service="nzbget",container="nzbget"}'
SONARR = 'media_service_up{service="sonarr",container="sonarr"}'
RADARR = 'media_service_up{service="radarr",container="radarr"}'
PAGE = 'probe_success{service="sonarr",instance="https://sonarr.media.test/",access="two_factor"}'
WELL = {
    NZBGET: 1,
    SONARR: 1,
    RADARR: 1,
    PAGE: 1,
    "media_vpn_up": 1,
    "media_vpn_checked_timestamp_seconds": 4e9,
    'node_textfile_mtime_seconds{file="/textfile/media.prom"}': 4e9,
}
QUICK: dict[str, Any] = {"for": "1s"}


@dataclass
class Bed:
    hook: Hook
    prometheus: Running
    alertmanager: Running
    file: Path

    def alert(self, name: str) -> dict[str, Any]:
        """Return an alert about a service as Alertmanager has it, as soon as it does."""
        end = time.monotonic() + 60
        while True:
            for alert in self.api("/alerts"):
                if f"{alert['labels']['alertname']} {alert['labels'].get('service')}" == name:
                    return dict(alert)
            assert time.monotonic() < end, self.prometheus.ask("/api/v1/alerts")[0]
            time.sleep(0.05)

    def api(self, path: str) -> Any:
        return json.loads(self.alertmanager.ask(f"/api/v2{path}")[0])


def rendered(hook: Hook) -> dict[str, Any]:
    """Return the variables of a person who wants to know at once."""
    return settings(
        monitoring_receivers=[
            {"name": "hook", "type": "webhook", "url": f"http://{hook.place}/hook", "token": "t0ken-of-the-hook"},
            {"name": "quiet", "type": "webhook", "url": f"http://{hook.place}/quiet", "resolved": False},
            {"name": "phone", "type": "ntfy", "url": f"http://{hook.place}", "topic": "house-9f31c2"},
            {"name": "beat", "type": "webhook", "url": f"http://{hook.place}/beat", "watchdog": True, "repeat": "1s"},
        ],
        monitoring_alerts={"ServiceDown": QUICK, "ProbeFailed": QUICK, "TunnelDown": QUICK, "TargetDown": QUICK},
        monitoring_alert_wait="1s",
        monitoring_alert_interval="1s",
    )


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    tmp_path = tmp_path_factory.mktemp("alerts")
    prepared = {name: tmp_path / name for name in ("prometheus", "alertmanager")}
    for folder in prepared.values():
        folder.mkdir()
    with Hook(numbers=dict(WELL)) as hook:
        said = rendered(hook)
        _configure_alertmanager(prepared["alertmanager"], said)
        with alertmanager(prepared["alertmanager"], tmp_path) as tells:
            (prepared["prometheus"] / "media.yml").write_text(alert_rules.text(PLAN, said), encoding="utf-8")
            (prepared["prometheus"] / "prometheus.yml").write_text(
                yaml.safe_dump(
                    {
                        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
                        "rule_files": ["media.yml"],
                        "alerting": {
                            "alertmanagers": [{"static_configs": [{"targets": [tells.url.removeprefix("http://")]}]}]
                        },
                        "scrape_configs": [
                            {"job_name": "x", "honor_labels": True, "static_configs": [{"targets": [hook.place]}]}
                        ],
                    }
                ),
                encoding="utf-8",
            )
            with _prometheus(prepared["prometheus"], tmp_path) as watches:
                yield Bed(hook, watches, tells, prepared["alertmanager"] / "alertmanager.yml")


def _prometheus(folder: Path, scratch: Path) -> Running:
    """What it tells before it has found Alertmanager is lost, and told again later: here soon, not after a minute."""
    return Running(
        scratch,
        "prometheus",
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={scratch}/prometheus-data",
        "--rules.alert.resend-delay=1s",
        "--web.listen-address=127.0.0.1:{port}",
        ready="/-/ready",
    )


def _configure_alertmanager(folder: Path, said: dict[str, Any]) -> None:
    """Put the files as the host has them into a folder."""
    secrets = {name: item["value"] for name, item in alert_receivers.secrets(said["monitoring_receivers"]).items()}
    text = secret_tokens.replace(alert_config.text(PLAN, said), secrets.get)
    (folder / "templates").mkdir()
    shutil.copy(TEMPLATE, folder / "templates" / "media.tmpl")
    (folder / "alertmanager.yml").write_text(text.replace("/etc/alertmanager", str(folder)), encoding="utf-8")


def test_an_alert_reaches_who_is_to_be_told_and_so_does_its_end(bed: Bed) -> None:
    bed.hook.numbers[NZBGET] = 0
    first = bed.hook.wait("/hook", lambda one: "ServiceDown nzbget" in one.alerts("firing"))
    (alert,) = [one for one in first.body["alerts"] if one["labels"].get("service") == "nzbget"]
    assert alert["labels"] == {
        **{"alertname": "ServiceDown", "severity": "critical"},
        **{"service": "nzbget", "container": "nzbget"},
    }
    assert alert["annotations"]["summary"] == "nzbget is down"
    assert "site.yml" in alert["annotations"]["action"]
    assert first.headers["authorization"] == "Bearer t0ken-of-the-hook"

    said = bed.hook.wait("/house-9f31c2", lambda one: "ServiceDown nzbget" in one.alerts("firing"))
    assert said.query["priority"] == ["5"]
    assert "{{.annotations.action}}" in said.query["message"][0]

    bed.hook.numbers[NZBGET] = 1
    bed.hook.wait("/hook", lambda one: "ServiceDown nzbget" in one.alerts("resolved"))
    bed.hook.wait("/house-9f31c2", lambda one: "ServiceDown nzbget" in one.alerts("resolved"))
    # Who does not want to know of the end was told of the beginning.
    bed.hook.wait("/quiet", lambda one: "ServiceDown nzbget" in one.alerts("firing"))
    assert not [one for one in bed.hook.messages if one.path == "/quiet" and one.alerts("resolved")]


def test_who_waits_for_the_watchdog_hears_it_again_and_again_and_nothing_else(bed: Bed) -> None:
    bed.hook.numbers[RADARR] = 0
    bed.hook.wait("/hook", lambda one: "ServiceDown radarr" in one.alerts("firing"))
    bed.hook.wait("/beat", lambda _one: len([one for one in bed.hook.messages if one.path == "/beat"]) > 2)
    for message in bed.hook.messages:
        assert (message.alerts("firing") == ["Watchdog"]) is (message.path == "/beat"), message


def test_what_follows_from_something_else_is_not_told(bed: Bed) -> None:
    bed.hook.numbers[SONARR] = 0
    bed.hook.wait("/hook", lambda one: "ServiceDown sonarr" in one.alerts("firing"))
    bed.hook.numbers[PAGE] = 0
    cause = bed.alert("ServiceDown sonarr")
    follows = bed.alert("ProbeFailed sonarr")
    assert follows["status"] == {**follows["status"], "state": "suppressed", "inhibitedBy": [cause["fingerprint"]]}

    # By itself it is told: that it was not before is the other alert's doing.
    bed.hook.numbers[SONARR] = 1
    bed.hook.wait("/hook", lambda one: "ProbeFailed sonarr" in one.alerts("firing"))


def test_the_answers_keep_the_contract(bed: Bed) -> None:
    if not CONTRACT.is_file():
        pytest.skip("Alertmanager's API is not here: ../shared/contracts")
    bed.hook.numbers["media_vpn_up"] = 0
    bed.alert("TunnelDown vpn")
    for path, definition in (("/alerts", "gettableAlerts"), ("/status", "alertmanagerStatus")):
        errors = list(_schema(definition).iter_errors(bed.api(path)))
        assert not errors, errors
    broken = [{**bed.alert("TunnelDown vpn"), "fingerprint": 1}]
    assert list(_schema("gettableAlerts").iter_errors(broken))


def _schema(definition: str) -> Draft202012Validator:
    document = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))
    needed = document["definitions"]["alertStatus"]["required"]
    document["definitions"]["alertStatus"]["required"] = [name for name in needed if name not in LATER]
    return Draft202012Validator({"$ref": f"#/definitions/{definition}", "definitions": document["definitions"]})


def test_a_configuration_that_is_wrong_is_refused_and_the_old_one_stays(bed: Bed) -> None:
    file, good = bed.file, bed.file.read_text(encoding="utf-8")
    assert run("amtool", "check-config", str(file)).returncode == 0
    file.write_text(good.replace('receiver: "nobody"', 'receiver: "somebody"'), encoding="utf-8")
    assert run("amtool", "check-config", str(file)).returncode != 0

    with pytest.raises(urllib.error.HTTPError, match="500"):
        urllib.request.urlopen(urllib.request.Request(f"{bed.alertmanager.url}/-/reload", method="POST"), timeout=10)
    # The alert by which a person hears of it: the number that it watches is there, and says so.
    assert "alertmanager_config_last_reload_successful 0" in bed.alertmanager.ask("/metrics")[0]
    assert "nobody" in bed.api("/status")["config"]["original"]


def test_the_texts_of_mails_are_for_people(tmp_path: Path) -> None:
    said = {
        "Status": "firing",
        "CommonLabels": {"severity": "critical"},
        "Alerts": [
            {
                "Status": "firing",
                "Annotations": {"summary": "A is down", "description": "It is.", "action": "Start it."},
                "StartsAt": "2025-01-02T03:04:05Z",
            },
            {
                "Status": "resolved",
                "Annotations": {"summary": "B is down"},
                "StartsAt": "2025-01-02T01:00:00Z",
                "EndsAt": "2025-01-02T02:00:00Z",
            },
        ],
    }
    data = tmp_path / "data.json"
    data.write_text(json.dumps(said), encoding="utf-8")

    def text(name: str) -> str:
        words = ("--template.glob", str(TEMPLATE), "--template.data", str(data))
        return run("amtool", "template", "render", *words, "--template.text", f'{{{{ template "{name}" . }}}}').stdout

    assert text("media.title").strip() == "[critical] A is down (1 on, 1 over)"
    assert text("media.text").split("\n")[:4] == [
        "A is down",
        "It is.",
        "What to do: Start it.",
        "Since 2025-01-02 03:04 UTC",
    ]
    assert "Over: B is down (from 2025-01-02 01:00 to 02:00 UTC)" in text("media.text")
