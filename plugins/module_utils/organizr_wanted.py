# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Organizr shall have: a tab for each page of the front door, and the sign-on's word for who is there."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import addressing
from ansible_collections.homelab.media.plugins.module_utils.front_door import SIGNED_IN, network_of
from ansible_collections.homelab.media.plugins.module_utils.organizr import CONFIG_FILE, SECRETS, SERVICE, Settings

#: Organizr's numbers for how a tab opens.
TYPES = {"frame": 1, "window": 2}
#: The kinds of API whose applications are known to work in a frame; any other may think that it is alone in the window.
FRAMED = ("sonarr", "radarr", "lidarr", "readarr", "prowlarr", "tautulli", "nzbget")
#: Icons that upstream ships, by service or kind. Anything else gets one of its font.
ICONS = ("sonarr", "radarr", "readarr", "prowlarr", "nzbget", "plex", "tautulli", "grafana", "prometheus", "monitorr")
OTHER_ICON, CATEGORY_ICON = "fontawesome::globe", "fontawesome::folder-open"
#: Organizr's numbers for who may see a tab: everybody that it knows, and its administrators.
EVERYBODY, ADMINISTRATORS = 4, 1
#: Where a page is shown that nobody has sorted.
OTHER = "Other"
#: The longest name of a tab, in bytes.
LONGEST = 50


def wanted(plan: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """Return the parameters of the module M(homelab.media.organizr)."""
    root = settings["media_root"]
    tabs = _tabs(plan, settings)
    return {
        "url": f"http://127.0.0.1:{settings['portal_organizr_port']}",
        "username": settings["portal_organizr_admin"],
        "email": settings["portal_organizr_email"] or f"{settings['portal_organizr_admin']}@{settings['media_domain']}",
        **{file: f"{root}/secrets/{secret}" for secret, file in SECRETS.items()},
        "config_file": f"{root}/state/{SERVICE}/{CONFIG_FILE}",
        "ledger": f"{root}/organizr.json",
        "categories": [
            {"name": name, "image": CATEGORY_ICON} for name in dict.fromkeys(tab["category"] for tab in tabs)
        ],
        "tabs": tabs,
        "config": {**settings["portal_organizr_config"], **_sign_on(plan)},
        "timeout": settings["portal_organizr_timeout"],
    }


def _tabs(plan: Mapping[str, Any], settings: Settings) -> list[dict[str, Any]]:
    found = [
        _tab(page, plan, settings)
        for page in plan.get("pages") or ()
        if page["access"] != "deny" and page["service"] != SERVICE
    ]
    found.sort(key=lambda tab: (tab["category"] == OTHER, tab["category"].lower(), tab["name"].lower(), tab["url"]))
    _tell_apart(found)
    return found


def _tab(page: Mapping[str, Any], plan: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    service, name = str(page["service"] or ""), str(page["names"][0])
    label = name.partition(".")[0]
    words = (plan.get("portal") or {}).get(service) or {}
    kind = str(((plan.get("apis") or {}).get(service) or {}).get("kind") or "")
    opens = settings["portal_organizr_types"].get(service) or ("frame" if kind in FRAMED else "window")
    return {
        "name": str(words.get("title") or label[:1].upper() + label[1:]),
        "category": str(words.get("section") or OTHER),
        "url": f"https://{name}{page.get('path') or '/'}",
        "image": next((f"plugins/images/tabs/{icon}.png" for icon in ICONS if icon in (service, kind)), OTHER_ICON),
        "type": TYPES[opens],
        "group": _group(page.get("groups") or (), settings["portal_organizr_groups"]),
    }


def _group(groups: Iterable[str], numbers: Mapping[str, Any]) -> int:
    """Return who sees the tab: whoever the least of the page's groups is at Organizr."""
    return max((int(numbers.get(group, ADMINISTRATORS)) for group in groups), default=EVERYBODY)


def _tell_apart(tabs: list[dict[str, Any]]) -> None:
    """Shorten names that are too long, and number those that are there already: Organizr has each name once."""
    taken: set[str] = set()
    for tab in tabs:
        name, number = _short(tab["name"], LONGEST), 1
        while name.lower() in taken:
            number += 1
            name = f"{_short(tab['name'], LONGEST - len(str(number)) - 1)} {number}"
        tab["name"] = name
        taken.add(name.lower())


def _short(text: str, length: int) -> str:
    return text.encode()[:length].decode(errors="ignore").strip()


def _sign_on(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings by which Organizr believes the front door, and nobody else, who is signed in."""
    own: Mapping[str, Any] = next((page for page in plan.get("pages") or () if page["service"] == SERVICE), {})
    sign_on, door = plan.get("sign_on") or {}, _door(plan)
    guarded = bool(door and sign_on and own.get("access") in SIGNED_IN)
    return {
        "authProxyEnabled": guarded,
        "authProxyHeaderName": "Remote-User" if guarded else "",
        "authProxyHeaderNameEmail": "Remote-Email" if guarded else "",
        "authProxyWhitelist": door if guarded else "",
        "authProxyOverrideLogout": guarded,
        "authProxyLogoutURL": f"{sign_on['url']}/logout" if guarded else "",
        # The sign-on knows who there is.
        "hideRegistration": True,
    }


def _door(plan: Mapping[str, Any]) -> str:
    """Return the front door's fixed address in the network of Organizr's page, the one range that may tell a name."""
    network = (plan.get("networks") or {}).get(network_of(SERVICE)) or {}
    addresses = [address for address in addressing.fixed(network) if ipaddress.ip_address(address).version == 4]
    return next(iter(addresses), "")
