# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A house with everything that an alert can be about, as the check phase tells of it, and the variables for it."""

from __future__ import annotations

import copy
from typing import Any

HOOK = "https://hooks.media.test/a-secret-path"
RECEIVERS: list[dict[str, Any]] = [
    {
        "name": "post",
        "type": "mail",
        "to": ["anna@media.test", "ben@media.test"],
        "from": "Home <home@media.test>",
        "server": "mail.media.test:587",
        "username": "home",
        "password": 'p"ss: {w}ord',
    },
    {"name": "phone", "type": "ntfy", "topic": "house-9f31c2", "token": "tk_0123456789abcdef"},
    {"name": "chat", "type": "discord", "webhook_url": "https://discord.com/api/webhooks/123/abc-DEF"},
    {"name": "group", "type": "telegram", "bot_token": "123456:" + "A" * 35, "chat_id": -1001234567890},
    {"name": "hook", "type": "webhook", "url": HOOK, "severities": ["critical", "warning", "info"]},
    {"name": "heartbeat", "type": "webhook", "url": f"{HOOK}/ping", "watchdog": True},
]
SETTINGS: dict[str, Any] = {
    "media_root": "/opt/media",
    "media_domain": "media.test",
    "media_names": {},
    "monitoring_backups": {"photos": {}},
    "monitoring_receivers": RECEIVERS,
    "monitoring_alerts": {},
    "monitoring_alert_wait": "30s",
    "monitoring_alert_interval": "5m",
    "monitoring_alert_repeat": "12h",
    "monitoring_alertmanager_image": "docker.io/prom/alertmanager:v0.34.0",
    "monitoring_alertmanager_memory": "128m",
    "monitoring_alertmanager_cpus": 0.25,
}


def _target(container: str, service: str = "", job: str = "") -> dict[str, Any]:
    return {"service": service or container, "container": container, "job": job or container}


PLAN: dict[str, Any] = {
    "domain": "media.test",
    "sign_on": {"service": "authelia", "url": "https://auth.media.test"},
    "services": {
        "proxy": {"x-media": {"api": {"kind": "proxy_manager"}}},
        "authelia": {"x-media": {"api": {"kind": "authelia"}}},
        "vpn": {"x-media": {}},
        "vpn-pod": {"x-media": {"egress": "pod", "part_of": "vpn"}},
        "nzbget": {"x-media": {"egress": "vpn"}},
        "exportarr-sonarr": {"x-media": {"part_of": "sonarr", "exports": "sonarr"}},
        "prometheus": {"x-media": {}},
        "alertmanager": {"x-media": {}},
        "blackbox": {"x-media": {"visits_pages": True, "part_of": "prometheus"}},
        "recyclarr": {"x-media": {}},
        "unpackerr": {"x-media": {}},
        "watchtower": {"x-media": {"api": {"kind": "watchtower"}}},
    },
    "apis": {name: {"kind": name} for name in ("prowlarr", "radarr", "sonarr")},
    "metrics": [
        *(_target(name) for name in ("alertmanager", "authelia", "cadvisor", "node-exporter", "prometheus")),
        *(_target(name) for name in ("unpackerr", "watchtower")),
        *(_target(f"exportarr-{name}", name, "exportarr") for name in ("prowlarr", "radarr", "sonarr")),
        _target("redis-authelia-redis", "authelia-redis", "redis"),
    ],
    "pages": [
        {"service": "sonarr", "names": ["sonarr.media.test"], "access": "two_factor"},
        {"service": "authelia", "names": ["auth.media.test"], "access": "portal"},
    ],
}


def plan(*, services: tuple[str, ...] = (), metrics: tuple[str, ...] = (), **keys: Any) -> dict[str, Any]:
    """Return the plan of the same house without some services, and without what some containers tell."""
    less = copy.deepcopy(PLAN)
    for name in services:
        del less["services"][name]
    less["metrics"] = [item for item in less["metrics"] if item["container"] not in metrics]
    return {**less, **keys}


def settings(**more: Any) -> dict[str, Any]:
    return {**copy.deepcopy(SETTINGS), **more}
