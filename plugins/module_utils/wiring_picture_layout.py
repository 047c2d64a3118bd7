# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where everything of the picture of the wiring goes. Wires have lanes of their own, in which no word ever stands.

Around a row of boxes: above it the lanes of open ports and of pages, below it those of ways out and of numbers. All
rows of a band are at the same height. Lanes lead to the gutters at both sides of the host, where they meet.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ansible_collections.homelab.media.plugins.module_utils.wiring_picture_facts import House, Node, Zone

WIDTH = 1180.0
#: The host, and what is inside of its gutters.
HOST_LEFT, HOST_RIGHT = 164.0, 1056.0
LEFT, RIGHT = 204.0, 1028.0
DOOR_GUTTER, NUMBERS_GUTTER, OUT_GUTTER = 178.0, 190.0, 1042.0
TOP = 8.0
HEAD = 34.0  # of the host, for its name

PAD = 12.0  # in a zone, at both sides
TITLE = 26.0  # of a zone
GAP, ZONE_GAP, ASK_GAP, BAND_GAP = 12.0, 16.0, 104.0, 22.0
BOX_HEIGHT, BOX_MIN, BOX_MAX = 40.0, 126.0, 164.0
LANE, ROW_PAD = 9.0, 8.0


@dataclass(frozen=True)
class Box:
    """A node in its place."""

    node: Node
    x: float
    y: float
    w: float
    h: float = BOX_HEIGHT

    @property
    def right(self) -> float:
        return self.x + self.w

    @property
    def bottom(self) -> float:
        return self.y + self.h

    @property
    def middle(self) -> float:
        return self.y + self.h / 2

    def at(self, part: float) -> float:
        """Return the place on its upper or lower edge, from 0 at the left to 1."""
        return self.x + self.w * part


@dataclass(frozen=True)
class Row:
    """A row of boxes, with the heights of its lanes."""

    boxes: tuple[Box, ...]
    port: float
    door: float
    out: float
    numbers: float


@dataclass(frozen=True)
class Frame:
    """A zone in its place."""

    zone: Zone
    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True)
class Layout:
    frames: tuple[Frame, ...]
    rows: tuple[Row, ...]
    bottom: float  # of the host

    def rows_with(self, holds: Callable[[Node], bool]) -> list[Row]:
        """Return the rows in which something holds of a box."""
        return [row for row in self.rows if any(holds(box.node) for box in row.boxes)]


def layout(house: House) -> Layout:
    """Return the places of all zones, boxes and lanes."""
    frames: list[Frame] = []
    rows: list[Row] = []
    y = TOP + HEAD
    for band in house.bands:
        placed, lanes, bottom = _band(band, y)
        frames += placed
        rows += lanes
        y = bottom + BAND_GAP
    return Layout(tuple(frames), tuple(rows), (y - BAND_GAP if house.bands else y) + 16)


def _band(zones: Sequence[Zone], top: float) -> tuple[list[Frame], list[Row], float]:
    gaps = [ASK_GAP if zone.kind == "sign_on" else ZONE_GAP for zone in zones[1:]]
    room = RIGHT - LEFT - sum(gaps) - 2 * PAD * len(zones)
    columns = spread([len(zone.nodes) for zone in zones], room)
    width = min(BOX_MAX, (room - GAP * (sum(columns) - len(zones))) / sum(columns))
    lefts = _lefts(columns, gaps, width)
    rows: list[Row] = []
    y = top + TITLE
    for number in range(max(-(-len(zone.nodes) // count) for zone, count in zip(zones, columns))):
        row, y = _row(number, zones, columns, lefts, width, y)
        rows.append(row)
    bottom = y + ROW_PAD
    # The last zone reaches to the right edge.
    rights = [left + PAD * 2 + width * count + GAP * (count - 1) for left, count in zip(lefts, columns)]
    frames = [
        Frame(zone, left, top, (RIGHT if zone is zones[-1] else right) - left, bottom - top)
        for zone, left, right in zip(zones, lefts, rights)
    ]
    return frames, rows, bottom


def spread(counts: Sequence[int], room: float) -> tuple[int, ...]:
    """Return how many columns each zone of a band has, so that the band has as few rows as can be."""
    most = max(len(counts), int((room + GAP * len(counts)) // (BOX_MIN + GAP)))
    fitting = (
        choice for choice in itertools.product(*(range(1, min(n, most) + 1) for n in counts)) if sum(choice) <= most
    )
    return min(fitting, key=lambda choice: (max(-(-n // c) for n, c in zip(counts, choice)), sum(choice), choice))


def _lefts(columns: Sequence[int], gaps: Sequence[float], width: float) -> list[float]:
    lefts = [LEFT]
    for count, gap in zip(columns, gaps):
        lefts.append(lefts[-1] + PAD * 2 + width * count + GAP * (count - 1) + gap)
    return lefts


def _row(
    number: int, zones: Sequence[Zone], columns: Sequence[int], lefts: Sequence[float], width: float, top: float
) -> tuple[Row, float]:
    """Return one row of a band, and where the next one begins. Only lanes that somebody needs have room."""
    parts = [zone.nodes[number * count : (number + 1) * count] for zone, count in zip(zones, columns)]
    nodes = [node for part in parts for node in part]
    ports, pages = any(node.opens for node in nodes), any(node.page for node in nodes)
    outs, numbers = any(node.out for node in nodes), any(node.numbers for node in nodes)
    port = top + LANE * ports
    door = port + LANE * pages
    y = door + ROW_PAD
    boxes = tuple(
        Box(node, left + PAD + place * (width + GAP), y, width)
        for part, left in zip(parts, lefts)
        for place, node in enumerate(part)
    )
    out = y + BOX_HEIGHT + ROW_PAD
    last = out + LANE * (outs and numbers)
    return Row(boxes, port, door, out, last), last + (ROW_PAD if outs or numbers else 0)
