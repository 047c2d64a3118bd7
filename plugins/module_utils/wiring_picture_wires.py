# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The wires of the picture, and the signs at their ends that tell what a page asks for."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.homelab.media.plugins.module_utils import wiring_picture_layout as places
from ansible_collections.homelab.media.plugins.module_utils.wiring_picture_facts import House, Node
from ansible_collections.homelab.media.plugins.module_utils.wiring_picture_layout import Box, Layout
from ansible_collections.homelab.media.plugins.module_utils.wiring_picture_outside import Outside
from ansible_collections.homelab.media.plugins.module_utils.wiring_picture_svg import Canvas

#: The places on the edges of a box where wires end.
PORT_AT, DOOR_AT, NUMBERS_AT, OUT_AT = 0.2, 0.5, 0.3, 0.7
TUNNEL_WIDTH = 4.0


def draw(canvas: Canvas, house: House, layout: Layout, outside: Outside) -> None:
    """Draw all wires; the numbers first, which are the least."""
    _numbers(canvas, layout)
    _out(canvas, layout, outside)
    _door(canvas, house, layout)
    _ports(canvas, outside)
    _sign_on(canvas, house, layout)
    _tunnel(canvas, house, layout, outside)


def marks(canvas: Canvas, layout: Layout) -> None:
    """Draw what each page asks for, at the end of its wire."""
    for box in _boxes(layout, lambda node: bool(node.page)):
        mark(canvas, box.node.page, box.at(DOOR_AT), box.y)


def mark(canvas: Canvas, page: str, x: float, y: float) -> None:
    """Draw the sign of what a page asks for."""
    if page == "two_factor":
        canvas.ring(x, y, 4.4, fill="door", stroke="door")
    elif page == "one_factor":
        canvas.ring(x, y, 4.4, fill="paper", stroke="door")
    elif page == "visits":
        canvas.shape([(x - 5, y + 3), (x, y - 6), (x + 5, y + 3)], fill="door", stroke="door")
    elif page == "deny":
        canvas.wire([(x - 4, y - 4), (x + 4, y + 4)], "door")
        canvas.wire([(x - 4, y + 4), (x + 4, y - 4)], "door")
    else:
        canvas.shape([(x - 5, y), (x, y - 5), (x + 5, y), (x, y + 5)], fill="paper", stroke="door")


def _numbers(canvas: Canvas, layout: Layout) -> None:
    rows = layout.rows_with(lambda node: node.numbers)
    gutter = places.NUMBERS_GUTTER
    for row in rows:
        drops = [box for box in row.boxes if box.node.numbers]
        canvas.wire([(gutter, row.numbers), (drops[-1].at(NUMBERS_AT), row.numbers)], "numbers", dashed=True)
        for box in drops:
            canvas.wire([(box.at(NUMBERS_AT), row.numbers), (box.at(NUMBERS_AT), box.bottom)], "numbers")
            canvas.dot(box.at(NUMBERS_AT), row.numbers, "numbers")
        canvas.dot(gutter, row.numbers, "numbers")
    if len(rows) > 1:
        canvas.wire([(gutter, rows[0].numbers), (gutter, rows[-1].numbers)], "numbers", dashed=True)


def _out(canvas: Canvas, layout: Layout, outside: Outside) -> None:
    rows = layout.rows_with(lambda node: node.out)
    gutter = places.OUT_GUTTER
    for row in rows:
        drops = [box for box in row.boxes if box.node.out]
        canvas.wire([(drops[0].at(OUT_AT), row.out), (gutter, row.out)], "out")
        for box in drops:
            canvas.wire([(box.at(OUT_AT), box.bottom), (box.at(OUT_AT), row.out)], "out")
            canvas.dot(box.at(OUT_AT), row.out, "out")
        canvas.dot(gutter, row.out, "out")
    if rows and outside.internet:
        to = outside.internet
        top = min(to.middle, rows[0].out)
        canvas.wire([(gutter, rows[-1].out), (gutter, top)], "out")
        canvas.wire([(gutter, to.middle), (to.x, to.middle)], "out")
        _arrow(canvas, to.x, to.middle, "out")


