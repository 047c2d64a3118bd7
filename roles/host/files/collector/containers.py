# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The containers of the project: looked at once for all parts, and what they tell of the services."""

from __future__ import annotations

import datetime
import json
import threading
import urllib.parse
from collections.abc import Mapping
from typing import Any

from . import web
from .engine import Engine
from .findings import Findings, Trouble

LABEL_PROJECT = "com.docker.compose.project"
LABEL_SERVICE = "com.docker.compose.service"

UP, DOWN, STARTING, ABSENT = "up", "down", "starting", "absent"


class Containers:
    """What the engine tells of each container, by its service."""

    def __init__(self, engine: Engine, project: str) -> None:
        self._engine = engine
        self._project = project
        self._lock = threading.Lock()
        self._found: dict[str, dict[str, Any]] | None = None
        self._trouble: Trouble | None = None

    def all(self) -> dict[str, dict[str, Any]]:
        """Return all of them. Whoever comes first asks, the others wait for the same answer."""
        with self._lock:
            if self._trouble is not None:
                raise self._trouble
            if self._found is None:
                try:
                    self._found = self._look()
                except Trouble as trouble:
                    self._trouble = trouble
                    raise
            return self._found

    def _look(self) -> dict[str, dict[str, Any]]:
        labels = [f"{LABEL_PROJECT}={self._project}", "com.docker.compose.oneoff=False"]
        filters = urllib.parse.quote(json.dumps({"label": labels}))
        found = []
        for entry in self._engine.get(f"/containers/json?all=true&filters={filters}"):
            try:
                found.append(self._engine.get(f"/containers/{entry['Id']}/json"))
            except web.Refused as refused:
                if refused.status != 404:  # it may have gone since it was listed
                    raise
        # A recreation that was cut short leaves the old container beside the new one: the later one counts.
        by_age = sorted(found, key=lambda one: one["State"].get("StartedAt", ""))
        return {one["Config"]["Labels"].get(LABEL_SERVICE, ""): one for one in by_age}


def state(inspected: Mapping[str, Any] | None) -> str:
    """Return how a container is, in one word."""
    if not inspected:
        return ABSENT
    if inspected["State"]["Status"] != "running":
        return DOWN
    health = (inspected["State"].get("Health") or {}).get("Status", "none")
    return {"none": UP, "": UP, "healthy": UP, "starting": STARTING}.get(health, DOWN)


def moment(text: str) -> int | None:
    """Return a time of the engine's in seconds since 1970; nothing for its "never"."""
    if not text or text.startswith("0001-"):
        return None
    whole, zone = text[:19], text[19:].lstrip(".0123456789").replace("Z", "+00:00")
    try:
        return int(datetime.datetime.fromisoformat(whole + zone).timestamp())
    except ValueError:
        return None


def _since(inspected: Mapping[str, Any], how: str) -> int | None:
    """Return since when a container is as it is; nothing where the engine does not know."""
    told = inspected["State"]
    if told["Status"] != "running":
        return moment(told.get("FinishedAt", ""))
    return None if how == DOWN else moment(told.get("StartedAt", ""))


def collect(found: Findings, containers: Containers, services: Mapping[str, str]) -> None:
    """Tell of every declared service. services: whom each belongs to, by the name of its container."""
    seen = containers.all()
    told = {}
    for name, owner in services.items():
        inspected = seen.get(name)
        how = state(inspected)
        found.add("media_service_up", how == UP, service=owner, container=name)
        since = None
        if inspected:
            labels = {"service": owner, "container": name}
            found.add("media_service_restarts_total", inspected.get("RestartCount", 0), **labels)
            started = moment(inspected["State"].get("StartedAt", ""))
            if started is not None:
                found.add("media_service_started_timestamp_seconds", started, **labels)
            since = _since(inspected, how)
        told[name] = {"state": how, "since": since}
    found.tell("services", told)
