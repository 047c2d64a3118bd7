# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from tests.bed import manifest
from tests.bed.shell import BedError

GOOD = """
[base]
suite = "trixie"
stand_in = false
about = "a base"
[app]
base = "base"
upstream = "docker.io/redis:8"
stand_in = true
about = "an application"
[rare]
base = "app"
directory = "app"
optional = true
stand_in = false
about = "only when asked for"
"""


def test_defaults_and_names() -> None:
    app = manifest.parse(GOOD)["app"]
    assert (app.name, app.directory, app.optional, app.upstream) == ("media-bed/app", "app", False, "docker.io/redis:8")


@pytest.mark.parametrize(
    ("asked", "rounds"),
    [([], [["base"], ["app"]]), (["rare"], [["base"], ["app"], ["rare"]]), (["base"], [["base"]])],
)
def test_rounds_bring_the_bases_along(asked: list[str], rounds: list[list[str]]) -> None:
    found = manifest.wanted(manifest.parse(GOOD), asked)
    assert [[image.key for image in together] for together in found] == rounds


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(BedError) as caught:
        manifest.parse(
            '[a]\nsuite = "x"\nbase = "b"\nstand_in = true\n[c]\nbase = "none"\nabout = "c"\ncolour = "red"\n'
        )
    told = str(caught.value)
    for part in ("a.about: missing", "a: needs either", "c.stand_in: missing", "c.colour: unknown", "no image 'none'"):
        assert part in told


def test_a_circle_is_refused() -> None:
    text = "".join(f'[{a}]\nbase = "{b}"\nstand_in = true\nabout = "x"\n' for a, b in (("a", "b"), ("b", "a")))
    with pytest.raises(BedError, match="circle"):
        manifest.parse(text)


def test_an_unknown_image_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BedError, match=r"nope: no such image\. There are: base, app, rare"):
        manifest.wanted(manifest.parse(GOOD), ["nope"])


def test_the_projects_manifest_is_right() -> None:
    images = manifest.load()
    assert images["gluetun"].upstream == "docker.io/qmcgaw/gluetun:v3.41.3"
    assert images["nzbget"].upstream == "lscr.io/linuxserver/nzbget:v26.2-ls254"
