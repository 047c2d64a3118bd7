# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every dashboard by its name, and its text for a house: none where it would have nothing to show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import (
    dashboard_containers,
    dashboard_converge,
    dashboard_door,
    dashboard_host,
    dashboard_overview,
    dashboard_pipeline,
    dashboard_playback,
    dashboard_tunnel,
)
from ansible_collections.homelab.media.plugins.module_utils.dashboard import Dashboard
from ansible_collections.homelab.media.plugins.module_utils.dashboard_house import House, look

_BY_NAME: dict[str, Callable[[House], Dashboard | None]] = {
    "overview": dashboard_overview.dashboard,
    "host": dashboard_host.dashboard,
    "tunnel": dashboard_tunnel.dashboard,
    "pipeline": dashboard_pipeline.dashboard,
    "playback": dashboard_playback.dashboard,
    "door": dashboard_door.dashboard,
    "containers": dashboard_containers.dashboard,
    "converge": dashboard_converge.dashboard,
}
NAMES = tuple(_BY_NAME)
#: The one that Grafana opens with.
FIRST = "overview"


def dashboards(plan: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Dashboard]:
    """Return the dashboards of a house by their names."""
    house = look(plan, settings)
    found = {name: build(house) for name, build in _BY_NAME.items()}
    return {name: dashboard for name, dashboard in found.items() if dashboard is not None}


def text(plan: Mapping[str, Any], settings: Mapping[str, Any], name: str) -> str:
    """Return the file of a dashboard; empty where there is nothing to show, or nobody to show it."""
    if "grafana" not in plan["services"]:
        return ""
    found = dashboards(plan, settings).get(name)
    return found.text() if found else ""
