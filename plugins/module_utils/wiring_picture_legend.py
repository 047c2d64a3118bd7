# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the wires and signs of the picture mean, in a few lines below it; only of those that are in it."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.homelab.media.plugins.module_utils import wiring_picture_layout as places
from ansible_collections.homelab.media.plugins.module_utils.wiring_picture_facts import House
from ansible_collections.homelab.media.plugins.module_utils.wiring_picture_svg import Canvas, width
from ansible_collections.homelab.media.plugins.module_utils.wiring_picture_wires import TUNNEL_WIDTH, mark

SIZE, LINE, SAMPLE, GAP = 12.0, 22.0, 26.0, 22.0
PAGES = {
    "two_factor": "page, two factors",
    "one_factor": "page, one factor",
    "bypass": "page, open to everybody",
    "deny": "page, shut",
    "visits": "asks the pages itself",
}


def draw(canvas: Canvas, house: House, top: float) -> float:
    """Draw it below the host, and return where it ends."""
    x, y = places.HOST_LEFT, top + LINE / 2
    for sample, words in _entries(house):
        needed = SAMPLE + width(words, SIZE)
        if x + needed > places.HOST_RIGHT and x > places.HOST_LEFT:
            x, y = places.HOST_LEFT, y + LINE
        sample(canvas, x, y)
        canvas.text(x + SAMPLE, y + 4, words, SIZE)
        x += needed + GAP
    return y + LINE


def _entries(house: House) -> list[tuple[Callable[[Canvas, float, float], None], str]]:
    nodes = [node for band in house.bands for zone in band for node in zone.nodes]
    pages = {node.page for node in nodes}
    found = [(_wire("port"), "open to the home network")] if any(node.opens for node in nodes) else []
    if pages - {""}:
        found.append((_wire("door"), "the front door, by a closed network for each page"))
    found += [(_mark(page), words) for page, words in PAGES.items() if page in pages]
    if any(node.out for node in nodes):
        found.append((_wire("out"), "a way out of its own"))
    if house.tunnel:
        found.append((_wire("tunnel", wide=TUNNEL_WIDTH), "the tunnel, and no other way out"))
    if any(node.numbers for node in nodes):
        found.append((_wire("numbers", dashed=True), "metrics, by a closed network for each"))
    return found


def _wire(kind: str, *, wide: float = 1.6, dashed: bool = False) -> Callable[[Canvas, float, float], None]:
    return lambda canvas, x, y: canvas.wire([(x, y), (x + SAMPLE - 6, y)], kind, wide=wide, dashed=dashed)


def _mark(page: str) -> Callable[[Canvas, float, float], None]:
    return lambda canvas, x, y: mark(canvas, page, x + (SAMPLE - 6) / 2, y)
