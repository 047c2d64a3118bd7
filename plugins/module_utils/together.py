# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several parts in one execution: each of them alone would cost Ansible more than what it does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.part import carry_out
from ansible_collections.homelab.media.plugins.module_utils.parts import (
    authelia_users,
    exposure_info,
    fail2ban_bans,
    front_door_info,
    monitoring,
    monitoring_info,
    nginx_proxy_manager,
    nzbget_config,
    organizr,
    plex_server,
    recyclarr_sync,
    servarr,
    tautulli_info,
    vpn_check,
)

#: What may be a part, by the name of its module.
PARTS: dict[str, ModuleType] = {
    "authelia_users": authelia_users,
    "exposure_info": exposure_info,
    "fail2ban_bans": fail2ban_bans,
    "front_door_info": front_door_info,
    "monitoring": monitoring,
    "monitoring_info": monitoring_info,
    "nginx_proxy_manager": nginx_proxy_manager,
    "nzbget_config": nzbget_config,
    "organizr": organizr,
    "plex_server": plex_server,
    "recyclarr_sync": recyclarr_sync,
    "servarr": servarr,
    "tautulli_info": tautulli_info,
    "vpn_check": vpn_check,
}


def carry_out_all(parts: Iterable[Mapping[str, Any]], *, check: bool) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the result of each part in their order, and all warnings. One that fails does not keep the others."""
    results: list[dict[str, Any]] = []
    warnings: list[str] = []
    for part in parts:
        found = PARTS[part["module"]]
        result, warned = carry_out(found.SPEC, found.run, dict(part["arguments"]), check=check or part["check"])
        told = {key: part[key] for key in ("module", "role", "name")}
        results.append({**result, **told})
        warnings += warned
    return results, warnings
