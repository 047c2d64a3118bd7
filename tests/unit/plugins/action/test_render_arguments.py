# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run asks to be rendered: of the roles that it declares, and not of those that an earlier run has declared."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.action.media_render import ActionModule

ROLES = {"sonarr": "arr", "watchtower": "maintenance"}


def arguments(*declared: str) -> dict[str, Any]:
    """Return them for a host with services of two roles, all in scope, of which some are declared by this run."""
    plan = {
        **{"services": {name: {"image": "x:1"} for name in ROLES}, "roles": ROLES, "scope": list(ROLES)},
        **{"active": ["arr", "host", "maintenance"], "secrets": {}, "units": [], "pages": [], "fragments": {}},
        **{"fingerprints": dict.fromkeys(ROLES, "f"), "kept": {}, "networks": {}, "categories": []},
        **{"whole": False, "complete": True, "lock": {}},
    }
    declarations = {role: {"path": "", "services": {}, "files": []} for role in declared}
    action = ActionModule.__new__(ActionModule)
    return action._arguments(plan, declarations, defaultdict(str), {})


@pytest.mark.parametrize(
    ("declared", "reached"),
    [
        (("arr", "host", "maintenance"), ["arr", "host", "maintenance"]),
        # The files of the other one stay, because none of them is among those of this run.
        (("arr", "host"), ["arr", "host"]),
    ],
)
def test_a_run_reaches_the_roles_that_it_declares(declared: tuple[str, ...], reached: list[str]) -> None:
    told = arguments(*declared)
    assert told["reached"] == reached
    kept = {name for name, service in told["services"].items() if service["kept"]}
    assert kept == {name for name, role in ROLES.items() if role not in declared}
