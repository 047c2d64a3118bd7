# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a request to a file in the library: which parts an application has for that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .downloads import Downloads
from .film import Films
from .importing import Importing
from .media import Media
from .searching import Searching
from .shelf import MUSIC, READING, Shelf
from .tv import Television

if TYPE_CHECKING:
    from .program import Program


def set_up(program: Program) -> None:
    media = _media(program)
    downloads = Downloads(program, media)
    for part in (media, downloads, Searching(program, media, downloads), Importing(program, media, downloads)):
        part.set_up()


def _media(program: Program) -> Media:
    if program.app.kind == "sonarr":
        return Television(program)
    if program.app.kind == "radarr":
        return Films(program)
    return Shelf(program, MUSIC if program.app.kind == "lidarr" else READING)
