# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Alerts about those that watch: Prometheus and Alertmanager themselves."""

from __future__ import annotations

from ansible_collections.homelab.media.plugins.module_utils.alert_house import House
from ansible_collections.homelab.media.plugins.module_utils.alert_rule import Rule


def _prometheus(house: House) -> bool:
    return house.prometheus


def _alertmanager(house: House) -> bool:
    return house.alertmanager


RULES = (
    Rule(
        "PrometheusReloadFailed",
        _prometheus,
        "min(prometheus_config_last_reload_successful) == 0",
        "5m",
        "warning",
        "Prometheus refused its configuration",
        "It goes on with the old one: new targets and rules are not there.",
        "Its log says which line. Run site.yml.",
        service=lambda house: "prometheus",
    ),
    Rule(
        "RulesFailing",
        _prometheus,
        "sum(increase(prometheus_rule_evaluation_failures_total[15m])) > @threshold@",
        "5m",
        "warning",
        "Prometheus cannot work out some rules",
        "The alerts of these rules are blind.",
        "Its page of rules shows which, and why.",
        threshold=0,
        service=lambda house: "prometheus",
    ),
    Rule(
        "AlertsNotSent",
        lambda house: house.prometheus and house.alertmanager,
        "sum(increase(prometheus_notifications_errors_total[15m])) > @threshold@"
        " or max(prometheus_notifications_alertmanagers_discovered) < 1",
        "5m",
        "critical",
        "Alerts do not get from Prometheus to Alertmanager",
        "Nobody is told of anything while this lasts; you see this on Prometheus's page, or too late.",
        "Is Alertmanager up? Prometheus's log says what it answers.",
        threshold=0,
        service=lambda house: "alertmanager",
    ),
    Rule(
        "AlertmanagerReloadFailed",
        _alertmanager,
        "min(alertmanager_config_last_reload_successful) == 0",
        "5m",
        "warning",
        "Alertmanager refused its configuration",
        "It goes on with the old one: new receivers are not there.",
        "Its log says which line. Run site.yml.",
        service=lambda house: "alertmanager",
    ),
    Rule(
        "NotificationsFailing",
        _alertmanager,
        "sum by (integration) (increase(alertmanager_notifications_failed_total[15m])) > @threshold@",
        "10m",
        "warning",
        "Messages by {{ $labels.integration }} do not get through",
        "Alertmanager tries to tell you, and the receiver refuses or does not answer.",
        "Its log says what the receiver answers. Has a token or a password changed?",
        threshold=0,
        service=lambda house: "alertmanager",
    ),
    Rule(
        "Watchdog",
        lambda house: house.watchdog,
        "vector(1)",
        "0s",
        "info",
        "Alerts get through",
        "This one always fires. Whoever gets it raises the alarm when it stays away.",
        "Nothing: all is well.",
    ),
)
