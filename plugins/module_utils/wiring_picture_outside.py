# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands outside of the host in the picture: who comes in, by which ports, and where its ways out lead."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.homelab.media.plugins.module_utils import wiring_picture_layout as places
from ansible_collections.homelab.media.plugins.module_utils.wiring_picture_facts import House
from ansible_collections.homelab.media.plugins.module_utils.wiring_picture_layout import Layout, Row
from ansible_collections.homelab.media.plugins.module_utils.wiring_picture_svg import Canvas, fitted, width

VISITORS_WIDTH, HEIGHT, LEFT = 100.0, 48.0, 1074.0


@dataclass(frozen=True)
class Sign:
    """Something with words outside of the host."""

    x: float
    y: float
    w: float
    h: float
    lines: tuple[str, ...]

    @property
    def middle(self) -> float:
        return self.y + self.h / 2


class Outside:
    """Visitors at the left, with the ports that they reach; the ways out at the right."""

    def __init__(self, house: House, layout: Layout) -> None:
        self.open_rows = layout.rows_with(lambda node: bool(node.opens))
        self.visitors: Sign | None = None
        self.internet: Sign | None = None
        self.provider: Sign | None = None
        if self.open_rows:
            y = max(places.TOP, self.open_rows[0].port - HEIGHT / 2)
            self.visitors = Sign(0.8, y, VISITORS_WIDTH, HEIGHT, ("Visitors", "and players"))
        if house.tunnel or layout.rows_with(lambda node: node.out):
            y = places.TOP + places.HEAD + 14
            self.internet = Sign(LEFT, y, places.WIDTH - LEFT - 0.8, HEIGHT, ("Internet",))
        self.pod = next((frame for frame in layout.frames if frame.zone.kind == "pod"), None)
        if self.pod:
            y = self.pod.y + self.pod.h + places.BAND_GAP / 2 - HEIGHT / 2
            self.provider = Sign(LEFT, y, places.WIDTH - LEFT - 0.8, HEIGHT, ("VPN provider",))
        self.signs = [sign for sign in (self.visitors, self.internet, self.provider) if sign]
        self.badges = [self._badge(row) for row in self.open_rows]

    @staticmethod
    def _badge(row: Row) -> Sign:
        """Return the ports that are open in a row, in the way of their wire."""
        ports = list(dict.fromkeys(port for box in row.boxes for port in box.node.opens))
        words = ", ".join(ports)
        room = places.HOST_LEFT - VISITORS_WIDTH - 10
        words = words if width(words, 11) <= room - 8 else f"{len(ports)} ports"
        words, _size = fitted(words, room - 8, (11,))
        wide = width(words, 11) + 8
        middle = (places.HOST_LEFT + VISITORS_WIDTH) / 2
        return Sign(middle - wide / 2, row.port - 8, wide, 16, (words,))


def draw(canvas: Canvas, outside: Outside) -> None:
    """Draw it all, the ports last: they stand in the way of wires."""
    for sign in outside.signs:
        canvas.rect(sign.x, sign.y, sign.w, sign.h, fill="paper", stroke="rim", more='rx="20"')
        for place, line in enumerate(sign.lines):
            words, size = fitted(line, sign.w - 14, (12, 11, 10), bold=not place)
            y = sign.middle + 4.5 + (place - (len(sign.lines) - 1) / 2) * 15
            canvas.text(
                sign.x + sign.w / 2, y, words, size, bold=not place, mid=True, colour="quiet" if place else "ink"
            )
    for badge in outside.badges:
        canvas.rect(badge.x, badge.y, badge.w, badge.h, fill="paper", stroke="port", more='rx="4"')
        canvas.text(badge.x + badge.w / 2, badge.y + 12, badge.lines[0], 11, mid=True)
