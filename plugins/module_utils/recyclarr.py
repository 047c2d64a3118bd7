# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recyclarr's configuration, from who is on the host and what each of them shall take from the guide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Apis = Mapping[str, Mapping[str, Any]]
Settings = Mapping[str, Any]

#: The kinds of API that Recyclarr knows.
KINDS = ("sonarr", "radarr")


def instances(apis: Apis, settings: Settings) -> dict[str, dict[str, Any]]:
    """Return what Recyclarr keeps, by kind and service: where the service is, the name of its key, and what is wanted.

    database: the file, below media_root, in which the service keeps what it was told.

    A service without anything wanted is left out, and so is a kind without services.
    """
    found: dict[str, dict[str, Any]] = {}
    for kind in KINDS:
        services = {
            name: {
                "base_url": api["url"],
                "secret": api["key"],
                "database": f"state/{name}/{kind}.db",
                "wanted": wanted,
            }
            for name, api in apis.items()
            if api.get("kind") == kind
            for wanted in [laid(settings[f"maintenance_recyclarr_{kind}"], api.get("guide"))]
            if wanted
        }
        if services:
            found[kind] = services
    return found


def laid(defaults: Mapping[str, Any] | None, guide: Mapping[str, Any] | None) -> dict[str, Any]:
    """Lay a service's own guide over its kind's defaults, key by key. An empty one switches everything off for it.

    A key with null is one that Recyclarr shall leave alone.
    """
    if guide is not None and not guide:
        return {}
    merged = {**(defaults or {}), **(guide or {})}
    return {key: value for key, value in merged.items() if value is not None}
