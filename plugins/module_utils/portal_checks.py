# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the variables of the portal page, all at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.homelab.media.plugins.module_utils.declaration import ACCESS
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem
from ansible_collections.homelab.media.plugins.module_utils.portal_cards import LINK_KEYS, Settings

THEMES = ("auto", "light", "dark")
TITLE_LENGTH = 40

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")


def problems(settings: Settings) -> list[Problem]:
    """Return everything that cannot work; nothing while the page is off."""
    if not settings["portal_page"]:
        return []
    return [
        *_choice(settings, "portal_theme", THEMES),
        *_choice(settings, "portal_access", ACCESS),
        *_name(settings["portal_name"]),
        *_title(settings["portal_title"]),
        *_words(settings, "portal_groups", "a list of groups, such as [family]"),
        *_words(settings, "portal_sections", "a list of sections, such as [Watch, Library]"),
        *_words(settings, "portal_hidden", "a list of services, such as [recyclarr]"),
        *_links(settings["portal_links"]),
    ]


def _choice(settings: Settings, name: str, choices: tuple[str, ...]) -> Iterable[Problem]:
    if settings[name] not in choices:
        yield Problem(name, f"is {settings[name]!r}", "one of " + ", ".join(choices))


def _name(value: Any) -> Iterable[Problem]:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        yield Problem("portal_name", f"is {value!r}", "a name such as home; one with a dot is a whole name")


def _title(value: Any) -> Iterable[Problem]:
    if not isinstance(value, str) or not value.strip() or len(value) > TITLE_LENGTH:
        yield Problem("portal_title", f"is {value!r}", f"1 to {TITLE_LENGTH} characters")


def _words(settings: Settings, name: str, expected: str) -> Iterable[Problem]:
    value = settings[name]
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) and item.strip() for item in value):
        yield Problem(name, f"is {value!r}", expected)


def _links(value: Any) -> Iterable[Problem]:
    if not isinstance(value, (list, tuple)):
        yield Problem("portal_links", f"is a {type(value).__name__}", "a list of links, each with title and url")
        return
    for index, link in enumerate(value):
        place = f"portal_links[{index}]"
        if not isinstance(link, Mapping):
            yield Problem(place, f"is a {type(link).__name__}", "a dictionary with title and url")
            continue
        for key in link:
            if key not in LINK_KEYS:
                yield Problem(f"{place}.{key}", "is not known", "one of " + ", ".join(LINK_KEYS))
        if not isinstance(link.get("title"), str) or not link["title"].strip():
            yield Problem(f"{place}.title", f"is {link.get('title')!r}", "a few words")
        if not _is_address(link.get("url")):
            yield Problem(f"{place}.url", f"is {link.get('url')!r}", "an address such as https://nas.example.org/")


def _is_address(value: Any) -> bool:
    """Tell whether it leads to a page: with other schemes a link is a program, or a file of the visitor's."""
    if not isinstance(value, str) or re.search(r"[\s<>\"\\]", value):
        return False
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
