# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The picture of the wiring: what is in it, and that nothing in it stands on anything else."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import wiring_picture, wiring_picture_facts
from ansible_collections.homelab.media.plugins.module_utils import wiring_picture_layout as places
from ansible_collections.homelab.media.plugins.module_utils.front_door import Rules
from ansible_collections.homelab.media.plugins.module_utils.wiring_picture_svg import COLOURS, fitted, style, width

from tests.unit import sample_house
from tests.unit.sample_house import DOMAIN, service

NAMESPACE = "{http://www.w3.org/2000/svg}"
MORE = {
    "more": {
        "networks": {"photos": {"internal": True}},
        "services": {
            "photos": service(
                "direct",
                2283,
                ports=["2283:2283", "5000:5000/udp"],
                networks={"photos": {}},
                web={"loopback": False},
            ),
            "photos-store": service(networks={"photos": {}}, part_of="photos"),
            "a-service-with-a-name-that-is-longer-than-any-box-in-the-picture": service("direct", 8000),
        },
    },
    "many": {
        "services": {f"application-{number}": service("direct", 9000 + number, uses=["nzbget"]) for number in range(30)}
    },
}
ALL = [
    name
    for role in sample_house.roles().values()
    for name, one in role.get("services", {}).items()
    if "part_of" not in one["x-media"]
]
DOORLESS = ["proxy", "authelia", "fail2ban"]
WATCHING = ["prometheus", "alertmanager", "grafana", "blackbox", "cadvisor", "node-exporter"]
ACCESS = {"sonarr": "one_factor", "radarr": "bypass", "lidarr": "deny"}
#: Houses of all kinds.
PLANS: dict[str, dict[str, Any]] = {
    "whole": {},
    "more": {"more": {"more": MORE["more"]}},
    "many": {"more": {"many": MORE["many"]}},
    "all kinds of pages": {"rules": Rules(DOMAIN, access=ACCESS)},
    "without a VPN": {"without": ["vpn", "nzbget"]},
    "without a door": {"without": DOORLESS},
    "without monitoring": {"without": WATCHING},
    "a downloader alone": {"without": [name for name in ALL if name not in ("vpn", "nzbget")]},
    "one service": {"without": [name for name in ALL if name != "unpackerr"]},
    "nothing": {"without": ALL},
}


@dataclass(frozen=True)
class Area:
    left: float
    top: float
    right: float
    bottom: float
    what: str = ""

    def meets(self, other: Area) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def holds(self, other: Area) -> bool:
        return (
            self.left <= other.left
            and other.right <= self.right
            and self.top <= other.top
            and other.bottom <= self.bottom
        )


@dataclass
class Picture:
    """The parts of a picture as areas, each with its place in the order of drawing."""

    width: float
    height: float
    words: list[tuple[int, Area]] = field(default_factory=list)
    rects: list[tuple[int, Area, str]] = field(default_factory=list)
    wires: list[tuple[int, Area]] = field(default_factory=list)


def read(svg: str) -> Picture:
    root = ET.fromstring(svg)
    picture = Picture(*(float(number) for number in root.attrib["viewBox"].split()[2:]))
    for order, part in enumerate(root):
        kind, has = part.tag.removeprefix(NAMESPACE), part.attrib
        if kind == "text":
            size, words = float(has["font-size"]), str(part.text)
            wide = width(words, size, bold="font-weight" in has)
            left = float(has["x"]) - (wide / 2 if "text-anchor" in has else 0)
            base = float(has["y"])
            picture.words.append((order, Area(left, base - size * 0.8, left + wide, base + size * 0.25, words)))
        elif kind == "rect":
            x, y = float(has["x"]), float(has["y"])
            area = Area(x, y, x + float(has["width"]), y + float(has["height"]), has["class"])
            picture.rects.append((order, area, has["class"]))
        elif kind == "polyline":
            points = [tuple(map(float, point.split(","))) for point in has["points"].split()]
            for (ax, ay), (bx, by) in itertools.pairwise(points):
                area = Area(min(ax, bx) - 1, min(ay, by) - 1, max(ax, bx) + 1, max(ay, by) + 1, has["class"])
                picture.wires.append((order, area))
    return picture


