# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the plex role's variables mean for Plex: its service, secrets, preferences and libraries. Tautulli: tautulli.py.

The settings are the role's variables under their own names, so that every problem names the variable to correct.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

from ansible_collections.homelab.media.plugins.module_utils import plex_preferences
from ansible_collections.homelab.media.plugins.module_utils.plex_libraries import KINDS

Settings = Mapping[str, Any]

PORT = 32400
#: Where Plex sees the library and its transcoder's folder, inside its container.
MEDIA = "/data/media"
TRANSCODE = "/transcode"
#: Plex's own folder, below its state.
SUPPORT = "Library/Application Support/Plex Media Server"

#: What holds unless plex_preferences says otherwise, in every Plex that has such a preference.
POLICY: dict[str, Any] = {
    "acceptedEULA": True,
    # The applications tell Plex what is new; a scan of everything once a day finds what came by other ways.
    "FSEventLibraryUpdatesEnabled": True,
    "FSEventLibraryPartialScanEnabled": True,
    "ScheduledLibraryUpdatesEnabled": True,
    "ScheduledLibraryUpdateInterval": 86400,
    # With a disk that is missing for once, the library would be gone.
    "autoEmptyTrash": False,
    # Containers of this host talk to it without TLS.
    "secureConnections": 1,
    "sendCrashReports": False,
    "DlnaEnabled": False,
}

#: Preferences that have a variable of their own.
ELSEWHERE = {
    "friendlyname": "plex_friendly_name",
    "transcodertempdirectory": "plex_transcode",
    "allowmediadeletion": "plex_media_writable",
    "machineidentifier": "plex_machine_identifier",
    "plexonlinetoken": "plex_token",
}


def given(value: Any) -> bool:
    """Tell whether a person set the value."""
    return value is not None and value != ""


def services(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return Plex as a service."""
    root, data = settings["media_root"], settings["media_data"]
    mode = "" if settings["plex_media_writable"] else ":ro"
    volumes: list[Any] = [f"{root}/state/plex:/config", f"{data}/media:{MEDIA}{mode}"]
    state = ["state/plex"]
    service: dict[str, Any] = {
        "image": settings["plex_image"],
        # Discovery, and clients' own addresses, need the host's network.
        "network_mode": "host",
        # The version is the image's; Plex would otherwise fetch another one at each start.
        "environment": {"VERSION": "docker"},
        "volumes": volumes,
        "stop_grace_period": "60s",
    }
    transcode = settings["plex_transcode"]
    if transcode == "tmpfs":
        service["tmpfs"] = [f"{TRANSCODE}:size={settings['plex_transcode_size']},mode=1777"]
    elif given(transcode):
        # A folder that is not there is an error, and not made for root.
        bind = {"type": "bind", "source": transcode, "target": TRANSCODE, "bind": {"create_host_path": False}}
        volumes.append(bind)
    else:
        state.append("state/plex-transcode")
        volumes.append(f"{root}/state/plex-transcode:{TRANSCODE}")
    devices = settings["plex_devices"]
    if isinstance(devices, list):
        service["devices"] = [path if ":" in path else f"{path}:{path}" for path in devices]
    service["x-media"] = {
        "family": "linuxserver",
        "web": {"port": PORT, "path": "/"},
        # For the page at the front door. Players, which know no sign-on but Plex's own, come in by its port.
        "access": "two_factor",
        "health": {"http": "/identity"},
        "state": state,
        # Whoever is watching would be cut off at any hour that Watchtower looks.
        "updates": "notify",
        "gpu": devices == "auto",
        "api": {"kind": "plex", "token": "plex_token" if given(settings["plex_token"]) else ""},
        "portal": {"title": "Plex", "section": "Watch", "text": "Films, series and music"},
        "limits": {"memory": settings["plex_memory"], "cpus": settings["plex_cpus"]},
    }
    return {"plex": service}


def secrets(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return the declaration of Plex's secrets: the UUID that its id follows from, and the account's token if given."""
    found: dict[str, dict[str, Any]] = {
        "plex_machine_identifier": {"kind": "uuid", "variable": "plex_machine_identifier"}
    }
    if given(settings["plex_token"]):
        found["plex_token"] = {"kind": "given", "variable": "plex_token", "value": settings["plex_token"]}
    return found


def preferences(settings: Settings) -> dict[str, Any]:
    """Return the preferences that a variable asks for."""
    networks = ",".join(settings["media_lan_subnets"])
    wanted = {
        "FriendlyName": settings["plex_friendly_name"],
        "TranscoderTempDirectory": TRANSCODE,
        "allowMediaDeletion": bool(settings["plex_media_writable"]),
        **({"LanNetworksBandwidth": networks} if networks else {}),
    }
    spelling = {name.lower(): name for name in wanted}
    for name, value in settings["plex_preferences"].items():
        wanted[spelling.get(name.lower(), name)] = value
    return wanted


def policy(settings: Settings) -> dict[str, Any]:
    """Return the preferences of which no variable says anything, and that the role has good values for."""
    told = {name.lower() for name in preferences(settings)}
    return {name: value for name, value in POLICY.items() if name.lower() not in told}


def preferences_file(settings: Settings) -> str:
    """Return the text of a first Preferences.xml, with tokens from which the host makes the server's id."""
    attributes = {
        "MachineIdentifier": "@@secret:plex_machine_identifier@@",
        "ProcessedMachineIdentifier": "@@secret:plex_machine_identifier:plex@@",
        **{
            name: plex_preferences.in_file(value)
            for name, value in {**policy(settings), **preferences(settings)}.items()
        },
    }
    text = " ".join(f"{name}={quoteattr(value)}" for name, value in attributes.items())
    return f'<?xml version="1.0" encoding="utf-8"?>\n<Preferences {text}/>\n'


def libraries(settings: Settings, kept: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the libraries as the module takes them: the declared ones, and one for each kept one without any.

    kept: media_plan.libraries, one for each instance that keeps a library of its own.
    """
    found = [_library(entry, settings["plex_language"]) for entry in settings["plex_libraries"]]
    taken = {folder for library in found for folder in library["locations"]}
    for entry in kept:
        if entry["path"] not in taken and entry.get("type") in KINDS:
            title = entry.get("title") or entry["name"]
            if (entry["type"], title.lower()) in {(each["type"], str(each["name"]).lower()) for each in found}:
                title = f"{title} ({entry['name']})"
            declared = {"name": title, "type": entry["type"], "folders": [entry["name"]]}
            found.append(_library(declared, settings["plex_language"]))
            taken.add(entry["path"])
    return found


def _library(entry: Mapping[str, Any], language: str) -> dict[str, Any]:
    places = [f"{MEDIA}/{folder}" for folder in entry.get("folders") or ()]
    library = {"name": entry["name"], "type": entry["type"], "locations": places, "language": language}
    return {
        **library,
        **{key: entry[key] for key in ("agent", "scanner", "language", "state") if given(entry.get(key))},
    }


def todo(settings: Settings) -> list[dict[str, str]]:
    """Return what is left for a person to do, each with the service that it is about."""
    if given(settings["plex_token"]):
        return []
    text = "plex_token is not set, your Plex account's token: without it nobody claims Plex, and nobody is told by it"
    return [{"service": "plex", "text": text}]
