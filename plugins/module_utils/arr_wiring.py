# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each application of the arr role has to be told through its API, derived from who else is on the host.

The result is the list of applications that module servarr takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.arr import Settings, indexer_secret, instances
from ansible_collections.homelab.media.plugins.module_utils.arr_kinds import KINDS, SERVED, Kind

Apis = Mapping[str, Mapping[str, Any]]
Resources = dict[str, list[Any]]


def applications(settings: Settings, plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return every instance that this run is about, with all that has to be true in it.

    plan: the fact media_plan; its apis say who is there, its libraries what each instance keeps.
    """
    libraries = {library["service"]: library for library in plan["libraries"]}
    found = []
    for instance, kind in instances(settings):
        name = str(instance["name"])
        if name not in plan["apis"] or name not in plan["scope"]:
            continue
        api = plan["apis"][name]
        own = instance.get("settings") or {}
        # Behind the VPN nobody reaches what listens on the host, which Plex does.
        shut_in = (instance.get("egress") or settings["arr_egress"]) == "vpn"
        apis = {key: value for key, value in plan["apis"].items() if not (shut_in and value["kind"] == "plex")}
        derived = _derived(settings, apis, name, kind, libraries.get(name))
        found.append(
            {
                "name": name,
                "kind": kind.api,
                "url": api["local_url"],
                "api_key_file": f"{settings['media_root']}/secrets/{api['key']}",
                "password_file": f"{settings['media_root']}/secrets/arr_password",
                "settings": _laid_over(_settings(settings, kind), own),
                "resources": _merged(derived, instance.get("resources") or {}),
                "prune": dict(instance.get("prune") or {}),
            }
        )
    return found


def _settings(settings: Settings, kind: Kind) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {"host": {"username": str(settings["arr_username"]).lower()}}
    if kind.library:
        found["mediamanagement"] = {"copyUsingHardlinks": True, **settings["arr_media_management"]}
        found["downloadclient"] = {"enableCompletedDownloadHandling": True}
        found["naming"] = {kind.rename: True}
    return found


def _laid_over(under: Mapping[str, Mapping[str, Any]], over: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    names = list(dict.fromkeys([*under, *over]))
    return {name: {**under.get(name, {}), **(over.get(name) or {})} for name in names}


def _derived(settings: Settings, apis: Apis, name: str, kind: Kind, library: Mapping[str, str] | None) -> Resources:
    if kind.api == "prowlarr":
        return _prowlarr(settings, apis, name)
    found: Resources = {}
    if library:
        found["rootfolder"] = [_root_folder(library, kind)]
        found["downloadclient"] = _download_clients(settings, apis, kind, library)
    found["notification"] = _notifications(settings, apis, kind)
    return found


def _root_folder(library: Mapping[str, str], kind: Kind) -> dict[str, Any]:
    if not kind.profiles:
        return {"path": library["path"]}
    quality = "eBook" if kind.api == "readarr" else "Any"
    return {
        "path": library["path"],
        "name": library["title"],
        "defaultQualityProfileId": quality,
        "defaultMetadataProfileId": "Standard",
    }


def _download_clients(settings: Settings, apis: Apis, kind: Kind, library: Mapping[str, str]) -> list[dict[str, Any]]:
    found = _of(apis, "nzbget")
    return [
        {
            "name": "NZBGet" if len(found) == 1 else f"NZBGet {service}",
            "implementation": "Nzbget",
            "enable": True,
            "fields": {
                "host": api["host"],
                "port": api["port"],
                "useSsl": False,
                "username": api["username"],
                kind.category: library["name"],
            },
            "secret_fields": {"password": f"{settings['media_root']}/secrets/{api['password']}"},
        }
        for service, api in found.items()
    ]


def _notifications(settings: Settings, apis: Apis, kind: Kind) -> list[dict[str, Any]]:
    """Tell Plex of what comes and goes; without an account token Plex would not listen."""
    if not kind.events:
        return []
    found = {service: api for service, api in _of(apis, "plex").items() if api.get("token")}
    return [
        {
            "name": "Plex" if len(found) == 1 else f"Plex {service}",
            "implementation": "PlexServer",
            **dict.fromkeys(kind.events, True),
            "fields": {"host": api["host"], "port": api["port"], "useSsl": False, "updateLibrary": True},
            "secret_fields": {"authToken": f"{settings['media_root']}/secrets/{api['token']}"},
        }
        for service, api in found.items()
    ]


def _prowlarr(settings: Settings, apis: Apis, name: str) -> Resources:
    served = [(service, api) for service, api in apis.items() if api["kind"] in SERVED]
    labels = {str(label).lower() for indexer in settings["arr_indexers"] for label in indexer.get("tags") or ()}
    return {
        "tag": sorted(labels),
        "appprofile": list(settings["arr_sync_profiles"]),
        "indexer": [_indexer(settings, indexer) for indexer in settings["arr_indexers"]],
        "applications": [
            {
                "name": service,
                "implementation": KINDS[api["kind"]].app,
                "syncLevel": settings["arr_sync_level"],
                "fields": {"prowlarrUrl": apis[name]["url"], "baseUrl": api["url"]},
                "secret_fields": {"apiKey": f"{settings['media_root']}/secrets/{api['key']}"},
            }
            for service, api in served
        ],
    }


def _indexer(settings: Settings, indexer: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": indexer["name"],
        "implementation": "Newznab",
        "enable": indexer.get("enable", True),
        # The applications fetch from the indexer themselves; Prowlarr allows nothing else for Usenet.
        "redirect": True,
        "priority": int(indexer.get("priority", 25)),
        "appProfileId": indexer.get("sync_profile", "Standard"),
        "tags": list(indexer.get("tags") or ()),
        "fields": {
            "baseUrl": str(indexer["url"]).rstrip("/"),
            "apiPath": indexer.get("api_path", "/api"),
            **(indexer.get("fields") or {}),
        },
    }
    if indexer.get("api_key"):
        found["secret_fields"] = {"apiKey": f"{settings['media_root']}/secrets/{indexer_secret(indexer)}"}
    return found


def _of(apis: Apis, kind: str) -> dict[str, Mapping[str, Any]]:
    return {service: api for service, api in apis.items() if api["kind"] == kind}


def _merged(derived: Resources, own: Mapping[str, Any]) -> Resources:
    """Return what is derived and what a person adds; an entry of the same name is theirs."""
    found = {}
    for resource in dict.fromkeys([*derived, *own]):
        added = list(own.get(resource) or ())
        names = {_name(item) for item in added}
        kept = [item for item in derived.get(resource, ()) if _name(item) not in names]
        if kept or added:
            found[resource] = [*kept, *added]
    return found


def _name(item: Any) -> str:
    if isinstance(item, Mapping):
        return str(item.get("name") or item.get("path") or item.get("label") or id(item)).lower()
    return str(item).lower()
