# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What check mode has announced, from the results that the tasks of all roles have registered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.plan_report import Told, changes, house
from ansible_collections.homelab.media.plugins.module_utils.plan_subjects import HOST

#: Every task that can change something registers its result under a name that begins so, and goes on with its role's;
#: one of many roles has the role with each part of its result.
REGISTERED = "__"


def of(plan: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return what differs on a host: by service, of the machine itself, and how many items that is."""
    told = [
        Told(name, _role(name), "", result, check=True)
        for name, result in variables.items()
        if name.startswith(REGISTERED) and isinstance(result, Mapping)
    ]
    known = house(plan, told)
    services: dict[str, list[str]] = {}
    for each in told:
        for service, change in changes(each, known):
            services.setdefault(service, []).append(change["what"])
    machine = services.pop(HOST, [])
    return {
        "services": {name: services[name] for name in sorted(services)},
        "machine": machine,
        "changes": len(machine) + sum(map(len, services.values())),
    }


def described(drift: Mapping[str, Any], host: str) -> str:
    """Return what differs as text for a person."""
    parts = [f"{name} ({len(items)})" for name, items in drift["services"].items()]
    if drift["machine"]:
        parts.append(f"{host} itself ({len(drift['machine'])})")
    number = drift["changes"]
    noun = "change" if number == 1 else "changes"
    return (
        f"{host} differs from its declaration, {number} {noun}: {', '.join(parts)}. Nothing was done; this is an error "
        "because media_fail_on_drift asks for it."
    )


def _role(name: str) -> str:
    """Return the role that has registered a result: __nzbget_wired."""
    return name[len(REGISTERED) :].partition("_")[0]
