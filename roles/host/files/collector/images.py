# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a registry has another image under a name by now: asked twice a day, a few names at a time."""

from __future__ import annotations

import time
from typing import Any

from .containers import Containers
from .engine import Engine
from .findings import Findings, Trouble
from .memory import Memory

SECTION = "images"
#: Seconds after which a registry is asked again, and after which it is when it did not answer.
EVERY, AGAIN = 12 * 3600, 3600
#: How many names one run asks for at most, how long for each, and how long for all of them.
FEW, EACH, ALL = 4, 3.0, 6.0


def collect(found: Findings, containers: Containers, engine: Engine, memory: Memory, owners: dict[str, str]) -> None:
    """Tell of every image what the registry said last."""
    wanted = {name: one for name, one in containers.all().items() if name in owners}
    known = {image: entry for image, entry in memory.get(SECTION).items() if image in _names(wanted)}
    _tell(found, wanted, known, owners)
    end = time.monotonic() + ALL
    for image, local in _due(wanted, known)[:FEW]:
        left = end - time.monotonic()
        if left <= 0:
            break
        # Kept before it is asked: a name that hangs must not be asked again first thing next time.
        before = known[image] if known.get(image, {}).get("local") == local else {}
        known[image] = {**before, "asked": time.time(), "failed": "no answer", "local": local}
        memory.put(SECTION, dict(known))
        try:
            known[image] = {"asked": time.time(), "failed": "", "local": local, **_ask(engine, image, local, left)}
        except Trouble as trouble:
            known[image] = {**known[image], "failed": str(trouble)}
    memory.put(SECTION, dict(known))
    _tell(found, wanted, known, owners)
    failed = sorted(image for image, entry in known.items() if entry.get("failed"))
    if failed:
        others = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
        raise Trouble(f"{failed[0]}{others}: {known[failed[0]]['failed']}")


def _names(wanted: dict[str, Any]) -> set[str]:
    return {one["Config"]["Image"] for one in wanted.values()}


def _due(wanted: dict[str, Any], known: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the images to ask for with their IDs, those first that nobody has asked for the longest."""
    now = time.time()
    due = []
    for image, local in {one["Config"]["Image"]: one["Image"] for one in wanted.values()}.items():
        entry = known.get(image, {})
        asked = entry.get("asked", 0)
        waits = AGAIN if entry.get("failed") else EVERY
        # What was pinned by its digest stays what it is. Another image than last time: what is known is of the old one.
        if "@" not in image and (now - asked > waits or asked > now or entry.get("local") != local):
            due.append((asked, image, local))
    return [(image, local) for _asked, image, local in sorted(due)]


def _ask(engine: Engine, image: str, local: str, left: float) -> dict[str, Any]:
    here = [name.rpartition("@")[2] for name in engine.inspect_image(local).get("RepoDigests") or ()]
    if not here:  # it was made on this host: no registry has it
        return {}
    there = engine.distribution(image, min(EACH, left))["Descriptor"]["digest"]
    return {"behind": there not in here}


def _tell(found: Findings, wanted: dict[str, Any], known: dict[str, Any], owners: dict[str, str]) -> None:
    for name, one in wanted.items():
        image = one["Config"]["Image"]
        entry = known.get(image, {})
        if "behind" in entry and entry.get("local") == one["Image"]:
            found.add("media_image_behind", entry["behind"], service=owners[name], container=name, image=image)
