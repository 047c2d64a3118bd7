# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many addresses each jail keeps out."""

from __future__ import annotations

import json

from .containers import UP, Containers, state
from .engine import Engine
from .findings import Findings, Trouble

#: The program that role fail2ban puts beside Fail2Ban: one start of Python for all jails.
PROGRAM = ["python3", "/config/server.py", "count"]


def collect(found: Findings, containers: Containers, engine: Engine, service: str) -> None:
    """Tell of every jail; nothing while Fail2Ban is not up, which is told elsewhere."""
    inspected = containers.all().get(service)
    if not inspected or state(inspected) != UP:
        return
    try:
        for jail, counts in json.loads(engine.execute(inspected["Id"], PROGRAM)).items():
            found.add("media_fail2ban_banned", int(counts["banned"]), jail=str(jail))
            found.add("media_fail2ban_bans_total", int(counts["total"]), jail=str(jail))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Trouble("Fail2Ban tells something else than it should") from None
