# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the variables about alerts is told, all at once, and nothing else is."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import alert_receivers, alerting

from tests.unit.alert_house import RECEIVERS, settings

MAIL, PHONE, CHAT, GROUP, HOOK, BEAT = RECEIVERS


def found(**more: Any) -> dict[str, str]:
    return {problem.variable: str(problem) for problem in alerting.problems(settings(**more))}


def receivers(*given: Any) -> dict[str, Any]:
    return {"monitoring_receivers": list(given)}


def alerts(name: str, **said: Any) -> dict[str, Any]:
    return {"monitoring_alerts": {name: said}}


@pytest.mark.parametrize(
    "given",
    [
        {},
        receivers(),
        receivers({**MAIL, "to": "anna@media.test", "from": "home@media.test", "tls": True, "resolved": False}),
        receivers({**PHONE, "token": "", "username": "home", "password": "pass word", "url": "http://ntfy:8080"}),
        receivers({**PHONE, "severities": ["info"], "alerts": ["TunnelDown", "TunnelLeak"], "repeat": "1h"}),
        receivers({**GROUP, "chat_id": "-42"}),
        receivers({**HOOK, "token": "s3cr3t-of-it"}),
        alerts("TunnelDown", **{"for": "10s", "severity": "info", "enabled": True}),
        alerts("DiskLow", threshold=2.5),
        alerts("DiskLow", threshold="5", **{"for": "0"}),
        {"monitoring_alert_wait": "10s", "monitoring_alert_repeat": "1d12h"},
    ],
)
def test_what_works_is_no_problem(given: dict[str, Any]) -> None:
    assert found(**given) == {}


