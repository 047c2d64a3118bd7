# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Watchtower as a service, and what it says of a new image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import maintenance_receivers, updates

Settings = Mapping[str, Any]

SERVICE, PORT = "watchtower", 8080
#: The secret that opens its numbers.
TOKEN = "maintenance_watchtower_token"
#: Where it finds whom it tells, inside its container.
CONFIGURATION, ADDRESSES = "/etc/watchtower", "addresses"

#: What is told of a look at all containers, in the words of Go's templates; nothing where there is nothing to tell.
#: Stale is what has a new image and is not renewed.
TEMPLATE = (
    "{{with .Report}}"
    "{{range .Updated}}{{.Name}} runs the new image of {{.ImageName}} now"
    " ({{.CurrentImageID.ShortID}} -> {{.LatestImageID.ShortID}}).{{println}}{{end}}"
    "{{range .Stale}}There is a new image of {{.ImageName}} for {{.Name}}.{{println}}{{end}}"
    "{{range .Failed}}{{.Name}} was not renewed: {{.Error}}{{println}}{{end}}"
    "{{end}}"
)


def secrets(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return the declaration of its own secret, and of the addresses of those who are told."""
    return {TOKEN: {"kind": "alnum", "length": 48}, **maintenance_receivers.secrets(settings)}


def service(settings: Settings) -> dict[str, Any]:
    """Return it as a service. It has the engine's socket, which is all power over the host, and publishes nothing."""
    tells = bool(maintenance_receivers.told(settings))
    configuration = f"{settings['media_root']}/config/{SERVICE}:{CONFIGURATION}:ro"
    return {
        "image": settings["maintenance_watchtower_image"],
        "environment": {**_environment(settings), **(_notifications(settings) if tells else {})},
        "volumes": ["/var/run/docker.sock:/var/run/docker.sock", *([configuration] if tells else [])],
        "secrets": [{"source": TOKEN, "target": "token"}],
        "read_only": True,
        "healthcheck": {
            "test": ["CMD", "/watchtower", "--health-check"],
            "interval": "30s",
            "timeout": "5s",
            "retries": 3,
            "start_period": "30s",
            "start_interval": "1s",
        },
        "x-media": {
            # To the registries, and to those who are told.
            "egress": "direct",
            "api": {
                "kind": updates.KIND,
                "updates": updates.word(settings["maintenance_updates"]),
                "modes": {name: updates.word(mode) for name, mode in settings["maintenance_update_modes"].items()},
            },
            "metrics": {"port": PORT, "path": "/v1/metrics", "bearer": TOKEN},
            "portal": {"title": "Watchtower", "section": "Maintenance", "text": "New images"},
            "limits": {
                "memory": settings["maintenance_watchtower_memory"],
                "cpus": settings["maintenance_watchtower_cpus"],
            },
        },
    }


def _environment(settings: Settings) -> dict[str, Any]:
    cooldown = settings["maintenance_watchtower_cooldown"]
    return {
        "TZ": settings["media_timezone"],
        "WATCHTOWER_SCHEDULE": settings["maintenance_watchtower_schedule"],
        "WATCHTOWER_LABEL_ENABLE": True,
        "WATCHTOWER_SCOPE": updates.SCOPE,
        # Who waits for another at the start does not go down with it: only what has a new image is renewed.
        "WATCHTOWER_USE_COMPOSE_DEPENDS_ON": False,
        "WATCHTOWER_TIMEOUT": settings["maintenance_watchtower_stop_timeout"],
        "WATCHTOWER_CLEANUP": bool(settings["maintenance_watchtower_cleanup"]),
        "WATCHTOWER_ROLLING_RESTART": bool(settings["maintenance_watchtower_rolling_restart"]),
        **({"WATCHTOWER_COOLDOWN_DELAY": cooldown} if cooldown else {}),
        "WATCHTOWER_NO_STARTUP_MESSAGE": True,
        "WATCHTOWER_HTTP_API_METRICS": True,
        "WATCHTOWER_HTTP_API_TOKEN": "/run/secrets/token",
    }


def _notifications(settings: Settings) -> dict[str, Any]:
    return {
        "WATCHTOWER_NOTIFICATION_URL": f"{CONFIGURATION}/{ADDRESSES}",
        "WATCHTOWER_NOTIFICATION_REPORT": True,
        "WATCHTOWER_NOTIFICATION_TEMPLATE": TEMPLATE,
        # In the title; without it that would be the container's number.
        "WATCHTOWER_NOTIFICATIONS_HOSTNAME": settings["media_domain"] or settings["media_project"],
    }


def todo(settings: Settings) -> list[dict[str, str]]:
    """Return what is left for a person to do."""
    if maintenance_receivers.told(settings):
        return []
    text = "maintenance_receivers has nobody to tell of new images: they are in Watchtower's log, and in its numbers"
    return [{"service": SERVICE, "text": text}]
