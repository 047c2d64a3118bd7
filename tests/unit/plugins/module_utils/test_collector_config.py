# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the collector is told to ask for: all that is on, and nothing that is off."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.filter.collector_config import collector_config
from ansible_collections.homelab.media.plugins.filter.host_problems import host_problems
from ansible_collections.homelab.media.plugins.module_utils import backups, collector, relations, settings

SETTINGS = {
    "media_root": "/opt/media",
    "media_data": "/data",
    "media_project": "media",
    "media_backups": {"nightly": {"path": "/backup/*.tar", "max_age": "36h"}},
}
SERVICES: dict[str, Any] = {
    "nzbget": {
        "network_mode": "service:vpn-pod",
        "x-media": {
            "egress": "vpn",
            "web": {"port": 6789, "loopback": 16789},
            "api": {"kind": "nzbget", "username": "apps", "password": "nzbget_restricted_password"},
        },
    },
    "tautulli": {
        "x-media": {
            "egress": "direct",
            "web": {"port": 8181, "path": "/tautulli/"},
            "api": {"kind": "tautulli", "key": "tautulli_api_key"},
        }
    },
    "vpn-pod": {"x-media": {"egress": "pod", "part_of": "vpn"}},
    "vpn": {
        "network_mode": "service:vpn-pod",
        "x-media": {
            "api": {
                **{"kind": "gluetun", "key": "vpn_control_key", "control": ":8000"},
                "address_url": "https://address.example.org/ip",
            }
        },
    },
    "proxy": {
        "volumes": ["/opt/media/state/proxy/data:/data", "/opt/media/state/proxy/le:/etc/letsencrypt:ro", "named:/x"],
        "x-media": {"api": {"kind": "proxy_manager", "username": "a@b", "password": "x"}, "egress": "direct"},
    },
    "fail2ban": {"network_mode": "host", "x-media": {"api": {"kind": "fail2ban"}}},
    "recyclarr": {"x-media": {"egress": "direct"}},
}


def plan(*services: str) -> dict[str, Any]:
    chosen = {name: SERVICES[name] for name in services or SERVICES}
    return {"services": chosen, "apis": relations.apis(chosen)}


def test_a_whole_house() -> None:
    assert collector.config(plan(), SETTINGS) == {
        "root": "/opt/media",
        "project": "media",
        "engine": "/var/run/docker.sock",
        "services": {name: "vpn" if name == "vpn-pod" else name for name in SERVICES},
        "disks": ["/opt/media", "/data"],
        "backups": {"nightly": {"path": "/backup/*.tar", "max_age": 36 * 3600}},
        "vpn": {
            **{"pod": "vpn-pod", "client": "vpn", "tenants": ["nzbget"], "control": ":8000", "key": "vpn_control_key"},
            "address_url": "https://address.example.org/ip",
        },
        "certificates": {
            "nginx": "/opt/media/state/proxy/data/nginx/*/*.conf",
            "folders": {"/data": "/opt/media/state/proxy/data", "/etc/letsencrypt": "/opt/media/state/proxy/le"},
            "authority": "/opt/media/config/proxy/ca.crt",
        },
        "nzbget": {"url": "http://127.0.0.1:16789", "username": "apps", "password": "nzbget_restricted_password"},
        "tautulli": {"url": "http://127.0.0.1:8181/tautulli", "key": "tautulli_api_key"},
        "fail2ban": "fail2ban",
        "recyclarr": True,
    }


def test_a_bare_host() -> None:
    told = collector.config({"services": {}, "apis": {}}, {**SETTINGS, "media_backups": {}, "media_data": "/opt/media"})
    assert set(told) == {"root", "project", "engine", "services", "disks", "backups"}
    assert (told["services"], told["disks"], told["backups"]) == ({}, ["/opt/media"], {})


@pytest.mark.parametrize(
    ("off", "key"),
    [
        ("nzbget", "nzbget"),
        ("tautulli", "tautulli"),
        ("fail2ban", "fail2ban"),
        ("proxy", "certificates"),
        ("recyclarr", "recyclarr"),
    ],
)
def test_what_is_off_is_not_asked(off: str, key: str) -> None:
    assert key in collector.config(plan(), SETTINGS)
    told = collector.config(plan(*(set(SERVICES) - {off})), SETTINGS)
    assert key not in told
    assert off not in json.dumps(told["services"])


