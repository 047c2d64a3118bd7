# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Panels as simple pictures: enough to see what stands where, and that it says something."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

Frame = Mapping[str, Any]

_COLORS = {
    **{"green": "#3f8f45", "yellow": "#b8860b", "orange": "#d9731f", "red": "#c4162a", "blue": "#2f66c4"},
    **{"purple": "#8f3bb8", "text": "#5a5f66"},
}
_PALETTE = (
    "#73bf69",
    "#f2cc0c",
    "#8ab8ff",
    "#ff780a",
    "#f2495c",
    "#5794f2",
    "#b877d9",
    "#fade2a",
    "#37872d",
    "#fa6400",
)
_SCALES = {"bytes": (1024, ("B", "KiB", "MiB", "GiB", "TiB")), "Bps": (1000, ("B/s", "kB/s", "MB/s", "GB/s"))}
_TIMES = ((86400 * 365, "years"), (86400, "days"), (3600, "hours"), (60, "mins"), (1, "s"))
_MOST = 40


def panel_inside(panel: Mapping[str, Any], frames: Sequence[Frame]) -> str:
    """Return the inside of a panel."""
    looks = panel.get("fieldConfig", {}).get("defaults", {})
    if panel["type"] == "table":
        return _table(panel, frames)
    if panel["type"] in ("stat", "gauge"):
        return '<div class="values">' + "".join(_value(frame, looks) for frame in frames[:_MOST]) + "</div>"
    if panel["type"] == "bargauge":
        return "".join(_bar(frame, looks) for frame in frames[:_MOST])
    if panel["type"] == "state-timeline":
        return "".join(_band(frame, looks) for frame in frames[:_MOST])
    return _lines(frames, looks)


def _last(frame: Frame) -> float | None:
    values = [value for value in frame["data"]["values"][-1] if value is not None]
    return float(values[-1]) if values else None


def _name(frame: Frame) -> str:
    return html.escape(str(frame["schema"].get("name") or ""))


def _word(value: float | None, looks: Mapping[str, Any]) -> tuple[str, str]:
    """Return what a value is called, and its colour."""
    for mapping in looks.get("mappings") or ():
        found = mapping["options"].get(str(int(value)) if value is not None and value == int(value) else "")
        if found:
            return html.escape(found["text"]), _COLORS.get(found.get("color", ""), "#444")
    color = "text"
    for step in looks.get("thresholds", {}).get("steps") or ():
        if step["value"] is None or (value is not None and value >= step["value"]):
            color = step["color"]
    return said(value, str(looks.get("unit") or "short")), _COLORS.get(color, "#444")


def said(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    if unit == "percentunit":
        return f"{value * 100:.0f}%"
    if unit == "s":
        return next(
            (f"{value / size:.1f} {name}" for size, name in _TIMES if abs(value) >= size), f"{value * 1000:.0f} ms"
        )
    base, names = _SCALES.get(unit, (1000, ("", "K", "M", "G", "T")))
    at = 0
    while abs(value) >= base and at < len(names) - 1:
        value, at = value / base, at + 1
    return f"{value:.3g} {names[at]}".strip()


def _value(frame: Frame, looks: Mapping[str, Any]) -> str:
    text, color = _word(_last(frame), looks)
    name = _name(frame)
    small = f"<small>{name}</small>" if name and "{" not in name else ""
    return f'<div class="value" style="background:{color}"><div>{text}{small}</div></div>'


def _bar(frame: Frame, looks: Mapping[str, Any]) -> str:
    value = _last(frame) or 0.0
    text, color = _word(value, looks)
    width = min(100.0, 100 * value / float(looks.get("max") or max(value, 1)))
    track = f'<div class="track"><div style="width:{width:.0f}%;background:{color}"></div></div>'
    return f'<div class="bar"><span>{_name(frame)}</span>{track}<span>{text}</span></div>'


def _band(frame: Frame, looks: Mapping[str, Any]) -> str:
    values = frame["data"]["values"][-1][-120:]
    cells = "".join(f'<div style="flex:1;background:{_word(value, looks)[1]}"></div>' for value in values)
    return f'<div class="bar"><span>{_name(frame)}</span><div class="band">{cells}</div></div>'


def _lines(frames: Sequence[Frame], looks: Mapping[str, Any]) -> str:
    shown = frames[:_MOST]
    values = [value for frame in shown for value in frame["data"]["values"][-1] if value is not None]
    times = [at for frame in shown for at in frame["data"]["values"][0]]
    if not values:
        return '<p class="nothing">No data</p>'
    top, first, span = max(*values, 1e-9), min(times), max(max(times) - min(times), 1)
    lines = []
    for number, frame in enumerate(shown):
        pairs = zip(frame["data"]["values"][0], frame["data"]["values"][-1])
        points = " ".join(
            f"{400 * (at - first) / span:.1f},{100 - 98 * v / top:.1f}" for at, v in pairs if v is not None
        )
        color = _PALETTE[number % len(_PALETTE)]
        lines.append(f'<polyline fill="none" stroke="{color}" stroke-width="1.5" points="{points}"/>')
    names = " ".join(
        f'<span style="color:{_PALETTE[number % len(_PALETTE)]}">&#9644;</span> {_name(frame)}'
        for number, frame in enumerate(shown)
    )
    highest = said(max(values), str(looks.get("unit") or "short"))
    picture = f'<svg viewBox="0 0 400 100" preserveAspectRatio="none">{"".join(lines)}</svg>'
    return f'{picture}<div class="legend">max {highest} {names}</div>'


def _table(panel: Mapping[str, Any], frames: Sequence[Frame]) -> str:
    """Return the columns that the transformations keep, under their new names, lines merged by their labels."""
    steps = {step["id"]: step["options"] for step in panel.get("transformations") or ()}
    names = steps.get("organize", {}).get("renameByName", {})
    wanted = steps.get("filterFieldsByName", {}).get("include", {}).get("names", [])
    lines: dict[tuple[str, ...], dict[str, Any]] = {}
    for frame in frames:
        fields = [field["name"] for field in frame["schema"]["fields"]]
        value = "Value" if "Value" in wanted else f"Value #{frame['schema']['refId']}"
        for row in zip(*frame["data"]["values"]):
            cells = dict(zip(fields, row))
            key = tuple(str(cells.get(name, "")) for name in wanted if not name.startswith("Value"))
            line = lines.setdefault(key, {name: cells.get(name, "") for name in wanted if not name.startswith("Value")})
            line[value] = cells["Value"]
    head = "".join(f"<th>{html.escape(names.get(name, name))}</th>" for name in wanted)
    body = "".join(
        "<tr>" + "".join(f"<td>{_cell(panel, names.get(name, name), line.get(name))}</td>" for name in wanted) + "</tr>"
        for _key, line in sorted(lines.items())
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def _cell(panel: Mapping[str, Any], title: str, value: Any) -> str:
    if not isinstance(value, (int, float)):
        return html.escape(str(value if value is not None else "-"))
    looks: dict[str, Any] = {}
    for override in panel["fieldConfig"]["overrides"]:
        if override["matcher"]["options"] == title:
            looks = {item["id"]: item["value"] for item in override["properties"]}
    text, color = _word(float(value), looks)
    colored = "mappings" in looks or "thresholds" in looks
    return f'<span style="background:{color};color:#fff;padding:0 4px">{text}</span>' if colored else text
