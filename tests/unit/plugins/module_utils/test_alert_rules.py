# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An alert is there when what it is about is, and as a person adjusted it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.homelab.media.plugins.module_utils import alert_rules, alert_yaml

from tests.unit.alert_house import HOOK, PLAN, plan, settings

README = Path(__file__).parents[4] / "roles" / "monitoring" / "README.md"
TUNNEL = {
    *("VpnPodDown", "TunnelDown", "TunnelCheckStale", "TunnelLeak", "ExitIsHome", "TenantOutside"),
    "KillSwitchMissing",
}
QUEUES = {"QueueStuck", "ImportFailed"}
APPLICATIONS = {*QUEUES, "ApplicationHealth", "ApplicationSilent", "IndexerDown"}
ALL = alert_rules.names(PLAN, settings())


def rules(given: dict[str, Any], **more: Any) -> dict[str, dict[str, Any]]:
    document = yaml.safe_load(alert_rules.text(given, settings(**more)))
    return {rule["alert"]: rule for group in document["groups"] for rule in group["rules"]}


def test_all_that_are_on_without_being_asked_for_are_there() -> None:
    assert set(alert_rules.RULES) - ALL == {"ConvergeTooOld"}
    assert set(rules(PLAN)) == ALL


@pytest.mark.parametrize(
    ("less", "gone"),
    [
        (plan(services=("vpn", "vpn-pod", "nzbget")), TUNNEL),
        (plan(services=("nzbget",)), {"TenantOutside"}),
        (plan(metrics=("exportarr-prowlarr",)), {"IndexerDown"}),
        (plan(metrics=("exportarr-sonarr", "exportarr-radarr")), QUEUES),
        (plan(metrics=("exportarr-sonarr", "exportarr-radarr", "exportarr-prowlarr")), APPLICATIONS),
        (plan(metrics=("cadvisor",)), {"OutOfMemory", "MemoryNearLimit"}),
        (plan(metrics=("redis-authelia-redis",)), {"RedisDown"}),
        (plan(metrics=("authelia",)), {"SignInFailures"}),
        (plan(metrics=("alertmanager",)), {"AlertsNotSent", "AlertmanagerReloadFailed", "NotificationsFailing"}),
        (plan(metrics=("unpackerr",)), {"UnpackFailed"}),
        (plan(metrics=("watchtower",)), {"UpdateFailed", "UpdatesStopped"}),
        (plan(services=("recyclarr",)), {"RecyclarrFailed"}),
        (plan(services=("blackbox",)), {"ProbeFailed", "PageUnprotected", "PageCertificateEnding"}),
        (
            plan(services=("proxy",), pages=[]),
            {"ProbeFailed", "PageUnprotected", "PageCertificateEnding", "CertificateEnding"},
        ),
        (plan(pages=[{"service": "plex", "names": ["plex.media.test"], "access": "bypass"}]), {"PageUnprotected"}),
    ],
)  # fmt: skip
def test_alerts_go_with_what_they_are_about(less: dict[str, Any], gone: set[str]) -> None:
    assert ALL - alert_rules.names(less, settings()) == gone


def test_alerts_go_with_the_variables_that_they_are_about() -> None:
    without = alert_rules.names(PLAN, settings(monitoring_backups={}, monitoring_receivers=[]))
    assert ALL - without == {"BackupTooOld", "BackupMissing", "Watchdog"}


def test_with_nobody_to_tell_the_host_s_numbers_the_collector_s_alerts_go_too() -> None:
    left = alert_rules.names(plan(metrics=("node-exporter",)), settings())
    assert not left & {*TUNNEL, "DiskLow", "ServiceDown", "CollectorStale", "ConvergeFailed", "BackupTooOld"}


def test_a_house_with_nothing_has_no_rules() -> None:
    bare = {"services": {}, "apis": {}, "metrics": [], "pages": [], "sign_on": {}}
    assert alert_rules.text(bare, settings(monitoring_receivers=[])) == ""
    assert "Watchdog" in alert_rules.text(bare, settings())


def test_the_kinds_of_application_that_there_are_are_asked_for() -> None:
    assert '__name__=~"(radarr|sonarr)_queue_total"' in rules(PLAN)["QueueStuck"]["expr"]
    assert '__name__=~"(prowlarr|radarr|sonarr)_system_status"' in rules(PLAN)["ApplicationSilent"]["expr"]
    assert 'container!~"exportarr-sonarr"' in rules(PLAN)["ServiceDown"]["expr"]
    less = plan(metrics=("exportarr-radarr",))
    assert '__name__=~"(sonarr)_queue_total"' in rules(less)["QueueStuck"]["expr"]


def test_the_service_is_named_as_the_plan_names_it() -> None:
    assert rules(PLAN)["TunnelDown"]["labels"] == {"severity": "critical", "service": "vpn"}
    assert rules(plan(sign_on={"service": "authelia"}))["SignInFailures"]["labels"]["service"] == "authelia"


def test_everything_of_an_alert_can_be_adjusted() -> None:
    said = {
        "DiskLow": {"for": "10s", "threshold": 2.5, "severity": "critical"},
        "ImageBehind": {"enabled": False},
        "ConvergeTooOld": {"enabled": True, "for": "0"},
        "TunnelLeak": {"for": "5m"},
    }
    found = rules(PLAN, monitoring_alerts=said)
    low = found["DiskLow"]
    assert (low["for"], low["labels"]["severity"]) == ("10s", "critical")
    assert "< 2.5 and" in low["expr"]
    assert "Less than 2.5% of" in low["annotations"]["description"]
    assert "ImageBehind" not in found
    assert "for" not in found["ConvergeTooOld"]
    assert found["TunnelLeak"]["for"] == "5m"
    assert "@" not in alert_rules.text(PLAN, settings(monitoring_alerts=said))


def test_a_person_is_told_what_is_wrong_and_what_to_do() -> None:
    for name, rule in rules(PLAN, monitoring_receivers=[{"type": "webhook", "url": HOOK, "watchdog": True}]).items():
        assert rule["labels"]["severity"] in ("critical", "warning", "info"), name
        assert set(rule["annotations"]) == {"summary", "description", "action"}, name
        summary = rule["annotations"]["summary"]
        assert not summary.endswith("."), name
        assert len(summary) < 90, name
        assert rule["annotations"]["description"].endswith("."), name
        assert rule["annotations"]["action"][-1] in ".?", name


@pytest.mark.skipif(not README.is_file(), reason="the role's README is not here yet")
def test_the_readme_lists_every_alert_with_its_own_settings() -> None:
    lines = README.read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")]
    told = {row[0].strip("`"): row[-3:] for row in rows if row[0].strip("`") in alert_rules.RULES}
    assert told == {
        rule.name: [
            rule.severity if rule.enabled else f"{rule.severity}, off",
            "at once" if rule.lasts == "0s" else rule.lasts,
            "" if rule.threshold is None else f"{rule.threshold:g}",
        ]
        for rule in alert_rules.RULES.values()
    }


def test_yaml_means_what_was_said() -> None:
    value = {
        "a": 'quo"te, {{ brace }}: colon # hash \n back\\slash é',
        "empty": {},
        "none": [],
        "list": [1, 2.5, True, None, "x"],
        "maps": [{"a": {"b": "c"}, "d": [{"e": "f"}, {"g": ["h"]}]}, {"i": "@@secret:x:json@@"}],
    }
    assert yaml.safe_load(alert_yaml.text(value)) == value
