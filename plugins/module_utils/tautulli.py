# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the plex role's variables mean for Tautulli: everything comes from outside, and nothing from its wizard."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import plex
from ansible_collections.homelab.media.plugins.module_utils.relations import HOST

#: Where its container sees what the role gives it.
GIVEN = "/run/homelab"


def services(settings: plex.Settings) -> dict[str, dict[str, Any]]:
    """Return Tautulli as a service."""
    root, port = settings["media_root"], settings["plex_tautulli_port"]
    return {
        "tautulli": {
            "image": settings["plex_tautulli_image"],
            "command": ["python", f"{GIVEN}/start.py"],
            # The environment wins over Tautulli's own file, and is never written to it.
            "environment": {
                "TAUTULLI_FIRST_RUN_COMPLETE": 1,
                "TAUTULLI_LAUNCH_BROWSER": 0,
                "TAUTULLI_CHECK_GITHUB": 0,
                "TAUTULLI_HTTP_PORT": port,
                "TAUTULLI_HTTP_USERNAME": settings["plex_tautulli_username"],
                "TAUTULLI_HTTP_HASHED_PASSWORD": 1,
                "TAUTULLI_PMS_NAME": settings["plex_friendly_name"],
                "TAUTULLI_PMS_IP": HOST,
                "TAUTULLI_PMS_PORT": plex.PORT,
                "TAUTULLI_PMS_SSL": 0,
                "TAUTULLI_PMS_URL_MANUAL": 1,
            },
            "volumes": [f"{root}/state/tautulli:/config", f"{root}/config/tautulli:{GIVEN}:ro"],
            "x-media": {
                "family": "tautulli",
                # It asks plex.tv for the users.
                "egress": "direct",
                "web": {"port": port, "path": "/", "keyed": ["/api/"]},
                "access": "two_factor",
                "health": {"http": "/status"},
                "state": ["state/tautulli"],
                "uses": ["plex"],
                "api": {"kind": "tautulli", "key": "tautulli_api_key"},
                "portal": {"title": "Tautulli", "section": "Watch", "text": "Who watches what"},
                "limits": {"memory": settings["plex_tautulli_memory"], "cpus": 1.0},
            },
        }
    }


def secrets(settings: plex.Settings) -> dict[str, dict[str, Any]]:
    """Return the declaration of Tautulli's secrets."""
    return {
        # Tautulli takes a key of exactly 32 characters.
        "tautulli_api_key": {"kind": "hex", "length": 32, "variable": "plex_tautulli_api_key"},
        "tautulli_password": {"kind": "alnum", "length": 32, "variable": "plex_tautulli_password"},
    }


def secret_settings(settings: plex.Settings) -> str:
    """Return the file from which start.py has the settings that are secret or follow from a secret."""
    found = {
        "API_KEY": "@@secret:tautulli_api_key:json@@",
        "HTTP_PASSWORD": "@@secret:tautulli_password:json@@",
        "PMS_IDENTIFIER": "@@secret:plex_machine_identifier:plex@@",
    }
    if plex.given(settings["plex_token"]):
        found["PMS_TOKEN"] = "@@secret:plex_token:json@@"
    return json.dumps(found, indent=2) + "\n"
