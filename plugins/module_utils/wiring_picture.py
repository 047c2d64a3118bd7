# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The picture of the host's wiring, as SVG, drawn from the plan alone: the same plan is the same picture."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import wiring_picture_facts as facts
from ansible_collections.homelab.media.plugins.module_utils import wiring_picture_layout as places
from ansible_collections.homelab.media.plugins.module_utils import wiring_picture_legend as legend
from ansible_collections.homelab.media.plugins.module_utils import wiring_picture_outside as outside
from ansible_collections.homelab.media.plugins.module_utils import wiring_picture_wires as wires
from ansible_collections.homelab.media.plugins.module_utils.wiring_picture_svg import (
    FONT,
    Canvas,
    fitted,
    number,
    style,
)

TITLE = "How this host is wired"


def svg(plan: Mapping[str, Any], *, alone: bool) -> str:
    """Return the picture. alone: it is a file of its own, and brings its style along; else the page has that."""
    house = facts.house(plan)
    layout = places.layout(house)
    canvas = Canvas()
    _host(canvas, house, layout)
    beyond = outside.Outside(house, layout)
    wires.draw(canvas, house, layout, beyond)
    for row in layout.rows:
        for box in row.boxes:
            _box(canvas, box)
    wires.marks(canvas, layout)
    outside.draw(canvas, beyond)
    height = legend.draw(canvas, house, layout.bottom + 12)
    paper = Canvas()
    if alone:
        paper.rect(0, 0, places.WIDTH, height, fill="paper")
    return _document([*paper.parts, *canvas.parts], house, height, alone)


def _document(parts: Sequence[str], house: facts.House, height: float, alone: bool) -> str:
    size = f'viewBox="0 0 {number(places.WIDTH)} {number(height)}"'
    size += f' width="{number(places.WIDTH)}" height="{number(height)}"'
    named = 'role="img" aria-labelledby="wiring-title wiring-desc"'
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="wiring" {size} {named} font-family="{FONT}">',
        f'<title id="wiring-title">{TITLE}</title>',
        f'<desc id="wiring-desc">{html.escape(described(house))}</desc>',
        *([f"<style>\n{style()}</style>"] if alone else []),
    ]
    return "\n".join([*head, *parts, "</svg>"]) + "\n"


def described(house: facts.House) -> str:
    """Return the picture in words, for who does not see it."""
    found = []
    for zone in (zone for band in house.bands for zone in band):
        names = ", ".join(name for node in zone.nodes for name in node.names)
        found.append(f"{zone.title}: {names}.")
    nodes = [node for band in house.bands for zone in band for node in zone.nodes]
    open_ports = [f"{', '.join(node.opens)} of {node.name}" for node in nodes if node.opens]
    if open_ports:
        found.append(f"The home network reaches the ports {'; '.join(open_ports)}.")
    pages = [node.name for node in nodes if node.page not in ("", "visits")]
    if pages:
        found.append(f"The front door leads to {', '.join(pages)}, to each by a network of its own.")
    out = [node.name for node in nodes if node.out]
    if out:
        found.append(f"Ways out of their own have {', '.join(out)}.")
    if house.tunnel:
        found.append("Who is in the VPN pod gets out by the tunnel alone.")
    return " ".join(found)


def _host(canvas: Canvas, house: facts.House, layout: places.Layout) -> None:
    left, wide = places.HOST_LEFT, places.HOST_RIGHT - places.HOST_LEFT
    canvas.rect(left, places.TOP, wide, layout.bottom - places.TOP, fill="host", stroke="rim", more='rx="10"')
    canvas.text(left + 14, places.TOP + 22, "This host", 15, bold=True)
    if house.domain:
        words, size = fitted(house.domain, 500, (12,))
        canvas.text(left + 100, places.TOP + 22, words, size, colour="quiet")
    for frame in layout.frames:
        pod = frame.zone.kind == "pod"
        more = 'rx="8" stroke-width="1.6" stroke-dasharray="6 4"' if pod else 'rx="8"'
        edge = "tunnel" if pod else "edge"
        canvas.rect(frame.x, frame.y, frame.w, frame.h, fill="zone", stroke=edge, more=more)
        words, size = fitted(frame.zone.title, frame.w - 2 * places.PAD, (12, 11, 10, 9), bold=True)
        canvas.text(frame.x + places.PAD, frame.y + 18, words, size, colour="quiet", bold=True)


def _box(canvas: Canvas, box: places.Box) -> None:
    node, room = box.node, box.w - 14
    if len(node.names) > 1:
        canvas.rect(box.x + 4, box.y + 4, box.w, box.h, fill="box", stroke="edge", more='rx="6"')
    canvas.rect(box.x, box.y, box.w, box.h, fill="box", stroke="rim", more='rx="6"', title=", ".join(node.names))
    words, size = fitted(node.name, room, (13, 12, 11, 10), bold=True)
    middle = box.at(0.5)
    if not node.detail:
        canvas.text(middle, box.middle + 4.5, words, size, bold=True, mid=True)
        return
    canvas.text(middle, box.y + 18, words, size, bold=True, mid=True)
    words, size = fitted(node.detail, room, (11, 10, 9))
    canvas.text(middle, box.y + 32, words, size, colour="quiet", mid=True)