def faults(picture: Picture) -> list[str]:
    """Return whatever stands on something else."""
    sheet = Area(0, 0, picture.width, picture.height)
    found = [f"{area.what!r} leaves the sheet" for _order, area in picture.words if not sheet.holds(area)]
    found += [f"a wire leaves the sheet: {area}" for _order, area in picture.wires if not sheet.holds(area)]
    for (_one, area), (_other, other) in itertools.combinations(picture.words, 2):
        if area.meets(other):
            found.append(f"{area.what!r} stands on {other.what!r}")
    for order, wire in picture.wires:
        covers = [rect for later, rect, _kind in picture.rects if later > order]
        for _order, area in picture.words:
            if wire.meets(area) and not any(cover.holds(area) for cover in covers):
                found.append(f"a wire runs through {area.what!r}")
    boxes = [area for _order, area, kind in picture.rects if kind == "f-box s-rim"]
    for area, other in itertools.combinations(boxes, 2):
        if area.meets(other):
            found.append(f"two boxes meet: {area} and {other}")
    for order, wire in picture.wires:
        for box in boxes:
            inner = Area(box.left + 6, box.top + 6, box.right - 6, box.bottom - 6)
            covered = any(later > order and rect == box for later, rect, _kind in picture.rects)
            if wire.meets(inner) and not covered:
                found.append(f"a wire runs over the box {box}")
    return found


@pytest.mark.parametrize("name", PLANS)
def test_nothing_stands_on_anything_else(name: str) -> None:
    for alone in (True, False):
        assert faults(read(wiring_picture.svg(sample_house.plan(**PLANS[name]), alone=alone))) == []


def test_no_wire_runs_through_a_box_that_it_does_not_end_at() -> None:
    """Boxes are drawn over wires: what is hidden that way would be a lie."""
    picture = read(wiring_picture.svg(sample_house.plan(), alone=True))
    boxes = [area for _order, area, kind in picture.rects if kind == "f-box s-rim"]
    for _order, wire in picture.wires:
        for box in boxes:
            assert not wire.meets(Area(box.left + 3, box.top + 3, box.right - 3, box.bottom - 3)), (wire, box)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda picture: picture.words.append((0, picture.words[5][1])), "stands on"),
        (lambda picture: picture.words.append((0, Area(1170, 5, 1190, 10, "far"))), "leaves the sheet"),
        (lambda picture: picture.wires.append((9999, picture.words[5][1])), "runs through"),
        (lambda picture: picture.wires.append((9999, Area(300, 80, 302, 900))), "runs over the box"),
        (lambda picture: picture.rects.append((9999, picture.rects[12][1], "f-box s-rim")), "two boxes meet"),
    ],
)
def test_controls_that_show_what_would_be_found(change: Any, told: str) -> None:
    picture = read(wiring_picture.svg(sample_house.plan(), alone=True))
    assert faults(picture) == []
    change(picture)
    assert any(told in fault for fault in faults(picture))


@pytest.mark.parametrize("name", PLANS)
def test_every_container_is_in_it_once(name: str) -> None:
    plan = sample_house.plan(**PLANS[name])
    house = wiring_picture_facts.house(plan)
    drawn = [one for band in house.bands for zone in band for node in zone.nodes for one in node.names]
    assert sorted(drawn) == sorted(plan["services"])
    titles = ET.fromstring(wiring_picture.svg(plan, alone=True)).iter(f"{NAMESPACE}title")
    told = {one for title in titles for one in str(title.text).split(", ")}
    assert set(plan["services"]) <= told


def test_the_same_plan_is_the_same_picture_whatever_its_order() -> None:
    plan = sample_house.plan()
    turned = {**plan, "services": dict(reversed(plan["services"].items())), "pages": plan["pages"][::-1]}
    assert wiring_picture.svg(plan, alone=True) == wiring_picture.svg(turned, alone=True)


def zones(plan: dict[str, Any]) -> dict[str, list[str]]:
    house = wiring_picture_facts.house(plan)
    return {zone.title: [node.name for node in zone.nodes] for band in house.bands for zone in band}


def node(plan: dict[str, Any], name: str) -> wiring_picture_facts.Node:
    house = wiring_picture_facts.house(plan)
    (found,) = (one for band in house.bands for zone in band for one in zone.nodes if name in one.names)
    return found


