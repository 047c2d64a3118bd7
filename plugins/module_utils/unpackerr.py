# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Unpackerr's configuration file, from who is on the host and who is told of failures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import (
    maintenance_receivers,
    ownership,
    unpackerr_hooks,
)

Apis = Mapping[str, Mapping[str, Any]]
Settings = Mapping[str, Any]

#: The kinds of API that Unpackerr polls; each is the name of its section too.
KINDS = ("sonarr", "radarr", "lidarr", "readarr")

#: Applications spell a protocol in the old way or in the new one, depending on their version.
PROTOCOLS = {
    "usenet": ("usenet", "UsenetDownloadProtocol"),
    "torrent": ("torrent", "TorrentDownloadProtocol"),
}

METRICS_PORT = 5656


def render(apis: Apis, settings: Settings) -> str:
    """Return the text of unpackerr.conf, tokens in the place of keys."""
    modes = ownership.umask_modes(settings["media_umask"])
    top = {
        "interval": settings["maintenance_unpackerr_interval"],
        "start_delay": settings["maintenance_unpackerr_start_delay"],
        "retry_delay": settings["maintenance_unpackerr_retry_delay"],
        "max_retries": int(settings["maintenance_unpackerr_max_retries"]),
        "parallel": int(settings["maintenance_unpackerr_parallel"]),
        # It reads nine bits, and files that it makes get their group from the folder, which is set-gid.
        "file_mode": modes.file[-4:],
        "dir_mode": f"0{modes.directory[-3:]}",
    }
    lines = ["# Rendered for Unpackerr. Every run writes it anew.", *_pairs(top)]
    lines += ["", "[webserver]", *_pairs({"metrics": True, "listen_addr": f"0.0.0.0:{METRICS_PORT}"})]
    for kind in KINDS:
        for api in apis.values():
            if api.get("kind") == kind:
                lines += ["", f"[[{kind}]]", *_pairs(_application(api, settings))]
    told = maintenance_receivers.told_by_unpackerr(settings)
    secrets = [maintenance_receivers.secret_name("unpackerr", receiver) for receiver in told]
    for section in unpackerr_hooks.sections(told, secrets):
        lines += ["", "[[webhook]]", *_pairs(section)]
    return "\n".join(lines) + "\n"


def _application(api: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    spellings = [name for protocol in settings["maintenance_unpackerr_protocols"] for name in PROTOCOLS[protocol]]
    return {
        "url": api["url"],
        "api_key": f"@@secret:{api['key']}@@",
        "protocols": ",".join(spellings),
        "delete_delay": settings["maintenance_unpackerr_delete_delay"],
        "delete_orig": bool(settings["maintenance_unpackerr_delete_orig"]),
    }


def _pairs(values: Mapping[str, Any]) -> list[str]:
    """Return lines of TOML, whose texts, numbers and booleans are those of JSON."""
    return [f"{key} = {json.dumps(value)}" for key, value in values.items()]
