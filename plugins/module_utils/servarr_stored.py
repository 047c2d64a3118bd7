# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials that an application has lost: found by its own complaints, for it shows none of them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.servarr_api import Rejected
from ansible_collections.homelab.media.plugins.module_utils.servarr_declared import Item
from ansible_collections.homelab.media.plugins.module_utils.servarr_items import find, save, subject
from ansible_collections.homelab.media.plugins.module_utils.servarr_kinds import HEALTH
from ansible_collections.homelab.media.plugins.module_utils.servarr_merge import Unfit
from ansible_collections.homelab.media.plugins.module_utils.servarr_values import HIDDEN, MASK
from ansible_collections.homelab.media.plugins.module_utils.servarr_work import Plan, Work

#: Where the ledger has the key that Prowlarr runs with.
OWN_KEY = "system/key"


def stored(work: Work) -> None:
    """Write a declared secret again where the application complains and a test shows that the stored one is wrong."""
    suspects = [] if work.check else _masked(work)
    if not suspects:
        return
    found: list[dict[str, Any]] = []
    with work.told("health"):
        found = work.client.get("health")
    sources = {str(entry.get("source")) for entry in found if entry.get("type") != "ok"}
    for resource, item, current in suspects:
        if sources & set(HEALTH.get(resource, ())):
            with work.told(subject(resource, item.values)):
                _try(work, resource, item, current)


def applications_after_a_new_key(work: Work) -> None:
    """Make Prowlarr tell the other applications its new key: it does not, when its environment brought it."""
    key = work.declared.key or ""
    if work.declared.kind != "prowlarr" or work.ledger.knows(work.name, OWN_KEY, key):
        return
    with work.told("applications"):
        if work.ledger.remembers(work.name, OWN_KEY) and work.lists.get("applications"):
            if not work.check:
                work.client.send("POST", "command", {"name": "ApplicationIndexerSync", "forceSync": True})
            work.change("applications", "an older API key of Prowlarr's", "synced with the one that it has")
        if not work.check:
            work.ledger.remember(work.name, OWN_KEY, key)


def _masked(work: Work) -> list[tuple[str, Item, dict[str, Any]]]:
    """Return the declared items whose secrets are there, unseen, and not written in this very run."""
    found = []
    for resource, items in work.declared.resources.items():
        with suppress(Rejected, Unfit):  # told already
            for item in items:
                if not item.secrets or item.absent:
                    continue
                current = find(work, resource, item)
                if current is None or (resource, current["id"]) in work.saved or not _in_use(current):
                    continue
                if any(entry.get("value") == MASK for entry in current.get("fields") or []):
                    found.append((resource, item, current))
    return found


def _in_use(current: Mapping[str, Any]) -> bool:
    """Tell whether the application uses an item, so that what it complains of can be this one."""
    switches = [value for key, value in current.items() if key.startswith("enable") and isinstance(value, bool)]
    return current.get("syncLevel") != "disabled" and (not switches or any(switches))


def _try(work: Work, resource: str, item: Item, current: dict[str, Any]) -> None:
    if _passes(work, resource, current):
        return
    fields = [
        {**entry, "value": item.secrets[entry["name"]]} if entry.get("name") in item.secrets else entry
        for entry in current.get("fields") or []
    ]
    right = {**current, "fields": fields}
    if not _passes(work, resource, right):
        return  # so the secret is not what is wrong
    save(work, resource, Plan(right, []))
    for name, secret in item.secrets.items():
        work.ledger.remember(work.name, f"{resource}/{current['id']}/{name}", secret or "")
        work.change(f"{subject(resource, item.values)}: {name}", HIDDEN, f"{HIDDEN} differs")


def _passes(work: Work, resource: str, body: dict[str, Any]) -> bool:
    try:
        work.client.send("POST", f"{resource}/test?forceTest=true", body)
    except Rejected:
        return False
    return True
