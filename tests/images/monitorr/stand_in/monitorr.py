# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Monitorr without its server: tiles, each with what the last look at its address said."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from . import php, schema

ONLINE, UNRESPONSIVE, OFFLINE = "Online", "Unresponsive", "Offline"
#: What upstream takes for an answer beside everything below 400.
ALIVE = (401, 403, 405)
_STYLE = """
body{margin:0;font:15px system-ui,sans-serif;background:#1f1f1f;color:#eee;padding:1.5rem}h1{font-weight:500}
ul{display:grid;grid-template-columns:repeat(auto-fill,minmax(13rem,1fr));gap:1rem;padding:0;list-style:none}
li{background:#2b2b2b;border-radius:6px;padding:1rem;border-left:6px solid #888}a{color:#eee;text-decoration:none}
.Online{border-color:#3a3}.Offline{border-color:#c33}.Unresponsive{border-color:#d90}small{color:#aaa}
"""


class Monitorr:
    """root: the folder of the application."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def answer(self, method: str, target: str) -> tuple[int, str, bytes]:
        """Return the status, the content type and the body."""
        parts = urlsplit(target)
        script = (self.root / parts.path.lstrip("/")).resolve()
        if parts.path in ("/", "/index.php"):
            return self._page()
        if not script.is_relative_to(self.root.resolve()):
            return 403, "text/plain", b"forbidden\n"
        if script.suffix == ".php" and script.is_file():
            return php.run(script, parts.query, method)
        if script.is_file():
            return 200, "text/plain", script.read_bytes()
        # As nginx does in images of this kind: what is not there is the page.
        return self._page() if script.suffix != ".php" else (404, "text/plain", b"File not found.\n")

    def _page(self) -> tuple[int, str, bytes]:
        try:
            found = schema.read(schema.data_folder(self.root))
        except schema.Wrong as wrong:
            text = f"<h1>Monitorr is not set up</h1><pre>{escape(str(wrong))}</pre>{self._installer()}"
            return 500, "text/html; charset=utf-8", _whole("Monitorr", text)
        tiles = [tile for tile in found["tiles"] if tile["enabled"] == "Yes"]
        with ThreadPoolExecutor(8) as pool:
            states = list(pool.map(look, tiles))
        items = "".join(map(_tile, tiles, states))
        text = f"<h1>{escape(found['user']['sitetitle'])}</h1><ul>{items}</ul>"
        return 200, "text/html; charset=utf-8", _whole(found["user"]["sitetitle"], text)

    def _installer(self) -> str:
        there = (self.root / "assets/config/_installation/_register.php").is_file()
        return '<p><a href="assets/config/_installation/_register.php">Register</a></p>' if there else ""


def look(tile: Mapping[str, Any]) -> str:
    """Return what upstream's tile says: a port that answers with something else is not offline."""
    request = urllib.request.Request(tile["checkurl"], method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=15) as answer:
            status = answer.status
    except urllib.error.HTTPError as error:
        with error:
            status = error.code
    except OSError:
        return OFFLINE
    return ONLINE if status < 400 or status in ALIVE else UNRESPONSIVE


def _tile(tile: Mapping[str, Any], state: str) -> str:
    title = escape(tile["serviceTitle"])
    name = f'<a href="{escape(tile["linkurl"])}" target="_blank">{title}</a>' if tile["link"] == "Yes" else title
    return f'<li class="{state}">{name}<br><small>{state}</small></li>'


def _whole(title: str, text: str) -> bytes:
    note = "<p><small>This is a stand-in for Monitorr, not the upstream program.</small></p>"
    return (
        f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
        f"<body>{text}{note}</body></html>"
    ).encode()
