# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exporters: they tell the numbers of services that tell none themselves, one for each such service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.monitoring import NETWORK, PASSWORDS, Settings, go, limits

EXPORTARR_PORT, REDIS_PORT = 9707, 9121
#: Where an exporter of Redis sees the passwords.
MOUNTED = "/etc/redis-exporter"


def exporters(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return what tells the numbers of services that tell none, once for each: a template by its kind.

    Neither image has a shell or a client inside to ask for its health with: Prometheus does.
    """
    root = settings["media_root"]
    return {
        "exportarr": {
            "image": settings["monitoring_exportarr_image"],
            "command": ["{kind}"],
            # The owner of the key's file, and nothing more: it has no rights and nowhere to write.
            "user": "0:0",
            "environment": {
                "PORT": EXPORTARR_PORT,
                "URL": "http://{service}:{port}{path}",
                "API_KEY_FILE": "/run/secrets/{api.key}",
                "ENABLE_UNKNOWN_QUEUE_ITEMS": True,
                **go(settings["monitoring_exportarr_memory"]),
            },
            "secrets": ["{api.key}"],
            "read_only": True,
            "networks": {NETWORK: {}},
            "x-media": {
                "egress": "none",
                "metrics": {"port": EXPORTARR_PORT},
                "limits": limits(settings, "exportarr"),
            },
        },
        "redis": {
            "image": settings["monitoring_redis_exporter_image"],
            "environment": {
                "REDIS_ADDR": "redis://{service}:6379",
                "REDIS_PASSWORD_FILE": f"{MOUNTED}/{PASSWORDS.rpartition('/')[2]}",
                **go(settings["monitoring_redis_exporter_memory"]),
            },
            "volumes": [f"{root}/{PASSWORDS.rpartition('/')[0]}:{MOUNTED}:ro"],
            # Nobody reads it there: another password is to make another container, which reads the file anew.
            "secrets": ["{api.password}"],
            "read_only": True,
            "networks": {NETWORK: {}},
            "x-media": {
                "family": "rootless",
                "egress": "none",
                "metrics": {"port": REDIS_PORT},
                "limits": limits(settings, "redis_exporter"),
            },
        },
    }


def redis_passwords(services: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the passwords of every Redis that an exporter asks, by address, in the form that the exporter reads.

    services: media_plan.services. A Redis says which secret opens it: ``api: {kind: redis, password: NAME}``.
    """
    found = {}
    for name, service in services.items():
        extension = service.get("x-media") or {}
        if (extension.get("metrics") or {}).get("exporter") == "redis":
            secret = (extension.get("api") or {}).get("password")
            found[f"redis://{name}:6379"] = f"@@secret:{secret}:json@@" if secret else ""
    return found
