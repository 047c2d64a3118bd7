# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Organizr has, and what differs from what it shall have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import organizr_rows
from ansible_collections.homelab.media.plugins.module_utils.organizr_api import Client, OrganizrError, Rejected
from ansible_collections.homelab.media.plugins.module_utils.organizr_declared import Wanted
from ansible_collections.homelab.media.plugins.module_utils.organizr_rows import CATEGORIES, TABS, Plan, text
from ansible_collections.homelab.media.plugins.module_utils.outcome import Outcome
from ansible_collections.homelab.media.plugins.module_utils.servarr_ledger import Ledger

#: What the ledger calls it.
NAME = "organizr"
#: The first place in each list: before it are those that Organizr makes itself.
FIRST_CATEGORY, FIRST_TAB = 2, 3


@dataclass
class Found:
    """What it has. A tab tells its category by name. config: of the settings only those that are wanted."""

    tabs: list[dict[str, Any]] = field(default_factory=list)
    categories: list[dict[str, Any]] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=dict)


@dataclass
class Work:
    """What differs."""

    categories: Plan
    tabs: Plan
    config: dict[str, Any]
    before: Mapping[str, Any]

    def __bool__(self) -> bool:
        return bool(self.categories or self.tabs or self.config)

    def tell(self, outcome: Outcome) -> None:
        self.categories.tell(outcome)
        self.tabs.tell(outcome)
        for name, value in self.config.items():
            outcome.add(f"Organizr setting {name}", text(self.before.get(name)), text(value))

    def names(self) -> list[str]:
        settings = [f"Organizr setting {name}" for name in self.config]
        return [*self.categories.names(), *self.tabs.names(), *settings]


def read(client: Client, wanted: Wanted) -> Found:
    """Read the lists, and of the settings those that are wanted: others hold secrets."""
    try:
        lists, config = client.item("GET", TABS.path), client.item("GET", "/config")
    except Rejected as error:
        if error.status != 401:
            raise
        reason = "is set up, and refuses the key of this host: somebody else has set it up"
        expected = "the one that this host has set up; without its folder below state/ it is set up anew"
        raise OrganizrError(client.where, reason, expected) from None
    categories = [dict(row) for row in lists.get("categories") or ()]
    names = {text(row.get("category_id")): str(row.get("category") or "") for row in categories}
    tabs = [{**row, "category": names.get(text(row.get("category_id")), "")} for row in lists.get("tabs") or ()]
    return Found(tabs, categories, {name: config[name] for name in wanted.config if name in config})


def compare(found: Found, wanted: Wanted, ledger: Ledger) -> Work:
    """Return what differs."""
    categories = organizr_rows.plan(
        CATEGORIES, found.categories, _categories(wanted), ledger.made(NAME, CATEGORIES.path)
    )
    tabs = organizr_rows.plan(TABS, found.tabs, _tabs(wanted), ledger.made(NAME, TABS.path))
    # A category that somebody has put a tab into stays until it is empty.
    leaving = [row["id"] for row in tabs.remove] + [row["id"] for row, new in tabs.change if "category" in new]
    categories.remove = organizr_rows.unused(categories.remove, [row for row in found.tabs if row["id"] not in leaving])
    config = {
        name: value
        for name, value in wanted.config.items()
        if name not in found.config or text(found.config[name]) != text(value)
    }
    return Work(categories, tabs, config, found.config)


def _categories(wanted: Wanted) -> list[dict[str, Any]]:
    return [
        {"category": entry["name"], "image": entry["image"], "order": order}
        for order, entry in enumerate(wanted.categories, FIRST_CATEGORY)
    ]


def _tabs(wanted: Wanted) -> list[dict[str, Any]]:
    return [
        {
            "name": entry["name"],
            "category": entry["category"],
            "url": entry["url"],
            # Organizr would prefer it for visitors of the home network.
            "url_local": "",
            "image": entry["image"],
            "type": entry["type"],
            "group_id": entry["group"],
            "group_id_max": 0,
            "enabled": 1,
            # It would ask from its own container, which reaches none of them.
            "ping": 0,
            "order": order,
        }
        for order, entry in enumerate(wanted.tabs, FIRST_TAB)
    ]
