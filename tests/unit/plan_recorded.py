# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results of real runs of site.yml on the demo host, in check mode; long texts of diffs are left out.

drift: services switched off, options, users and indexers that differ, a role that is gone.
fresh: everything below a new root, for a new user; the proxy that runs knows another password.
refused: nothing differs, and Plex refuses the token.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.plan_report import Run, Told, report

HOST = "media-demo"
RUN = Run(started=1790000000.0, finished=1790000083.25, check=True, slowest=(("Bring the Compose project up", 61.04),))


def plan(name: str) -> dict[str, Any]:
    found: dict[str, Any] = _read(name)["plan"]
    return found


def told(name: str, *, check: bool = True, diff: bool = False) -> list[Told]:
    return [
        Told(
            item["task"], item["role"], item["action"], item["result"], check, diff, bool(item["result"].get("failed"))
        )
        for item in _read(name)["told"]
    ]


def recorded(name: str, run: Run = RUN, **words: bool) -> dict[str, Any]:
    """Return the report of a recorded run."""
    return report(HOST, plan(name), told(name, **words), run)


def _read(name: str) -> Any:
    return json.loads((Path(__file__).parent / f"plugins/callback/recorded/{name}.json").read_text(encoding="utf-8"))