def _door(canvas: Canvas, house: House, layout: Layout) -> None:
    """From the front door's left side down the gutter, and along each row that has pages."""
    doors = _boxes(layout, lambda node: node.name == house.door and bool(house.door))
    rows = layout.rows_with(lambda node: bool(node.page))
    if not doors or not rows:
        return
    gutter, door = places.DOOR_GUTTER, doors[0]
    canvas.wire([(door.x, door.middle), (gutter, door.middle), (gutter, rows[-1].door)], "door")
    for row in rows:
        drops = [box for box in row.boxes if box.node.page]
        canvas.wire([(gutter, row.door), (drops[-1].at(DOOR_AT), row.door)], "door")
        canvas.dot(gutter, row.door, "door")
        for box in drops:
            canvas.wire([(box.at(DOOR_AT), row.door), (box.at(DOOR_AT), box.y)], "door")
            canvas.dot(box.at(DOOR_AT), row.door, "door")


def _ports(canvas: Canvas, outside: Outside) -> None:
    visitors = outside.visitors
    if not visitors:
        return
    for row in outside.open_rows:
        drops = [box for box in row.boxes if box.node.opens]
        start = [(visitors.x + visitors.w, row.port)]
        if not visitors.y < row.port < visitors.y + visitors.h:
            below = visitors.x + visitors.w / 2
            start = [(below, visitors.y + visitors.h), (below, row.port)]
        canvas.wire([*start, (drops[-1].at(PORT_AT), row.port)], "port")
        for box in drops:
            canvas.wire([(box.at(PORT_AT), row.port), (box.at(PORT_AT), box.y)], "port")
            canvas.dot(box.at(PORT_AT), row.port, "port")


def _sign_on(canvas: Canvas, house: House, layout: Layout) -> None:
    """The question that the front door puts to the sign-on, in the gap between them."""
    found = {box.node.name: box for row in layout.rows for box in row.boxes}
    door, asked = found.get(house.door), found.get(house.sign_on)
    if not door or not asked:
        return
    canvas.wire([(door.right, door.middle), (asked.x, door.middle)], "door")
    _arrow(canvas, asked.x, door.middle, "door")
    middle = (door.right + asked.x) / 2
    canvas.text(middle, door.middle - 6, "may they?", 11, mid=True, colour="door")


def _tunnel(canvas: Canvas, house: House, layout: Layout, outside: Outside) -> None:
    if not outside.pod or not outside.provider or not outside.internet:
        return
    pod, to, beyond = outside.pod, outside.provider, outside.internet
    start = pod.x + pod.w / 2
    canvas.wire([(start, pod.y + pod.h), (start, to.middle), (to.x, to.middle)], "tunnel", wide=TUNNEL_WIDTH)
    middle = to.x + to.w / 2
    canvas.wire([(middle, to.y), (middle, beyond.y + beyond.h)], "tunnel")
    tip = beyond.y + beyond.h + 1
    canvas.shape([(middle - 4, tip + 7), (middle, tip), (middle + 4, tip + 7)], fill="tunnel", stroke="tunnel")
    applications = next((frame for frame in layout.frames if frame.zone.kind == "media"), None)
    if house.pod_in_media and applications:
        x = pod.x + pod.w / 2
        canvas.wire([(x, applications.y + applications.h), (x, pod.y)], "rim", wide=3)
        canvas.text(x + 8, (applications.y + applications.h + pod.y) / 2 + 4, "network media", 11, colour="quiet")


def _arrow(canvas: Canvas, x: float, y: float, kind: str) -> None:
    canvas.shape([(x - 8, y - 4), (x - 1, y), (x - 8, y + 4)], fill=kind, stroke=kind)


def _boxes(layout: Layout, holds: Callable[[Node], bool]) -> list[Box]:
    return [box for row in layout.rows for box in row.boxes if holds(box.node)]