def test_who_stands_where() -> None:
    found = zones(sample_house.plan(more={"more": MORE["more"]}))
    assert found["Front door"] == ["proxy"]
    assert found["Sign-on: network auth"] == ["authelia", "authelia-redis"]
    assert found["VPN pod: one namespace"] == ["vpn-pod", "vpn", "nzbget"]
    assert found["In the host's own network"] == ["plex", "fail2ban", "node-exporter"]
    assert found["Network photos"] == ["photos", "photos-store"]
    assert "tautulli" in found["By themselves"] and "whoami" in found["By themselves"]
    assert "exportarr \u00d7 9" in found["Monitoring: network monitoring"]
    assert {"sonarr", "unpackerr", "recyclarr"} <= set(found["Applications: network media"])


def test_what_is_told_of_each() -> None:
    plan = sample_house.plan(Rules(DOMAIN, access=ACCESS))
    assert (node(plan, "proxy").opens, node(plan, "proxy").page) == (("80", "443"), "")
    assert (node(plan, "plex").opens, node(plan, "plex").page, node(plan, "plex").out) == (
        ("32400",),
        "two_factor",
        False,
    )
    assert [node(plan, name).page for name in ("sonarr", "radarr", "lidarr")] == ["one_factor", "bypass", "deny"]
    assert node(plan, "sonarr").out and node(plan, "sonarr").numbers and node(plan, "sonarr").opens == ()
    assert node(plan, "nzbget").page == "two_factor" and not node(plan, "nzbget").out
    assert node(plan, "blackbox").page == "visits" and node(plan, "unpackerr").page == ""
    assert node(plan, "node-exporter").numbers and node(plan, "prometheus").numbers
    assert not node(plan, "cadvisor").numbers, "they meet on the network of monitoring"


def test_nothing_but_its_own_passes_the_pod() -> None:
    """Open ports come from the left, ways out lead to the right: with the pod between, neither crosses it."""
    for name in ("whole", "more", "many"):
        layout = places.layout(wiring_picture_facts.house(sample_house.plan(**PLANS[name])))
        (pod,) = (frame for frame in layout.frames if frame.zone.kind == "pod")
        for row in layout.rows:
            if not pod.y <= row.boxes[0].y <= pod.y + pod.h:
                continue
            assert all(box.x < pod.x for box in row.boxes if box.node.opens)
            assert all(box.x > pod.x + pod.w for box in row.boxes if box.node.out)


def test_it_is_told_in_words_as_well() -> None:
    text = wiring_picture.described(wiring_picture_facts.house(sample_house.plan()))
    assert "The home network reaches the ports 80, 443 of proxy; 32400 of plex." in text
    assert "Who is in the VPN pod gets out by the tunnel alone." in text
    assert "exportarr-sonarr-4k" in text


def test_names_are_no_markup() -> None:
    plan = {**sample_house.plan(), "domain": '"><script>alert(1)</script>'}
    root = ET.fromstring(wiring_picture.svg(plan, alone=True))
    assert not list(root.iter(f"{NAMESPACE}script"))


def test_a_file_of_its_own_has_its_style_and_a_page_brings_it() -> None:
    plan = sample_house.plan()
    assert style() in wiring_picture.svg(plan, alone=True)
    inside = wiring_picture.svg(plan, alone=False)
    assert "<style" not in inside and "style=" not in inside and "#0a58ca" in inside


def test_a_text_is_cut_where_it_has_no_room() -> None:
    assert fitted("sonarr", 200, (13, 10)) == ("sonarr", 13)
    words, size = fitted("a" * 60, 100, (13, 10))
    assert words.endswith("…") and size == 10 and width(words, size) <= 100


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear))


@pytest.mark.parametrize("screen", [0, 1])
def test_words_and_wires_are_to_be_seen_on_light_and_dark(screen: int) -> None:
    def contrast(one: str, other: str) -> float:
        lights = sorted((luminance(COLOURS[one][screen]), luminance(COLOURS[other][screen])))
        return (lights[1] + 0.05) / (lights[0] + 0.05)

    for ground in ("paper", "host", "zone", "box"):
        for words in ("ink", "quiet", "door"):
            assert contrast(words, ground) >= 4.5, (words, ground)
        for wire in ("port", "door", "out", "tunnel", "numbers", "rim"):
            assert contrast(wire, ground) >= 3, (wire, ground)
