# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The policy that every container follows, in one place. What a service declares itself always wins."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.declaration import media
from ansible_collections.homelab.media.plugins.module_utils.families import FAMILIES, NO_FAMILY, Family
from ansible_collections.homelab.media.plugins.module_utils.identity import (
    Identity,
    container_identity,
    container_user,
)

#: The labels by which the collection knows its containers again.
LABEL_ROLE = "homelab.media.role"
LABEL_SERVICE = "homelab.media.service"
LABEL_DIGEST = "homelab.media.digest"


@dataclass(frozen=True)
class Policy:
    """The shared settings that the policy is made of (variables media_*)."""

    identity: Identity
    restart: str
    log_max_size: str
    log_max_file: int
    memory: str
    cpus: float
    pids: int
    stop_grace_period: str


def apply(services: Mapping[str, Mapping[str, Any]], roles: Mapping[str, str], policy: Policy) -> dict[str, Any]:
    """Return the services with the policy laid under each.

    roles: the role of each service.
    """
    ruled = {name: _ruled(name, service, roles[name], policy) for name, service in services.items()}
    for service in ruled.values():
        for other in media(service).get("needs") or ():
            healthy = "service_healthy" if "healthcheck" in ruled[other] else "service_started"
            service.setdefault("depends_on", {}).setdefault(other, {"condition": healthy})
    return ruled


def _ruled(name: str, service: Mapping[str, Any], role: str, policy: Policy) -> dict[str, Any]:
    declared = copy.deepcopy(dict(service))
    family = FAMILIES.get(media(service).get("family", ""), NO_FAMILY)
    limits = media(service).get("limits") or {}
    ruled: dict[str, Any] = {
        "restart": policy.restart,
        "logging": {
            "driver": "json-file",
            "options": {"max-size": policy.log_max_size, "max-file": str(policy.log_max_file)},
        },
        "security_opt": ["no-new-privileges:true"],
        "cap_drop": ["ALL"],
        "mem_limit": limits.get("memory", policy.memory),
        "cpus": float(limits.get("cpus", policy.cpus)),
        "pids_limit": int(limits.get("pids", policy.pids)),
        "stop_grace_period": policy.stop_grace_period,
        **declared,
    }
    user = container_user(family, policy.identity)
    if user:
        ruled.setdefault("user", user)
    rights = [*family.capabilities, *declared.get("cap_add", ())]
    if rights:
        ruled["cap_add"] = sorted(set(rights))
    environment = _environment(service, family, policy)
    if environment:
        ruled["environment"] = environment
    health = _health(service, family)
    if health:
        ruled.setdefault("healthcheck", health)
    ruled["labels"] = {
        **declared.get("labels", {}),
        LABEL_ROLE: role,
        LABEL_SERVICE: media(service).get("part_of") or name,
        LABEL_DIGEST: f"@@digest:{name}@@",
    }
    return ruled


def _environment(service: Mapping[str, Any], family: Family, policy: Policy) -> dict[str, str]:
    """Return identity variables with the declared ones laid over; a declared null is left out."""
    identity = container_identity(family, policy.identity) if media(service).get("identity", True) else {}
    merged = {**identity, **(service.get("environment") or {})}
    return {key: _text(value) for key, value in merged.items() if value is not None}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _health(service: Mapping[str, Any], family: Family) -> dict[str, Any] | None:
    """Return the Compose health check for ``health: {http: PATH}``, asked with what the image has."""
    health = media(service).get("health")
    if not health or "http" not in health:
        return None
    port = health.get("port") or media(service)["web"]["port"]
    url = f"http://127.0.0.1:{port}{health['http']}"
    return {
        "test": ["CMD", *family.http_get(url)],
        "interval": "30s",
        "timeout": "5s",
        "retries": 3,
        "start_period": "120s",
        # The first answer decides how long a run waits; see docs/architecture.md, "Health".
        "start_interval": "1s",
    }
