# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rule file of Prometheus: every alert that this house can have, as a person adjusted it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import (
    alert_rules_apps,
    alert_rules_care,
    alert_rules_host,
    alert_rules_pages,
    alert_rules_services,
    alert_rules_vpn,
    alert_rules_watch,
    alert_yaml,
)
from ansible_collections.homelab.media.plugins.module_utils.alert_house import House, look
from ansible_collections.homelab.media.plugins.module_utils.alert_rule import Rule

#: All alerts by the name of their group, whether a house has what they are about or not.
GROUPS: dict[str, tuple[Rule, ...]] = {
    "tunnel": alert_rules_vpn.RULES,
    "host": alert_rules_host.RULES,
    "services": alert_rules_services.RULES,
    "front door": alert_rules_pages.RULES,
    "applications": alert_rules_apps.RULES,
    "care": alert_rules_care.RULES,
    "watching": alert_rules_watch.RULES,
}
RULES: dict[str, Rule] = {rule.name: rule for rules in GROUPS.values() for rule in rules}


def chosen(house: House, adjusted: Mapping[str, Mapping[str, Any]]) -> dict[str, list[Rule]]:
    """Return the alerts that are on, by group: what they are about is there, and nobody switched them off."""
    found = {
        group: [rule for rule in rules if rule.when(house) and adjusted.get(rule.name, {}).get("enabled", rule.enabled)]
        for group, rules in GROUPS.items()
    }
    return {group: rules for group, rules in found.items() if rules}


def names(plan: Mapping[str, Any], settings: Mapping[str, Any]) -> set[str]:
    """Return the names of the alerts that are on."""
    groups = chosen(look(plan, settings), settings["monitoring_alerts"])
    return {rule.name for rules in groups.values() for rule in rules}


def text(plan: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """Return the rule file; nothing where no alert is on."""
    house, adjusted = look(plan, settings), settings["monitoring_alerts"]
    groups = [
        {"name": group, "rules": [rule.entry(house, adjusted.get(rule.name, {})) for rule in rules]}
        for group, rules in chosen(house, adjusted).items()
    ]
    return alert_yaml.text({"groups": groups}) if groups else ""
