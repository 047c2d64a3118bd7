# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the picture of the wiring is drawn with: elements of SVG, colours for light and dark, and the width of words."""

from __future__ import annotations

import html
from collections.abc import Iterable

#: The colours by their names, each for a light and for a dark screen.
COLOURS = {
    "paper": ("#ffffff", "#0d1117"),
    "host": ("#f4f6f8", "#12171e"),
    "zone": ("#ffffff", "#181e26"),
    "box": ("#f4f6f8", "#212830"),
    "edge": ("#c5ccd5", "#3b434d"),
    "rim": ("#76818d", "#77828e"),
    "ink": ("#1f2328", "#e6edf3"),
    "quiet": ("#57606a", "#9aa4af"),
    "port": ("#9a3412", "#f0975a"),
    "door": ("#0a58ca", "#5aa9ff"),
    "out": ("#0f6b3a", "#46c079"),
    "tunnel": ("#6f3fc0", "#bb92ff"),
    "numbers": ("#8a6100", "#d6a537"),
}
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', Arial, sans-serif"

#: In units of the type's size, of a wide type: what fits in it fits in others.
_WIDTHS = {
    **dict.fromkeys("ijl'|!", 0.32),
    **dict.fromkeys("ftrI.,:;()[] /-\u00b7", 0.41),
    **dict.fromkeys("mwMW%@", 1.0),
    **dict.fromkeys("ABCDEFGHKLNOPQRSTUVXYZ&", 0.74),
}
_USUAL, _BOLD = 0.64, 1.1


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the room that a text needs at most."""
    return sum(_WIDTHS.get(letter, _USUAL) for letter in text) * size * (_BOLD if bold else 1.0)


def fitted(text: str, room: float, sizes: Iterable[float], *, bold: bool = False) -> tuple[str, float]:
    """Return a text and the largest of the sizes in which it fits; cut, where it fits in none."""
    size = 0.0
    for size in sizes:
        if width(text, size, bold=bold) <= room:
            return text, size
    while len(text) > 1 and width(f"{text}\u2026", size, bold=bold) > room:
        text = text[:-1]
    return f"{text}\u2026", size


def style() -> str:
    """Return the style sheet. A page says by data-theme which theme it has; by itself the picture is as the screen."""
    light, dark = ("".join(f"--w-{name}:{colours[place]};" for name, colours in COLOURS.items()) for place in (0, 1))
    rules = "".join(
        f".wiring .f-{name}{{fill:var(--w-{name})}}.wiring .s-{name}{{stroke:var(--w-{name})}}\n" for name in COLOURS
    )
    return (
        f".wiring{{{light}}}\n"
        "@media (prefers-color-scheme:dark){\n"
        f':root:not([data-theme="light"]) .wiring,.wiring:root{{{dark}}}\n'
        "}\n"
        f':root[data-theme="dark"] .wiring{{{dark}}}\n{rules}'
    )


class Canvas:
    """Gathers elements, in the order in which they are laid over each other."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def rect(
        self, x: float, y: float, w: float, h: float, *, fill: str, stroke: str = "", more: str = "", title: str = ""
    ) -> None:
        place = f'x="{number(x)}" y="{number(y)}" width="{number(w)}" height="{number(h)}"'
        inside = f"><title>{html.escape(title)}</title></rect>" if title else "/>"
        self.parts.append(f"<rect {place} {paint(fill, stroke)}{_more(more)}{inside}")

    def wire(
        self, points: Iterable[tuple[float, float]], kind: str, *, wide: float = 1.6, dashed: bool = False
    ) -> None:
        """Draw a line through the points."""
        way = " ".join(f"{number(x)},{number(y)}" for x, y in points)
        more = ' stroke-dasharray="3 3"' * dashed
        self.parts.append(f'<polyline points="{way}" {paint("", kind)} stroke-width="{number(wide)}"{more}/>')

    def dot(self, x: float, y: float, kind: str) -> None:
        """Mark that two wires are joined where they meet."""
        self.parts.append(f'<circle cx="{number(x)}" cy="{number(y)}" r="2.2" {paint(kind, "")}/>')

    def shape(self, points: Iterable[tuple[float, float]], *, fill: str, stroke: str) -> None:
        way = " ".join(f"{number(x)},{number(y)}" for x, y in points)
        self.parts.append(f'<polygon points="{way}" {paint(fill, stroke)} stroke-width="1.6"/>')

    def ring(self, x: float, y: float, radius: float, *, fill: str, stroke: str) -> None:
        place = f'cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"'
        self.parts.append(f'<circle {place} {paint(fill, stroke)} stroke-width="1.6"/>')

    def text(
        self, x: float, y: float, words: str, size: float, *, colour: str = "ink", bold: bool = False, mid: bool = False
    ) -> None:
        more = ' font-weight="600"' * bold + ' text-anchor="middle"' * mid
        place = f'x="{number(x)}" y="{number(y)}" font-size="{number(size)}"'
        self.parts.append(f"<text {place} {paint(colour, '')}{more}>{html.escape(words)}</text>")


def paint(fill: str, stroke: str) -> str:
    """Return the colours of an element: those of light as attributes, and classes by which the style has the others."""
    classes = " ".join([*([f"f-{fill}"] if fill else []), *([f"s-{stroke}"] if stroke else [])])
    colours = f'fill="{COLOURS[fill][0] if fill else "none"}"'
    return f'class="{classes}" {colours}' + (f' stroke="{COLOURS[stroke][0]}"' if stroke else "")


def number(value: float) -> str:
    """Return a number with no more digits than anybody sees."""
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _more(more: str) -> str:
    return f" {more}" if more else ""
