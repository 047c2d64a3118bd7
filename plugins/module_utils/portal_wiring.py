# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The wiring in words: which ports are open, who is published how, who shares a network with whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import portal_page, wiring, wiring_picture_facts
from ansible_collections.homelab.media.plugins.module_utils.declaration import media
from ansible_collections.homelab.media.plugins.module_utils.portal_cards import Settings

ACCESS = {
    "two_factor": "two factors",
    "one_factor": "one factor",
    "bypass": "open to everybody",
    "deny": "shut",
    "portal": "the sign-on itself",
}


def page(plan: Mapping[str, Any], settings: Settings) -> str:
    """Return wiring.html."""
    main = [
        '<section class="group" aria-labelledby="wiring">',
        '<h2 id="wiring">The picture</h2>',
        *portal_page.figure(plan),
        '<p class="more"><a href="wiring.svg" download>The picture as a file</a></p>',
        "</section>",
        *_table("open", "Open to the home network", ("Port", "Service"), _open(plan)),
        *_table("pages", "Published at the front door", ("Name", "Service", "Who gets in"), _pages(plan)),
        *_table("networks", "Networks", ("Network", "Way out", "On it"), _networks(plan)),
        *_table("local", "On the host's 127.0.0.1 alone", ("Port", "Service"), _local(plan)),
    ]
    title = f"{settings['portal_title']}: wiring"
    return portal_page.document(title, settings, main, here="wiring.html")


def _open(plan: Mapping[str, Any]) -> Iterable[Sequence[str]]:
    found = [(port, name) for name, service in plan["services"].items() for port in wiring_picture_facts.opens(service)]
    return sorted(found, key=lambda row: (int(row[0].partition("/")[0]), row))


def _pages(plan: Mapping[str, Any]) -> Iterable[Sequence[str]]:
    for page_ in plan.get("pages") or ():
        groups = f", of {' or '.join(page_['groups'])}" if page_["groups"] and page_["access"] != "deny" else ""
        who = f"{ACCESS[page_['access']]}{groups}"
        yield ", ".join(page_["names"]), page_["service"] or f"{page_['host']}:{page_['port']}", who


def _networks(plan: Mapping[str, Any]) -> Iterable[Sequence[str]]:
    members: dict[str, list[str]] = {}
    for name in sorted(plan["services"]):
        for network in wiring_picture_facts.joined(name, plan["services"]):
            members.setdefault(network, []).append(name)
    pod = wiring.pod_name(plan["services"])
    for network, names in sorted(members.items()):
        closed = plan["networks"][network].get("internal")
        out = "no" if closed else "the tunnel" if pod in names else "yes"
        yield network, out, ", ".join(names)


def _local(plan: Mapping[str, Any]) -> Iterable[Sequence[str]]:
    """What the VPN pod publishes is of the tenants in it."""
    services = plan["services"]
    tenants = {
        int(web.get("loopback") or web["port"]): name
        for name, service in services.items()
        for web in [media(service).get("web")]
        if wiring.is_tenant(service) and web
    }
    found = [
        (port, protocol, tenants.get(port, name) if name == wiring.pod_name(services) else name)
        for name, service in services.items()
        for address, port, protocol in wiring.host_ports(service)
        if address.startswith("127.")
    ]
    for port, protocol, name in sorted(found):
        yield str(port) if protocol == "tcp" else f"{port}/{protocol}", name


def _table(key: str, title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    found = list(rows)
    if not found:
        return []
    return [
        f'<section class="group" aria-labelledby="{key}">',
        f'<h2 id="{key}">{escape(title)}</h2>',
        f'<div class="table" role="region" aria-labelledby="{key}" tabindex="0">',
        "<table>",
        "<thead><tr>" + "".join(f'<th scope="col">{escape(head)}</th>' for head in heads) + "</tr></thead>",
        "<tbody>",
        *(
            f'<tr><th scope="row">{escape(row[0])}</th>'
            + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
            + "</tr>"
            for row in found
        ),
        "</tbody>",
        "</table>",
        "</div>",
        "</section>",
    ]
