# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands on the portal page: every service in its section, and a person's own links. From the plan alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.declaration import media
from ansible_collections.homelab.media.plugins.module_utils.relations import OTHER

Settings = Mapping[str, Any]

#: The page's own place among the published ones.
SERVICE = "portal"
LINK_KEYS = ("title", "url", "text", "section")
LINKS, MACHINES = "Links", "Other machines"
#: Sections that most people look for first, and those that they look for last. Between them: by the alphabet.
FIRST = ("Watch", "Library", "Downloads")
LAST = ("Monitoring", "Front door", "Maintenance", OTHER, MACHINES, LINKS)


@dataclass(frozen=True)
class Card:
    """One entry. service: whose health it shows, if it has one; parts: containers that belong to it."""

    title: str
    text: str
    url: str = ""
    service: str = ""
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    title: str
    cards: tuple[Card, ...]


def sections(plan: Mapping[str, Any], settings: Settings) -> list[Section]:
    """Return all sections in their order, each with its cards by their titles; a person's links as they were given."""
    found: dict[str, list[Card]] = {}
    for section, card in sorted(_services(plan, settings), key=lambda item: item[1].title.lower()):
        found.setdefault(section, []).append(card)
    for section, card in _machines(plan):
        found.setdefault(section, []).append(card)
    for link in settings["portal_links"]:
        card = Card(str(link["title"]), str(link.get("text") or ""), str(link["url"]))
        found.setdefault(str(link.get("section") or LINKS), []).append(card)
    order = _order([str(name) for name in settings["portal_sections"]])
    return [Section(title, tuple(found[title])) for title in sorted(found, key=order)]


def _services(plan: Mapping[str, Any], settings: Settings) -> Iterable[tuple[str, Card]]:
    urls = addresses(plan)
    hidden = set(settings["portal_hidden"])
    for name, words in plan["portal"].items():
        if name not in hidden:
            yield words["section"], Card(words["title"], words["text"], urls.get(name, ""), name, _parts(name, plan))


def addresses(plan: Mapping[str, Any]) -> dict[str, str]:
    """Return where people find the page of each service that has one and is not shut."""
    return {
        page["service"]: f"https://{page['names'][0]}{page.get('path') or '/'}"
        for page in plan.get("pages") or ()
        if page["service"] and page["access"] != "deny"
    }


def _parts(name: str, plan: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a service cannot do without. Who tells its numbers is none of that."""
    return tuple(
        other
        for other, service in plan["services"].items()
        if media(service).get("part_of") == name and not media(service).get("exports")
    )


def _machines(plan: Mapping[str, Any]) -> Iterable[tuple[str, Card]]:
    """Pages without a service: of other machines, and further static ones."""
    for page in plan.get("pages") or ():
        name = page["names"][0]
        if page["service"] not in plan["services"] and page["service"] != SERVICE and page["access"] != "deny":
            label = name.partition(".")[0]
            yield MACHINES, Card(label[0].upper() + label[1:], name, f"https://{name}{page.get('path') or '/'}")


def _order(asked: list[str]) -> Any:
    """Return the key to sort sections by. asked: those that a person wants first."""
    first = [*asked, *(name for name in FIRST if name not in asked)]
    last = [name for name in LAST if name not in first]

    def key(title: str) -> tuple[int, int, str]:
        if title in first:
            return 0, first.index(title), ""
        if title in last:
            return 2, last.index(title), ""
        return 1, 0, title.lower()

    return key
