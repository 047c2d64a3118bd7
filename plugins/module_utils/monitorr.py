# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the portal role's variables mean for Monitorr: its service, and the files that it is told everything by.

Monitorr rests, and has known holes: it takes uploads and settings from anybody, signed in or not. So it gets its
settings read-only, nothing to reach, and something else in the place of the scripts that are the holes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import monitorr_settings

Settings = Mapping[str, Any]

SERVICE = "monitorr"
PORT = 80
#: Where it finds its settings, inside its container.
DATA = "/rendered/data"
#: Below the application's folder: what asks the collector's word for one service, and that word.
LIVE, HOUSE = "live", "house"
#: Upstream's installer, and its scripts that write what they are sent, or show more than they should.
INSTALLER = "assets/config/_installation"
HOLES = (
    "assets/php/upload.php",
    "assets/php/phpinfo.php",
    "assets/php/post_receiver-services.php",
    "assets/php/post_receiver-site_settings.php",
    "assets/php/post_receiver-user_preferences.php",
    "assets/php/post_receiver_custom_css.php",
)


def services(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return Monitorr, if it is wanted."""
    return {SERVICE: _service(settings)} if settings["portal_monitorr"] else {}


def files(settings: Settings) -> list[dict[str, Any]]:
    """Return its settings, the script by which it sees how a service is, and what stands in the place of its holes."""
    if not settings["portal_monitorr"]:
        return []
    rendered = f"config/{SERVICE}"
    found: list[dict[str, Any]] = [
        {"path": f"{rendered}/data/{name}", "content": monitorr_settings.text(value)}
        for name, value in monitorr_settings.plain(settings).items()
    ]
    # Of all services, which are known after the check phase. It is read anew at each look: no container is made anew.
    found += [
        {"path": f"{rendered}/data/services_settings-data.json", "template": "monitorr-services.json.j2"},
        {"path": f"{rendered}/live/up.php", "source": "files/monitorr/up.php"},
        {"path": f"{rendered}/closed/index.php", "source": "files/monitorr/closed.php", "service": SERVICE},
        # In the folder that it writes to: it has one place for this pointer, and for what it keeps.
        {"path": f"state/{SERVICE}/datadir.json", "content": monitorr_settings.text({"datadir": f"{DATA}/"})},
    ]
    return found


def _service(settings: Settings) -> dict[str, Any]:
    root, web = settings["media_root"], str(settings["portal_monitorr_web_root"]).rstrip("/")
    closed = f"{root}/config/{SERVICE}/closed"
    return {
        "image": settings["portal_monitorr_image"],
        "volumes": [
            f"{root}/config/{SERVICE}/data:{DATA}:ro",
            f"{root}/config/{SERVICE}/live:{web}/{LIVE}:ro",
            f"{root}/state/collector/public:{web}/{HOUSE}:ro",
            f"{root}/state/{SERVICE}:{web}/assets/data",
            f"{closed}:{web}/{INSTALLER}:ro",
            *(f"{closed}/index.php:{web}/{hole}:ro" for hole in HOLES),
        ],
        "healthcheck": {
            "test": ["CMD", "wget", "-q", "-O", "/dev/null", "-T", "10", f"http://127.0.0.1:{PORT}/"],
            "interval": "60s",
            "timeout": "15s",
            "retries": 3,
            "start_period": "120s",
            "start_interval": "1s",
        },
        "x-media": {
            "family": "linuxserver",
            "egress": "none",
            "web": {"port": PORT, "path": "/"},
            "portal": {"title": "Monitorr", "section": "Portal", "text": "Which services are up"},
            "state": [f"state/{SERVICE}", f"state/{SERVICE}/logs"],
            "limits": {"memory": settings["portal_monitorr_memory"], "cpus": settings["portal_monitorr_cpus"]},
        },
    }
