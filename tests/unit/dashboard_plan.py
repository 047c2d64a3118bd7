# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A house with everything that a dashboard can show, as the check phase tells of it, and the variables for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import metrics

from tests.unit import sample_house

SETTINGS: dict[str, Any] = {
    "media_root": "/opt/media",
    "media_domain": "media.test",
    "media_names": {},
    "monitoring_scrape_interval": "30s",
    "monitoring_backups": {"proxy": {"path": "state/proxy"}},
    "monitoring_grafana_image": "docker.io/grafana/grafana:13.0.10",
    "monitoring_grafana_admin": "grafana-admin",
    "monitoring_grafana_admin_password": "",
    "monitoring_grafana_port": 3000,
    "monitoring_grafana_theme": "dark",
    "monitoring_grafana_memory": "512m",
    "monitoring_grafana_cpus": 1.0,
}
_BANS = {
    "bouncer": {
        "services": {
            "bouncer": {
                **sample_house.service(network_mode="host", reads_auth_logs=True),
            }
        }
    }
}


def plan(without: Iterable[str] = ()) -> dict[str, Any]:
    """Return the plan of the house; without: services that are off."""
    without = list(without)
    built = sample_house.build(without=without, more=_BANS)
    found = sample_house.plan(without=without, more=_BANS)
    return {**found, "metrics": metrics.targets(built.services, built.networks)}