@pytest.mark.parametrize(
    ("given", "variable", "reason"),
    [
        ({"monitoring_receivers": {}}, "monitoring_receivers", "is a dict"),
        (receivers("phone"), "monitoring_receivers[0]", "is 'phone'"),
        (receivers({**HOOK, "name": ""}), "monitoring_receivers[0].name", "is missing"),
        (receivers({**HOOK, "name": "Phone"}), "monitoring_receivers[0].name", "is 'Phone'"),
        (receivers({**HOOK, "name": "x" * 25}), "monitoring_receivers[0].name", "up to 24"),
        (receivers({**HOOK, "name": "nobody"}), "monitoring_receivers[0].name", "is 'nobody'"),
        (receivers(HOOK, {**CHAT, "name": "hook"}), "monitoring_receivers[1].name", "as another one's is"),
        (receivers({**HOOK, "type": ""}), "monitoring_receivers[0].type", "is missing"),
        (receivers({**HOOK, "type": "pager"}), "monitoring_receivers[0].type", "is 'pager'"),
        (receivers({**HOOK, "url": ""}), "monitoring_receivers[0].url", "is missing, and type webhook needs it"),
        (receivers({**HOOK, "url": "hooks.media.test"}), "monitoring_receivers[0].url", "has not the form"),
        (receivers({**HOOK, "url": "https://hooks.example.org/x"}), "monitoring_receivers[0].url", "has not the form"),
        (receivers({**HOOK, "url": "https://h:port/x"}), "monitoring_receivers[0].url", "has not the form"),
        (receivers({**HOOK, "topic": "x"}), "monitoring_receivers[0].topic", "is no option of type webhook"),
        (receivers({**HOOK, "token": "changeme"}), "monitoring_receivers[0].token", "placeholder"),
        (receivers({**HOOK, "severities": "critical"}), "monitoring_receivers[0].severities", "is 'critical'"),
        (receivers({**HOOK, "severities": []}), "monitoring_receivers[0].severities", "is []"),
        (receivers({**HOOK, "severities": ["bad"]}), "monitoring_receivers[0].severities", "is ['bad']"),
        (receivers({**HOOK, "alerts": "TunnelDown"}), "monitoring_receivers[0].alerts", "is 'TunnelDown'"),
        (receivers({**HOOK, "alerts": ["TunelDown"]}), "monitoring_receivers[0].alerts", "did you mean TunnelDown?"),
        (receivers({**HOOK, "repeat": "often"}), "monitoring_receivers[0].repeat", "is 'often'"),
        (receivers({**HOOK, "repeat": "0"}), "monitoring_receivers[0].repeat", "is '0'"),
        (receivers({**HOOK, "resolved": "no"}), "monitoring_receivers[0].resolved", "is 'no'"),
        (receivers({**BEAT, "severities": ["info"]}), "monitoring_receivers[0].watchdog", "nothing else"),
        (receivers({**MAIL, "watchdog": True}), "monitoring_receivers[0].watchdog", "is no option of type mail"),
        (receivers({**MAIL, "to": ["anna"]}), "monitoring_receivers[0].to", "is ['anna']"),
        (receivers({**MAIL, "to": []}), "monitoring_receivers[0].to", "is missing"),
        (receivers({**MAIL, "to": "me@example.org"}), "monitoring_receivers[0].to", "placeholder"),
        (receivers({**MAIL, "from": "Home"}), "monitoring_receivers[0].from", "is 'Home'"),
        (receivers({**MAIL, "server": "mail.media.test"}), "monitoring_receivers[0].server", "is 'mail.media.test'"),
        (receivers({**MAIL, "password": ""}), "monitoring_receivers[0].password", "is missing, and username"),
        (receivers({**MAIL, "username": ""}), "monitoring_receivers[0].username", "is missing, and password"),
        (receivers({**MAIL, "tls": False}), "monitoring_receivers[0].tls", "clear text"),
        (receivers({**PHONE, "topic": "my topic"}), "monitoring_receivers[0].topic", "placeholder"),
        (receivers({**PHONE, "topic": "a/b"}), "monitoring_receivers[0].topic", "has not the form"),
        (receivers({**PHONE, "username": "x", "password": "y"}), "monitoring_receivers[0].token", "beside username"),
        (receivers({**CHAT, "webhook_url": "https://x.test/api"}), "monitoring_receivers[0].webhook_url", "the form"),
        (receivers({**GROUP, "bot_token": "123456:short"}), "monitoring_receivers[0].bot_token", "the form"),
        (receivers({**GROUP, "chat_id": "@group"}), "monitoring_receivers[0].chat_id", "is '@group'"),
        (receivers({**GROUP, "chat_id": True}), "monitoring_receivers[0].chat_id", "is True"),
        ({"monitoring_alerts": []}, "monitoring_alerts", "is a list"),
        ({"monitoring_alerts": {"DiskLow": False}}, "monitoring_alerts.DiskLow", "is False"),
        (alerts("DiscLow"), "monitoring_alerts", "did you mean DiskLow?"),
        (alerts("Qqqq"), "monitoring_alerts", "one of AlertmanagerReloadFailed"),
        (alerts("DiskLow", limit=1), "monitoring_alerts.DiskLow.limit", "is not known"),
        (alerts("DiskLow", enabled="no"), "monitoring_alerts.DiskLow.enabled", "is 'no'"),
        (alerts("DiskLow", **{"for": "soon"}), "monitoring_alerts.DiskLow.for", "is 'soon'"),
        (alerts("DiskLow", **{"for": 10}), "monitoring_alerts.DiskLow.for", "is 10"),
        (alerts("DiskLow", severity="bad"), "monitoring_alerts.DiskLow.severity", "is 'bad'"),
        (alerts("DiskLow", threshold="x"), "monitoring_alerts.DiskLow.threshold", "is 'x'"),
        (alerts("DiskLow", threshold=-1), "monitoring_alerts.DiskLow.threshold", "is -1"),
        (alerts("DiskLow", threshold=True), "monitoring_alerts.DiskLow.threshold", "is True"),
        (alerts("DiskLow", threshold="inf"), "monitoring_alerts.DiskLow.threshold", "is 'inf'"),
        (alerts("TunnelDown", threshold=1), "monitoring_alerts.TunnelDown.threshold", "this alert has none"),
        ({"monitoring_alert_wait": "soon"}, "monitoring_alert_wait", "is 'soon'"),
        ({"monitoring_alert_interval": "0s"}, "monitoring_alert_interval", "is '0s'"),
    ],
)
def test_what_cannot_work_is_told(given: dict[str, Any], variable: str, reason: str) -> None:
    problems = found(**given)
    assert list(problems) == [variable]
    assert reason in problems[variable]


def test_problems_are_told_all_at_once() -> None:
    given = {**receivers({**HOOK, "url": ""}, {"name": "x", "type": "y"}), **alerts("Nothing", threshold=1)}
    assert len(found(**given)) == 3


def test_no_secret_is_repeated() -> None:
    for receiver in RECEIVERS:
        for option in alert_receivers.SECRET[receiver["type"]]:
            told = found(**receivers({**receiver, option: "a secret\nwith a line"}))
            assert "with a line" not in str(told), option
    # What is no secret is shown, so that a person finds it.
    assert re.search("anna at home", str(found(**receivers({**MAIL, "to": "anna at home"}))))
