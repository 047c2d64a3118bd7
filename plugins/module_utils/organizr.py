# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the portal role's variables mean for Organizr: its service, and its secrets.

The settings are the role's variables under their own names, so that every problem names the variable to correct.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Settings = Mapping[str, Any]

SERVICE = "organizr"
PORT = 80
#: What upstream calls the branches, and "manual": v2-master at the first start, and nothing new after that.
BRANCHES = ("manual", "v2-master", "v2-develop")
#: Upstream compares the length before it compares the key.
API_KEY_LENGTH = 20
#: The folder of the image's own, in which the application is, and its configuration below that.
APPLICATION = "/config/www/organizr"
CONFIG_FILE = "www/organizr/data/config/config.php"

#: The secrets, all made on the host, and what the module calls the file of each.
SECRETS = {
    "organizr_api_key": "api_key_file",
    "organizr_hash_key": "hash_key_file",
    "organizr_registration_password": "registration_password_file",
    "organizr_admin_password": "password_file",
}


def secrets(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return the declaration of the secrets. The key is as long as Organizr wants it."""
    if not settings["portal_organizr"]:
        return {}
    lengths = {"organizr_api_key": API_KEY_LENGTH}
    return {name: {"kind": "alnum", "length": lengths.get(name, 32)} for name in SECRETS}


def services(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return Organizr, if it is wanted."""
    return {SERVICE: _service(settings)} if settings["portal_organizr"] else {}


def files(_settings: Settings) -> list[dict[str, Any]]:
    """Return the files of Organizr: none, because it is told everything by its API."""
    return []


def _service(settings: Settings) -> dict[str, Any]:
    return {
        "image": settings["portal_organizr_image"],
        "environment": {"branch": settings["portal_organizr_branch"], "fpm": "false"},
        "volumes": [f"{settings['media_root']}/state/{SERVICE}:/config"],
        # In the image is busybox. Until it has fetched itself, nginx has nothing to show.
        "healthcheck": {
            "test": ["CMD", "wget", "-q", "-O", "/dev/null", "-T", "5", f"http://127.0.0.1:{PORT}/api/v2/status"],
            "interval": "30s",
            "timeout": "10s",
            "retries": 3,
            "start_period": f"{settings['portal_organizr_timeout']}s",
            "start_interval": "1s",
        },
        "x-media": {
            "family": "linuxserver",
            # It fetches itself from GitHub.
            "egress": "direct",
            "web": {"port": PORT, "path": "/", "loopback": settings["portal_organizr_port"]},
            "api": {"kind": "organizr", "key": "organizr_api_key"},
            "portal": {"title": "Organizr", "section": "Portal", "text": "Every page in one window"},
            "state": [f"state/{SERVICE}"],
            "limits": {"memory": settings["portal_organizr_memory"], "cpus": settings["portal_organizr_cpus"]},
        },
    }
