# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Monitorr's files: its preferences, its thresholds, and a tile with a check for each service."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

#: The longest title of a tile, and of the whole board.
LONGEST_TILE, LONGEST_TITLE = 20, 15
#: Upstream's own picture, from where its page looks for pictures.
IMAGE = "../img/monitorr.png"
#: Upstream's way of writing it, with the leading blank. The other kind opens a port, and takes that for an answer.
STANDARD = " Standard"
#: The time zones that Monitorr offers to choose from, by their region.
ZONES = {
    "Africa": "Cairo Casablanca Harare Monrovia Nairobi",
    "America": "Bogota Buenos_Aires Caracas Chihuahua Godthab La_Paz Lima Mazatlan Mexico_City Monterrey Santiago",
    "Asia": "Almaty Baghdad Baku Bangkok Chongqing Dhaka Hong_Kong Irkutsk Jakarta Jerusalem Kabul Karachi Kathmandu"
    " Kolkata Krasnoyarsk Kuala_Lumpur Kuwait Magadan Muscat Novosibirsk Riyadh Seoul Singapore Taipei Tashkent Tbilisi"
    " Tehran Tokyo Ulaanbaatar Urumqi Vladivostok Yakutsk Yekaterinburg Yerevan",
    "Atlantic": "Azores Cape_Verde Stanley",
    "Australia": "Adelaide Brisbane Canberra Darwin Hobart Melbourne Perth Sydney",
    "Canada": "Atlantic Newfoundland Saskatchewan",
    "Europe": "Amsterdam Athens Belgrade Berlin Bratislava Brussels Bucharest Budapest Copenhagen Dublin Helsinki"
    " Istanbul Kiev Lisbon Ljubljana London Madrid Minsk Moscow Paris Prague Riga Rome Sarajevo Skopje Sofia Stockholm"
    " Tallinn Vienna Vilnius Volgograd Warsaw Zagreb",
    "Pacific": "Auckland Fiji Guam Port_Moresby",
    "US": "Alaska Central East-Indiana Eastern Hawaii Mountain Pacific Samoa",
}
OTHER_ZONE = "Europe/London"


def text(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def plain(settings: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return the contents of the files that follow from variables alone, by the names that Monitorr has for them."""
    return {"user_preferences-data.json": _preferences(settings), "site_settings-data.json": _thresholds()}


def _preferences(settings: Mapping[str, Any]) -> dict[str, str]:
    region, _slash, place = str(settings["media_timezone"]).partition("/")
    known = place in ZONES.get(region, "").split()
    return {
        "sitetitle": str(settings["portal_monitorr_title"]),
        "siteurl": f"https://monitorr.{settings['media_domain']}",
        "updateBranch": "master",
        # Whoever came first would be its administrator.
        "registration": "Disable",
        "timezone": str(settings["media_timezone"]) if known else OTHER_ZONE,
        "timestandard": "False",
        "language": "EN",
    }


def _thresholds() -> dict[str, str]:
    return {
        # How often the page asks, in milliseconds.
        "rfsysinfo": "30000",
        "rftime": "180000",
        # Itself: it has no way out.
        "pinghost": "localhost",
        "pingport": "80",
        # Its container's disk says nothing of the host's.
        "disk1enable": "Disable",
        "disk1": "/",
        "disk2enable": "Disable",
        "disk2": "/",
        "disk3enable": "Disable",
        "disk3": "/",
        "cpuok": "75",
        "cpuwarn": "90",
        "ramok": "75",
        "ramwarn": "90",
        "pingok": "50",
        "pingwarn": "500",
        "hdok": "75",
        "hdwarn": "90",
    }


def tiles(plan: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return a tile for each service that a person may name, with a link where it has a page.

    How a service is, is what the collector says. Asked at the front door, a page would be up as long as the sign-on is;
    and to be asked itself, it would have to let somebody in who never signed in.
    """
    pages = {page["service"]: page for page in plan.get("pages") or () if page["access"] != "deny"}
    found: list[dict[str, str]] = []
    for service, words in sorted((plan.get("portal") or {}).items(), key=_place):
        if service != "monitorr":
            found.append(_tile(service, words["title"], pages.get(service), [tile["serviceTitle"] for tile in found]))
    return found


def _place(item: tuple[str, Mapping[str, str]]) -> tuple[str, str, str]:
    service, words = item
    return words["section"].lower(), words["title"].lower(), service


def _tile(service: str, title: str, page: Mapping[str, Any] | None, taken: list[str]) -> dict[str, str]:
    check = f"http://localhost:80/live/up.php?service={service}"
    link = f"https://{page['names'][0]}{page.get('path') or '/'}" if page else check
    # It names a file of its log by the title.
    clean, number = title.replace("/", "-"), 1
    name = clean[:LONGEST_TILE].strip()
    while name.lower() in [other.lower() for other in taken]:
        number += 1
        name = f"{clean[: LONGEST_TILE - len(str(number)) - 1].strip()} {number}"
    return {
        "serviceTitle": name,
        "enabled": "Yes",
        "image": IMAGE,
        "type": STANDARD,
        "ping": "Disabled",
        "link": "Yes" if page else "No",
        "checkurl": check,
        "linkurl": link,
    }
