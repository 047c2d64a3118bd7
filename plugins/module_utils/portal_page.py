# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The portal page as HTML. Everything that comes from elsewhere is escaped; no script and no style is in the text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import portal_cards, wiring_picture
from ansible_collections.homelab.media.plugins.module_utils.portal_cards import Card, Section, Settings

PAGES = (("./", "Services"), ("wiring.html", "Wiring"))
#: So many cards have room beside each other on a wide screen; a section with fewer shares its line with the next.
WIDEST = 4
#: A report is old when the collector has missed so many.
MISSED = 3

_INTERVAL = re.compile(r"(\d+)(s|m|min)")


def page(plan: Mapping[str, Any], settings: Settings) -> str:
    """Return index.html."""
    sections = portal_cards.sections(plan, settings)
    picture = _picture(plan) if settings["portal_wiring"] else []
    services = sum(bool(card.service) for section in sections for card in section.cards)
    main = [
        *_summary(services),
        *_filter(),
        '<div class="groups">',
        *(line for number, section in enumerate(sections) for line in _section(number, section)),
        "</div>",
        *picture,
    ]
    return document(str(settings["portal_title"]), settings, main, here="./")


def document(title: str, settings: Settings, main: Sequence[str], *, here: str) -> str:
    """Return a whole page. here: its own address."""
    oldest = oldest_report(settings["host_collector_interval"])
    theme = escape(str(settings["portal_theme"]))
    lines = [
        "<!doctype html>",
        f'<html lang="en" data-theme="{theme}" data-oldest="{oldest}">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<meta name="color-scheme" content="{"light dark" if theme == "auto" else theme}">',
        f"<title>{escape(title)}</title>",
        '<link rel="icon" href="icon.svg" type="image/svg+xml">',
        '<link rel="stylesheet" href="portal.css">',
        '<link rel="stylesheet" href="wiring.css">' if settings["portal_wiring"] else "",
        '<script src="portal.js" defer></script>' if here == "./" else "",
        "</head>",
        "<body>",
        '<a class="skip" href="#main">Skip to the content</a>',
        '<header class="top"><div class="wide">',
        f"<h1>{escape(title)}</h1>",
        *(_navigation(here) if settings["portal_wiring"] else ()),
        "</div></header>",
        '<main id="main" class="wide" tabindex="-1">',
        *main,
        "</main>",
        "</body>",
        "</html>",
    ]
    return "\n".join(line for line in lines if line) + "\n"


def _navigation(here: str) -> list[str]:
    return [
        '<nav aria-label="Pages"><ul>',
        *(
            f'<li><a href="{href}"{current}>{words}</a></li>'
            for href, words in PAGES
            for current in [' aria-current="page"' if href == here else ""]
        ),
        "</ul></nav>",
    ]


def oldest_report(interval: Any) -> int:
    """Return the age in seconds from which on a report tells nothing. interval: how often there is one."""
    found = _INTERVAL.fullmatch(str(interval))
    # What is no time, the host role refuses.
    return MISSED * (int(found[1]) * (1 if found[2] == "s" else 60) if found else 60)


def _summary(services: int) -> list[str]:
    """What is to be known at once. Without a program of the browser's: where it is to be read."""
    counted = "1 service" if services == 1 else f"{services} services"
    return [
        '<section class="summary" aria-labelledby="now">',
        '<h2 id="now" class="unseen">Now</h2>',
        '<ul class="facts">',
        f'<li id="fact-services" class="fact" data-state="unknown">{_shape()}<span class="words">{counted}</span></li>',
        f'<li id="fact-vpn" class="fact" data-state="unknown" hidden>{_shape()}<span class="words"></span></li>',
        "</ul>",
        '<p id="notice" class="notice" hidden></p>',
        '<p id="when" class="when" hidden></p>',
        "<noscript>",
        '<p class="notice">Without JavaScript this page shows no health. The links work, and the last report is in '
        '<a href="live/health.json">live/health.json</a>.</p>',
        "</noscript>",
        '<p id="said" class="unseen" role="status"></p>',
        "</section>",
    ]


def _filter() -> list[str]:
    return [
        '<div class="filter" role="search" hidden>',
        '<label for="filter">Filter</label>',
        '<input id="filter" type="search" autocomplete="off" spellcheck="false" aria-keyshortcuts="/" '
        'aria-describedby="found">',
        '<kbd aria-hidden="true">/</kbd>',
        '<output id="found" for="filter"></output>',
        "</div>",
    ]


def _section(number: int, section: Section) -> list[str]:
    return [
        f'<section class="group" data-cards="{min(len(section.cards), WIDEST)}" aria-labelledby="section-{number}">',
        f'<h2 id="section-{number}">{escape(section.title)}</h2>',
        '<ul class="cards">',
        *(line for card in section.cards for line in _card(card)),
        "</ul>",
        "</section>",
    ]


def _card(card: Card) -> list[str]:
    title = escape(card.title)
    if card.url:
        title = f'<a href="{escape(card.url)}" rel="noreferrer">{title}</a>'
    whose = f' data-service="{escape(card.service)}"' if card.service else ""
    parts = f' data-parts="{escape(" ".join(card.parts))}"' if card.parts else ""
    lines = [
        f'<li class="card"{whose}{parts}>',
        f'<span class="letter" aria-hidden="true">{escape(card.title[0].upper())}</span>',
        f"<h3>{title}</h3>",
    ]
    if card.service:
        lines.append(f'<p class="state" data-state="unknown">{_shape()}<span class="words">not known</span></p>')
    if card.text:
        lines.append(f'<p class="text">{escape(card.text)}</p>')
    if card.service:
        lines.append('<p class="detail" hidden></p>')
    return [*lines, "</li>"]


def _shape() -> str:
    return '<span class="shape" aria-hidden="true"></span>'


def _picture(plan: Mapping[str, Any]) -> list[str]:
    return [
        '<section class="group" aria-labelledby="wiring">',
        '<h2 id="wiring">How it is wired</h2>',
        *figure(plan),
        '<p class="more"><a href="wiring.html">The same in words</a></p>',
        "</section>",
    ]


def figure(plan: Mapping[str, Any]) -> list[str]:
    """Return the picture in a frame of its own that scrolls, by keyboard too."""
    return [
        '<div class="picture" role="region" aria-label="Picture of the wiring" tabindex="0">',
        wiring_picture.svg(plan, alone=False).rstrip(),
        "</div>",
    ]