def test_without_its_pod_there_is_no_vpn() -> None:
    assert "vpn" not in collector.config(plan("vpn", "fail2ban"), SETTINGS)


def test_what_the_host_cannot_reach_is_not_asked() -> None:
    hidden = {
        **SERVICES["tautulli"],
        "x-media": {**SERVICES["tautulli"]["x-media"], "web": {"port": 1, "loopback": False}},
    }
    services = {"tautulli": hidden}
    assert "tautulli" not in collector.config({"services": services, "apis": relations.apis(services)}, SETTINGS)


def test_the_same_plan_is_the_same_text() -> None:
    backwards = {"services": dict(reversed(SERVICES.items())), "apis": relations.apis(SERVICES)}
    assert collector_config(plan(), SETTINGS) == collector_config(backwards, SETTINGS)
    assert collector_config(plan(), SETTINGS).endswith("}\n")


@pytest.mark.parametrize(("plan_given", "settings_given"), [(3, SETTINGS), ({"apis": {}}, SETTINGS), (plan(), [])])
def test_the_filter_refuses_what_it_is_not_for(plan_given: Any, settings_given: Any) -> None:
    with pytest.raises(AnsibleFilterError):
        collector_config(plan_given, settings_given)


# --- variables


@pytest.mark.parametrize("value", ["15s", "60s", "10m", "1min", "90s"])
def test_intervals(value: str) -> None:
    assert host_problems({"host_collector_interval": value}) == []


@pytest.mark.parametrize("value", ["14s", "11m", "0s", "60", 60, "1h", "", None, "-60s", "1 m\n[X]"])
def test_no_intervals(value: Any) -> None:
    assert [problem["variable"] for problem in host_problems({"host_collector_interval": value})] == [
        "host_collector_interval"
    ]


def test_the_host_filter_refuses_what_it_is_not_for() -> None:
    with pytest.raises(AnsibleFilterError):
        host_problems([])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"nightly": {"path": "/backup/*.tar.zst", "max_age": "36h"}},
        {"a_b-1": {"path": "/b/**/x", "max_age": "2w"}, "two": {"path": "/srv/one file", "max_age": "90m"}},
    ],
)
def test_backups(value: Any) -> None:
    assert settings.problems({"media_backups": value}) == []


@pytest.mark.parametrize(
    ("value", "variable"),
    [
        ([], "media_backups"),
        (None, "media_backups"),
        ({"Nightly": {"path": "/b", "max_age": "1h"}}, "media_backups.Nightly"),
        ({"a": "/b"}, "media_backups.a"),
        ({"a": {"path": "/b"}}, "media_backups.a.max_age"),
        ({"a": {"max_age": "1h"}}, "media_backups.a.path"),
        ({"a": {"path": "b", "max_age": "1h"}}, "media_backups.a.path"),
        ({"a": {"path": "/", "max_age": "1h"}}, "media_backups.a.path"),
        ({"a": {"path": "/b/../c", "max_age": "1h"}}, "media_backups.a.path"),
        ({"a": {"path": "/b/**.tar", "max_age": "1h"}}, "media_backups.a.path"),
        ({"a": {"path": "/b", "max_age": 36}}, "media_backups.a.max_age"),
        ({"a": {"path": "/b", "max_age": "0h"}}, "media_backups.a.max_age"),
        ({"a": {"path": "/b", "max_age": "1h", "every": "1h"}}, "media_backups.a.every"),
    ],
)
def test_no_backups(value: Any, variable: str) -> None:
    assert [problem.variable for problem in settings.problems({"media_backups": value})] == [variable]


@pytest.mark.parametrize(("text", "number"), [("1m", 60), ("36h", 129600), ("2d", 172800), ("1w", 604800), ("h", None)])
def test_ages(text: str, number: int | None) -> None:
    assert backups.seconds(text) == number
