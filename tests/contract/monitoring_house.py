# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the monitoring role is given in the tests: its variables, and a plan such as the check phase leaves."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

ROLE = Path(__file__).resolve().parents[2] / "roles" / "monitoring"
SETTINGS: dict[str, Any] = {
    **yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8")),
    "media_root": "/opt/media",
    "media_domain": "media.test",
    "media_names": {},
    "monitoring_backups": {},
    "proxy_certificate": "self_signed",
}


def call(name: str, value: Any, *more: Any) -> Any:
    """Use a filter as a template does."""
    module = import_module(f"ansible_collections.homelab.media.plugins.filter.{name}")
    return module.FilterModule().filters()[name](value, *more)


def target(container: str, place: str, service: str = "", **more: Any) -> dict[str, Any]:
    service = service or container
    job = container.removesuffix(f"-{service}") if service != container else container
    return {"service": service, "container": container, "job": job, "target": place} | {
        "path": "/metrics",
        "bearer": "",
        **more,
    }


def page(service: str, access: str, *names: str, **more: Any) -> dict[str, Any]:
    found = [*names] or [f"{service}.media.test"]
    return {"service": service, "names": found, "path": "/", "access": access, "groups": [], "exempt": [], **more}


def plan(**more: Any) -> dict[str, Any]:
    return {
        "domain": "media.test",
        "sign_on": {"service": "authelia", "url": "https://auth.media.test", "host": "authelia", "port": 9091},
        "pages": [
            page("authelia", "portal", "auth.media.test"),
            page("sonarr", "two_factor"),
            page("plex", "bypass", path="/web/"),
            page("proxy", "deny"),
            page("", "one_factor", "nas.media.test"),
        ],
        "metrics": [
            target("alertmanager", "alertmanager:9093"),
            target("authelia", "authelia:9959"),
            target("blackbox", "blackbox:9115"),
            target("cadvisor", "cadvisor:8080"),
            target("exportarr-sonarr", "exportarr-sonarr:9707", "sonarr"),
            target("exportarr-sonarr-4k", "exportarr-sonarr-4k:9707", "sonarr-4k"),
            target("node-exporter", "172.30.4.1:9100"),
            target("prometheus", "localhost:9090"),
            target("redis-authelia-redis", "redis-authelia-redis:9121", "authelia-redis"),
            target("watcher", "watcher:8080", path="/v1/metrics", bearer="watcher_token"),
        ],
        "services": {},
        **more,
    }
