# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the monitoring role's variables about alerts mean: Alertmanager, its secrets and files, and what is left to do.

The settings are the role's variables under their own names, so that every problem names the variable to correct.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import (
    alert_receiver_checks,
    alert_receivers,
    alert_rule_checks,
)
from ansible_collections.homelab.media.plugins.module_utils.alert_rule import DURATION
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem

Settings = Mapping[str, Any]

SERVICE, PORT = "alertmanager", 9093
#: Where Alertmanager finds what a run rendered for it, and its own state, inside its container.
CONFIGURATION, STATE = "/etc/alertmanager", "/alertmanager"
DURATIONS = ("monitoring_alert_wait", "monitoring_alert_interval", "monitoring_alert_repeat")


def problems(settings: Settings) -> list[Problem]:
    """Return everything in the variables about alerts that cannot work, or was never filled in."""
    return [
        *(
            Problem(name, f"is {settings[name]!r}", "a duration with its unit, such as 30s, 5m or 12h")
            for name in DURATIONS
            if not DURATION.fullmatch(str(settings[name])) or str(settings[name])[0] == "0"
        ),
        *alert_receiver_checks.problems(settings["monitoring_receivers"]),
        *alert_rule_checks.problems(settings["monitoring_alerts"]),
    ]


def secrets(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return the declaration of the secrets of those who are told."""
    return alert_receivers.secrets(settings["monitoring_receivers"])


def files(settings: Settings) -> list[dict[str, Any]]:
    """Return the files of Alertmanager, and the rules that Prometheus reads.

    Both read their own anew when they are told to, and so keep their containers.
    """
    return [
        {
            "path": "config/alertmanager/alertmanager.yml",
            "template": "alertmanager.yml.j2",
            "secret": True,
            "owner": "media",
            "mode": "0600",
        },
        {
            "path": "config/alertmanager/templates/media.tmpl",
            "source": "files/alertmanager.tmpl",
            "service": SERVICE,
        },
        {"path": "config/prometheus/rules/media.yml", "template": "alert_rules.yml.j2"},
    ]


def services(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return Alertmanager."""
    root = settings["media_root"]
    command = [
        f"--config.file={CONFIGURATION}/alertmanager.yml",
        f"--storage.path={STATE}",
        # It is alone: without this it looks for others, and for an address to tell them.
        "--cluster.listen-address=",
        *_external_url(settings),
    ]
    return {
        SERVICE: {
            "image": settings["monitoring_alertmanager_image"],
            "command": command,
            "volumes": [f"{root}/state/alertmanager:{STATE}", f"{root}/config/alertmanager:{CONFIGURATION}:ro"],
            "read_only": True,
            "tmpfs": ["/tmp"],
            "networks": {"monitoring": {}},
            "healthcheck": {
                "test": ["CMD", "wget", "-q", "-O", "/dev/null", "-T", "5", f"http://127.0.0.1:{PORT}/-/healthy"],
                "interval": "30s",
                "timeout": "10s",
                "retries": 3,
                "start_period": "60s",
                "start_interval": "1s",
            },
            "x-media": {
                "family": "rootless",
                # To those who are told.
                "egress": "direct",
                "web": {"port": PORT, "path": "/"},
                "access": "two_factor",
                "groups": ["admins"],
                "metrics": {"port": PORT},
                "portal": {
                    "title": "Alertmanager",
                    "section": "Monitoring",
                    "text": "Alerts that are on, and silences",
                },
                "state": ["state/alertmanager"],
                "limits": {
                    "memory": settings["monitoring_alertmanager_memory"],
                    "cpus": settings["monitoring_alertmanager_cpus"],
                },
            },
        }
    }


def _external_url(settings: Settings) -> list[str]:
    """Return the option with the address of the page, which is in every message to a webhook."""
    domain, said = settings["media_domain"], (settings["media_names"] or {}).get(SERVICE) or SERVICE
    name = said if isinstance(said, str) else str(said[0])
    return [f"--web.external-url=https://{name if '.' in name else f'{name}.{domain}'}/"] if domain else []


def todo(settings: Settings) -> list[dict[str, str]]:
    """Return what is left for a person to do, each with the service that it is about."""
    if any(not receiver.get("watchdog") for receiver in settings["monitoring_receivers"]):
        return []
    text = "monitoring_receivers is empty: alerts are on Alertmanager's page, and nobody is told of them"
    return [{"service": SERVICE, "text": text}]
