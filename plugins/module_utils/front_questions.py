# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a stranger asks at the front door: each published name, in each way that might lead past the sign-on.

Pure functions. What the replies mean is told by front_verdict.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.front_probe import Question

#: The access of the sign-on's own page.
PORTAL = "portal"

#: What is special about some questions.
NO_KEY = "without a key"
WAY_OUT = "as a way out of an exempt path"

#: What a visitor may claim to be, or to come from, without being asked for proof.
FORGED = (
    *(("Remote-User", "admin"), ("Remote-Groups", "admins"), ("Remote-Name", "Admin"), ("Remote-Email", "a@a.test")),
    ("Remote-Role", "Admin"),
    *(("X-Forwarded-For", "127.0.0.1"), ("X-Real-IP", "127.0.0.1"), ("X-Forwarded-Proto", "https")),
    *(("X-Original-URL", "/"), ("X-Original-Method", "OPTIONS"), ("X-Forwarded-User", "admin")),
)
_UPGRADE = (
    *(("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13")),
    ("Sec-WebSocket-Key", "ZnJvbnQtZG9vci1wcm9iZQ=="),
)

#: Pages that need the key, for applications that answer nothing at the start of their API.
_ARR = {**dict.fromkeys(("sonarr", "radarr"), "v3"), **dict.fromkeys(("lidarr", "prowlarr", "readarr"), "v1")}
_KEYED = {
    **{(kind, "/api"): f"/{version}/system/status" for kind, version in _ARR.items()},
    **{(kind, "/feed"): f"/{version}/calendar/{kind}.ics" for kind, version in _ARR.items()},
    ("tautulli", "/api"): "/v2?cmd=get_activity",
}
#: Ways back out of an exempt path, as servers and clients spell them.
_WAYS_OUT = ("/../", "/%2e%2e/", "/..%2f", "/../initialize.json")


def questions(page: Mapping[str, Any], kind: str = "") -> list[Question]:
    """Return all that has to be asked for a page. kind: of the application's API, where it has one."""
    asked = []
    for name in page["names"]:
        path = page.get("path") or "/"
        asked += [
            Question(name, path),
            Question(name, path, headers=FORGED, about="with forged headers"),
            Question(name, path, tls=False, about="without TLS"),
            Question(name, path, method="POST"),
            Question(name, path, headers=_UPGRADE, about="as a web socket"),
            # Proxies have rules of their own for files such as these.
            Question(name, "/front-door-probe.css"),
        ]
        # Each of its folders has a place of its own in the door.
        asked += [Question(name, prefix) for prefix in sorted(page.get("static") or ()) if prefix != path]
        if page["access"] == PORTAL:
            asked.append(Question(name, "/api/state", headers=FORGED, about="with forged headers"))
        for prefix in page.get("exempt") or ():
            asked += without_key(name, prefix, kind)
            asked += [Question(name, prefix.rstrip("/") + rest, about=WAY_OUT) for rest in _WAYS_OUT]
    return asked


def without_key(name: str, prefix: str, kind: str) -> list[Question]:
    """Return what is asked for at an exempt path and below it."""
    base = prefix.rstrip("/")
    return [Question(name, base + rest, about=NO_KEY) for rest in ("", "/", _KEYED.get((kind, base), ""))]
