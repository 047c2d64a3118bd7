# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is told of what, in Alertmanager's words: receivers, routes, and what goes without saying."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from ansible_collections.homelab.media.plugins.module_utils import (
    alert_config,
    alert_receivers,
    alert_rules,
    secret_tokens,
)
from ansible_collections.homelab.media.plugins.module_utils.alert_house import look

from tests.unit.alert_house import PLAN, RECEIVERS, plan, settings

MAIL, PHONE, CHAT, GROUP, HOOK, BEAT = RECEIVERS


def text(given: dict[str, Any] | None = None, **more: Any) -> str:
    """Return the file as the host has it, with the secrets in it."""
    said = settings(**more)
    secrets = {name: item["value"] for name, item in alert_receivers.secrets(said["monitoring_receivers"]).items()}
    return secret_tokens.replace(alert_config.text(given or PLAN, said), secrets.get)


def config(given: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(text(given, **more))
    return found


def receiver(one: dict[str, Any], **more: Any) -> dict[str, Any]:
    (_nobody, first, *_others) = config(monitoring_receivers=[{**one, **more}])["receivers"]
    ((_name, _value), (_kind, (found,))) = first.items()
    return dict(found)


def routes(**more: Any) -> list[dict[str, Any]]:
    return list(config(monitoring_receivers=[{**HOOK, **more}])["route"]["routes"])


def told(severity: str, name: str) -> list[str]:
    """Return who is told of an alert, as Alertmanager goes through its routes."""
    found = []
    for route in config()["route"]["routes"]:
        met = []
        for matcher in route["matchers"]:
            label, value = matcher.rstrip('"').split('"')
            is_it = {"severity": severity, "alertname": name}[label.rstrip("=!~")] in value.split("|")
            met.append(is_it is not ("!" in label))
        found += [route["receiver"]] if all(met) else []
        assert route["continue"] is True
    return found


def test_the_file_holds_tokens_and_no_secret() -> None:
    plain = alert_config.text(PLAN, settings())
    for one in RECEIVERS:
        for option in alert_receivers.SECRET[one["type"]]:
            if option in one:
                assert one[option] not in plain
    assert secret_tokens.malformed(plain) == []
    assert secret_tokens.names(plain) == set(alert_receivers.secrets(RECEIVERS))


def test_a_secret_arrives_whatever_it_holds() -> None:
    assert receiver(MAIL)["auth_password"] == 'p"ss: {w}ord'


def test_secrets_say_where_they_come_from() -> None:
    found = alert_receivers.secrets(RECEIVERS)
    assert found["monitoring_receiver_phone_topic"] == {
        "kind": "given",
        "variable": "monitoring_receivers[1].topic",
        "value": "house-9f31c2",
    }
    assert len(found) == 7
    longest = {"name": "a" * 24, "type": "discord", "webhook_url": "x"}
    assert all(len(name) <= 64 for name in alert_receivers.secrets([longest]))


def test_critical_and_warning_go_to_everybody_and_info_to_who_asked() -> None:
    everybody = ["post", "chat", "group", "hook"]
    assert sorted(told("critical", "TunnelDown")) == sorted([*everybody, "phone-critical"])
    assert sorted(told("warning", "DiskLow")) == sorted([*everybody, "phone-warning"])
    assert told("info", "ImageBehind") == ["hook"]


def test_the_watchdog_goes_to_who_waits_for_it_and_to_nobody_else() -> None:
    assert told("info", "Watchdog") == ["heartbeat"]
    (route,) = config(monitoring_receivers=[{**BEAT, "repeat": "1m"}])["route"]["routes"]
    assert (route["group_interval"], route["repeat_interval"]) == ("1m", "1m")
    assert receiver(BEAT)["send_resolved"] is False


def test_a_receiver_can_be_told_of_some_alerts_only() -> None:
    first, *_others = routes(alerts=["TunnelLeak", "ExitIsHome"], repeat="1h")
    assert first["matchers"] == ['severity="critical"', 'alertname=~"TunnelLeak|ExitIsHome"']
    assert first["repeat_interval"] == "1h"


def test_the_end_is_told_unless_somebody_does_not_want_to_know() -> None:
    assert receiver(HOOK)["send_resolved"] is True
    assert receiver(HOOK, resolved=False)["send_resolved"] is False


def test_without_receivers_it_is_still_a_configuration() -> None:
    found = config(monitoring_receivers=[])
    assert found["receivers"] == [{"name": "nobody"}]
    assert "routes" not in found["route"]


def test_a_mail() -> None:
    found = receiver(MAIL)
    assert found["to"] == "anna@media.test, ben@media.test"
    assert (found["smarthost"], found["require_tls"], found["auth_username"]) == ("mail.media.test:587", True, "home")
    assert "auth_password" not in receiver({**MAIL, "username": "", "password": ""})


def test_ntfy_is_told_how_to_write_and_how_loudly() -> None:
    found = config(monitoring_receivers=[{**PHONE, "severities": ["info", "critical"]}])["receivers"]
    assert [one["name"] for one in found] == ["nobody", "phone-critical", "phone-info"]
    ways = [one["webhook_configs"][0] for one in found[1:]]
    parts = [urlsplit(way["url"]) for way in ways]
    assert {part._replace(query="").geturl() for part in parts} == {"https://ntfy.sh/house-9f31c2"}
    asked = [parse_qs(part.query) for part in parts]
    assert [one["priority"] for one in asked] == [["5"], ["2"]]
    assert asked[0]["template"] == ["yes"]
    assert "{{.annotations.action}}" in asked[0]["message"][0]
    # Alertmanager has templates in some of its options: what is for ntfy may not look like one.
    assert "{{" not in ways[0]["url"]
    assert ways[0]["http_config"]["authorization"] == {"type": "Bearer", "credentials": "tk_0123456789abcdef"}


def test_ntfy_of_one_s_own_with_a_password() -> None:
    found = receiver(PHONE, token="", url="https://ntfy.media.test/", username="home", password="pw")
    assert found["url"].startswith("https://ntfy.media.test/house-9f31c2?")
    assert found["http_config"] == {"basic_auth": {"username": "home", "password": "pw"}}


def test_discord_telegram_and_webhook() -> None:
    assert receiver(CHAT)["webhook_url"] == CHAT["webhook_url"]
    assert receiver(GROUP, chat_id="-42")["chat_id"] == -42
    assert receiver(HOOK, token="t0ken-of-it")["http_config"]["authorization"]["credentials"] == "t0ken-of-it"


def silenced(cause: str, consequence: str, given: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    return [
        rule
        for rule in config(given)["inhibit_rules"]
        if cause in rule["source_matchers"][0] and consequence in rule["target_matchers"][0]
    ]


def test_what_follows_from_something_else_is_not_told() -> None:
    (same,) = [rule for rule in silenced("ServiceDown", "ProbeFailed") if "equal" in rule]
    assert same["equal"] == ["service"]
    assert silenced("TunnelDown", "QueueStuck")
    assert silenced("VpnPodDown", "TunnelDown")
    (blind,) = silenced("TargetDown", "CollectorStale")
    assert blind["source_matchers"][1] == 'service=~"node-exporter"'


def test_no_page_answers_without_the_front_door_or_the_sign_on() -> None:
    (door,) = [rule for rule in silenced("ServiceDown", "ProbeFailed") if "equal" not in rule]
    assert door["source_matchers"] == ['alertname=~"ServiceDown"', 'service=~"proxy|authelia"']


def test_a_cause_that_is_not_there_silences_nothing() -> None:
    assert silenced("TunnelDown", "QueueStuck", plan(services=("vpn", "vpn-pod", "nzbget"))) == []


def test_every_alert_that_is_named_is_one() -> None:
    for silence in alert_config.silences(look(PLAN, settings())):
        assert {*silence.causes, *silence.consequences} <= set(alert_rules.RULES)
        # An alert that is its own cause would be told by chance.
        assert not set(silence.causes) & set(silence.consequences)


@pytest.mark.parametrize("chosen", [[], RECEIVERS, *([one] for one in RECEIVERS)])
def test_alertmanager_takes_it(tmp_path: Path, chosen: list[dict[str, Any]]) -> None:
    done = check(tmp_path, text(monitoring_receivers=chosen))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('receiver: "nobody"', 'receiver: "somebody"'),
        ("require_tls: true", "require_tsl: true"),
        ("continue: true", 'group_wait: "soon"'),
        ('"severity=', '"severity'),
    ],
)
def test_alertmanager_refuses_what_is_wrong(tmp_path: Path, right: str, wrong: str) -> None:
    good = text()
    assert right in good.replace("\\", "")
    done = check(tmp_path, good.replace(right, wrong))
    assert done.returncode != 0


def check(folder: Path, content: str) -> subprocess.CompletedProcess[str]:
    file = folder / "alertmanager.yml"
    file.write_text(content.replace("/etc/alertmanager", str(folder)), encoding="utf-8")
    return subprocess.run(["amtool", "check-config", str(file)], capture_output=True, text=True, check=False)
